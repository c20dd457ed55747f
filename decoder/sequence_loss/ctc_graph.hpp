#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/graph/arc.hpp"
#include "decoder/graph/label_contexts.hpp"

namespace harpy {

/// The alignments of one label sequence in connectionist temporal classification as a graph.
///
/// A frame is scored by pdf 0, the blank, or by the unit of a label; a label lasts one frame or
/// more, blanks may stand before, between and after labels, and must between equal ones. State 2 i
/// is the blank after i labels (state 0 also the start), state 2 i + 1 the label number i.
/// Storage is reused from sequence to sequence.
class CtcGraph {
 public:
  /// Labels are among those of `contexts`, whose units are pdfs 0 .. pdf_count - 1.
  void assign(std::span<const std::int32_t> labels, std::int32_t pdf_count,
              const LabelContexts& contexts = {});

  /// Valid until the next assign.
  GraphView view() const;

  /// Frames of the shortest alignment: one for each label and one for each blank between equal
  /// labels.
  static std::int64_t least_frame_count(std::span<const std::int32_t> labels);

 private:
  void add_state(float final_cost);
  void add_arc(std::int32_t target, std::int32_t pdf);

  std::int32_t pdf_count_ = 0;
  std::vector<std::uint32_t> arc_begin_, epsilon_begin_;
  std::vector<std::uint8_t> epsilon_level_;
  std::vector<float> final_cost_;
  std::vector<Arc> arcs_;
};

}  // namespace harpy

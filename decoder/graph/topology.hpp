#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "decoder/graph/label_contexts.hpp"

namespace harpy {

/// How a label turns into frames; the numbers are part of the graph file format.
///
/// State s of unit u (LabelContexts) is pdf pdfs_per_label * u + s. Unit 0 is blank; where there is
/// none, its pdfs are in no path.
enum class Topology : std::uint32_t {
  kCtc = 0,         ///< one or more frames of the label, any number of blank frames between labels,
                    ///< at least one between equal ones (Graves et al. 2006)
  kOneState = 1,    ///< one or more frames of the label; nothing between labels
  kThreeState = 2,  ///< one or more frames of each of three states, from left to right (Bakis 1976)
};

/// Errors: std::invalid_argument naming the topologies there are.
Topology parse_topology(std::string_view name);
std::string_view topology_name(Topology topology);

/// The names of all topologies, by number.
inline constexpr std::array<std::string_view, 3> kTopologyNames{"ctc", "one-state", "three-state"};

constexpr std::int32_t pdfs_per_label(Topology topology) {
  return topology == Topology::kThreeState ? 3 : 1;
}

/// The meaning of one input of a graph that another toolkit made: it is listed in a table, since it
/// does not follow from a topology. Part of the graph file format.
struct ListedInput {
  static constexpr std::uint32_t kBeginsLabel = 1;  ///< it is the first frame of its label
  static constexpr std::uint32_t kBeginsWord = 2;   ///< its label is the first one of a word,
  static constexpr std::uint32_t kEndsWord = 4;     ///< or the last one
  static constexpr std::uint32_t kIsSilence = 8;    ///< nobody speaks, whether in a word or not

  std::int32_t label = 0;   ///< 0: silence and noise between words
  std::uint32_t flags = 0;  ///< a sum of the above

  constexpr bool has(std::uint32_t flag) const { return (flags & flag) != 0; }
  bool operator==(const ListedInput&) const = default;
};

/// The inputs that a label's frames have behind another label, in graphs with listed inputs. Part
/// of the graph file format.
struct LabelInputs {
  /// In the place of the label before: wherever nothing else is listed.
  static constexpr std::int32_t kAnywhere = -1;

  std::int32_t before = 0;  ///< 0: at the start
  std::int32_t label = 0;
  std::int32_t first = 0;  ///< input of the label's first frame
  std::int32_t loop = 0;   ///< of those behind it; 0: the label lasts one frame

  bool operator==(const LabelInputs&) const = default;
};

/// What the frames of a graph's paths stand for.
struct FrameLabels {
  Topology topology = Topology::kCtc;
  std::int32_t silence_label = 0;  ///< the label between words that is in none; 0: there is none
  LabelContexts contexts = {};     ///< the units of labels
  /// If there are any, each input's meaning, [pdfs]; what is above says nothing then.
  std::vector<ListedInput> listed = {};
  /// Beside listed inputs: how further graphs are made of labels, sorted by the label before and
  /// the label; empty: they cannot be. The silence label stands between words then.
  std::vector<LabelInputs> label_inputs = {};

  /// The label that words are made of whose frame an arc with this input consumes, or 0: an epsilon
  /// arc, blank or silence.
  std::int32_t label(std::int32_t input) const {
    if (input == 0) return 0;
    if (!listed.empty()) return listed[static_cast<std::size_t>(input - 1)].label;
    const std::int32_t label = contexts.label((input - 1) / pdfs_per_label(topology));
    return label == silence_label ? 0 : label;
  }
  /// Whether nobody speaks in the frame of an arc with this input: blank, silence or noise.
  bool is_silence(std::int32_t input) const {
    if (label(input) == 0) return true;
    return !listed.empty() &&
           listed[static_cast<std::size_t>(input - 1)].has(ListedInput::kIsSilence);
  }
  /// The state of the label that the frame belongs to.
  constexpr std::int32_t state(std::int32_t input) const {
    return (input - 1) % pdfs_per_label(topology);
  }

  bool operator==(const FrameLabels&) const = default;
};

}  // namespace harpy

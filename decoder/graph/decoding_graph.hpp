#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "decoder/graph/arc.hpp"

namespace harpy {

/// An arc together with the state it leaves.
struct SourcedArc {
  std::int32_t source = 0;
  Arc arc;
};

/// A graph before it is laid out: arcs in any order.
struct GraphDescription {
  std::int32_t start = 0;
  std::int32_t pdf_count = 0;
  std::vector<SourcedArc> arcs;
  std::vector<float> final_costs;  ///< one for each state, kInfiniteCost where not final
};

/// A graph laid out in rows, as GraphView describes, but for the epsilon levels.
struct GraphRows {
  std::int32_t start = 0;
  std::int32_t pdf_count = 0;
  std::vector<std::uint32_t> arc_begin;      ///< [states + 1]
  std::vector<std::uint32_t> epsilon_begin;  ///< [states]
  std::vector<float> final_costs;            ///< [states]
  std::vector<Arc> arcs;
};

/// An immutable, validated weighted FST in CSR form; owns its arrays or maps them from a file.
/// Copies share the arrays.
///
/// Arcs of one state keep the order of the description, emitting ones first.
/// Threads: const access from any thread.
class DecodingGraph {
 public:
  /// Cost: linear in states and arcs.
  /// Errors: std::invalid_argument naming the first state or arc that is wrong (a state or label
  /// out of range, a cost that is NaN or -infinity, an epsilon cycle, more than 255 epsilon
  /// levels).
  explicit DecodingGraph(const GraphDescription& description);
  explicit DecodingGraph(GraphRows rows);

  /// Arrays that somebody else owns: `storage` keeps them alive. Errors: as above.
  DecodingGraph(const GraphView& view, std::shared_ptr<const void> storage);

  /// Maps the graph of a file that write_graph or write_graph_package wrote, and checks it.
  /// Errors: std::runtime_error naming the file, the place and what is wrong.
  static DecodingGraph map(const std::filesystem::path& path);

  const GraphView& view() const { return view_; }

 private:
  GraphView view_;
  std::shared_ptr<const void> storage_;  ///< arrays or the mapping that view_ points into
};

}  // namespace harpy

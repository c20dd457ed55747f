#include "decoder/graph/decoding_graph.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "decoder/graph/graph_file.hpp"
#include "decoder/graph/graph_sections.hpp"
#include "decoder/graph/graph_validation.hpp"

namespace harpy {

namespace {

struct OwnedArrays {
  GraphRows rows;
  std::vector<std::uint8_t> epsilon_levels;
};

void throw_if(const std::optional<std::string>& defect) {
  if (defect) throw std::invalid_argument("graph: " + *defect);
}

/// Sorts the arcs by (state, emitting before epsilon), keeping the order among equals.
GraphRows lay_out(const GraphDescription& description) {
  const std::size_t state_count = description.final_costs.size();
  if (state_count > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()) ||
      description.arcs.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw std::invalid_argument("graph: too many states or arcs");
  }
  std::vector<std::uint32_t> begin(2 * state_count + 1);  // of both kinds of arcs of each state
  const auto row = [](const SourcedArc& arc) {
    return 2 * static_cast<std::size_t>(arc.source) + (arc.arc.input == 0);
  };
  for (const SourcedArc& arc : description.arcs) {
    if (arc.source < 0 || static_cast<std::size_t>(arc.source) >= state_count) {
      throw std::invalid_argument("graph: arc " + std::to_string(&arc - description.arcs.data()) +
                                  ": source " + std::to_string(arc.source) + " is not one of the " +
                                  std::to_string(state_count) + " states");
    }
    ++begin[row(arc) + 1];
  }
  for (std::size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
  GraphRows rows{.start = description.start,
                 .pdf_count = description.pdf_count,
                 .arc_begin = std::vector<std::uint32_t>(state_count + 1),
                 .epsilon_begin = std::vector<std::uint32_t>(state_count),
                 .final_costs = description.final_costs,
                 .arcs = std::vector<Arc>(description.arcs.size())};
  for (std::size_t state = 0; state < state_count; ++state) {
    rows.arc_begin[state] = begin[2 * state];
    rows.epsilon_begin[state] = begin[2 * state + 1];
  }
  rows.arc_begin[state_count] = begin.back();
  for (const SourcedArc& arc : description.arcs) rows.arcs[begin[row(arc)]++] = arc.arc;
  return rows;
}

GraphView view_rows(const GraphRows& rows) {
  const std::size_t state_count = rows.final_costs.size();
  if (state_count == 0 || rows.arc_begin.size() != state_count + 1 ||
      rows.epsilon_begin.size() != state_count || rows.arc_begin.back() != rows.arcs.size()) {
    throw std::invalid_argument("graph: no states, or rows that do not fit the arcs");
  }
  return {.state_count = static_cast<std::int32_t>(state_count),
          .start = rows.start,
          .pdf_count = rows.pdf_count,
          .epsilon_level_count = 1,
          .arc_begin = rows.arc_begin.data(),
          .epsilon_begin = rows.epsilon_begin.data(),
          .epsilon_level = nullptr,
          .final_cost = rows.final_costs.data(),
          .arcs = rows.arcs.data()};
}

}  // namespace

DecodingGraph::DecodingGraph(const GraphDescription& description)
    : DecodingGraph(lay_out(description)) {}

DecodingGraph::DecodingGraph(GraphRows rows) {
  auto arrays = std::make_shared<OwnedArrays>();
  arrays->rows = std::move(rows);
  view_ = view_rows(arrays->rows);
  throw_if(find_graph_defect(view_));
  arrays->epsilon_levels = compute_epsilon_levels(view_);
  view_.epsilon_level = arrays->epsilon_levels.data();
  view_.epsilon_level_count =
      1 + *std::max_element(arrays->epsilon_levels.begin(), arrays->epsilon_levels.end());
  storage_ = std::move(arrays);
}

DecodingGraph::DecodingGraph(const GraphView& view, std::shared_ptr<const void> storage)
    : view_(view), storage_(std::move(storage)) {
  throw_if(find_graph_defect(view_));
  throw_if(find_level_defect(view_));
}

DecodingGraph DecodingGraph::map(const std::filesystem::path& path) {
  return read_graph(SectionFile(path, kGraphFormat));
}

}  // namespace harpy

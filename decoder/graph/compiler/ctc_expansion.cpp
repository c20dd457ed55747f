#include "decoder/graph/compiler/ctc_expansion.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

namespace harpy {

namespace {

constexpr std::int32_t kNone = -1;  // no frame consumed yet, or no entry
constexpr std::int32_t kBlank = 0;

class CtcExpansion {
 public:
  explicit CtcExpansion(const GraphView& graph)
      : graph_(graph), first_(static_cast<std::size_t>(graph.state_count), kNone) {}

  GraphRows expand() {
    rows_.start = find_or_add(graph_.start, kNone);
    rows_.pdf_count = graph_.pdf_count + 1;
    rows_.arc_begin.push_back(0);
    for (std::size_t next = 0; next < composites_.size(); ++next) {
      add_row(static_cast<std::int32_t>(next));
      if (rows_.arcs.size() > std::numeric_limits<std::uint32_t>::max() ||
          composites_.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
        throw std::invalid_argument("graph: too many states or arcs for the CTC topology");
      }
    }
    return std::move(rows_);
  }

 private:
  struct Composite {
    std::int32_t state;
    std::int32_t last;  ///< label of the last frame, kBlank or kNone
    std::int32_t next;  ///< another one of the same state, or kNone
  };

  std::int32_t find_or_add(std::int32_t state, std::int32_t last) {
    std::int32_t& first = first_[static_cast<std::size_t>(state)];
    for (std::int32_t i = first; i != kNone; i = composites_[static_cast<std::size_t>(i)].next) {
      if (composites_[static_cast<std::size_t>(i)].last == last) return i;
    }
    composites_.push_back({state, last, first});
    first = static_cast<std::int32_t>(composites_.size()) - 1;
    return first;
  }

  std::span<const Arc> label_arcs(std::int32_t state) const {
    return {graph_.arcs + graph_.arc_begin[state], graph_.arcs + graph_.epsilon_begin[state]};
  }
  std::span<const Arc> epsilon_arcs(std::int32_t state) const {
    return {graph_.arcs + graph_.epsilon_begin[state], graph_.arcs + graph_.arc_begin[state + 1]};
  }

  void add_row(std::int32_t index) {
    const Composite from = composites_[static_cast<std::size_t>(index)];
    const float final_cost = graph_.final_cost[from.state];
    // Where only epsilon arcs go on, they were taken in the frame of the label: nothing to wait
    // for.
    if (final_cost != kInfiniteCost || !label_arcs(from.state).empty()) add_frame_arcs(index, from);
    rows_.epsilon_begin.push_back(static_cast<std::uint32_t>(rows_.arcs.size()));
    if (from.last != kBlank) {
      for (const Arc& arc : epsilon_arcs(from.state)) {
        add_arc(find_or_add(arc.target, from.last), 0, arc.output, arc.cost);
      }
    }
    rows_.arc_begin.push_back(static_cast<std::uint32_t>(rows_.arcs.size()));
    rows_.final_costs.push_back(final_cost);
  }

  void add_frame_arcs(std::int32_t index, const Composite& from) {
    if (from.last > kBlank) add_arc(index, from.last + 1, 0, 0.0F);
    add_arc(find_or_add(from.state, kBlank), kBlank + 1, 0, 0.0F);
    for (const Arc& arc : label_arcs(from.state)) {
      if (arc.input == from.last) continue;  // the same label again needs a blank between
      add_arc(find_or_add(arc.target, arc.input), arc.input + 1, arc.output, arc.cost);
    }
  }

  void add_arc(std::int32_t target, std::int32_t input, std::int32_t output, float cost) {
    rows_.arcs.push_back({target, input, output, cost});
  }

  const GraphView& graph_;
  std::vector<std::int32_t> first_;  ///< composite of each state that was added last
  std::vector<Composite> composites_;
  GraphRows rows_;
};

}  // namespace

GraphRows expand_ctc(const GraphView& graph) { return CtcExpansion(graph).expand(); }

}  // namespace harpy

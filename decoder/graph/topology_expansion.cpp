#include "decoder/graph/topology_expansion.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace harpy {

namespace {

constexpr std::int32_t kNone = -1;  // no frame consumed yet or it does not matter; or no entry
constexpr std::int32_t kBlank = 0;

/// What a path has to remember of its frames.
struct Past {
  std::int32_t pdf = kNone;  ///< of the last frame, where that matters
  std::int32_t label = 0;    ///< the last one, where contexts have pairs

  bool operator==(const Past&) const = default;
};

/// A state of the result.
struct Composite {
  std::int32_t state;
  Past past;
  std::int32_t next;  ///< another one of the same state, or kNone
};

/// Finds the states of the result breadth first; topologies say which arcs leave one.
class Expansion {
 public:
  Expansion(const GraphView& graph, const LabelContexts& contexts)
      : graph_(graph),
        contexts_(contexts),
        first_(static_cast<std::size_t>(graph.state_count), kNone) {}
  virtual ~Expansion() = default;

  GraphRows expand(std::int32_t pdf_count) {
    rows_.start = find_or_add(graph_.start, {});
    rows_.pdf_count = pdf_count;
    rows_.arc_begin.push_back(0);
    for (std::size_t next = 0; next < composites_.size(); ++next) {
      add_row(static_cast<std::int32_t>(next), composites_[next]);
      if (rows_.arcs.size() > std::numeric_limits<std::uint32_t>::max() ||
          composites_.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
        throw std::invalid_argument("graph: too many states or arcs once labels become frames");
      }
    }
    return std::move(rows_);
  }

 protected:
  /// Adds arcs and the final cost by frame_arc, end_frame_arcs, epsilon_arc and end_row.
  virtual void add_row(std::int32_t index, Composite from) = 0;

  std::int32_t find_or_add(std::int32_t state, const Past& past) {
    std::int32_t& first = first_[static_cast<std::size_t>(state)];
    for (std::int32_t i = first; i != kNone; i = composites_[static_cast<std::size_t>(i)].next) {
      if (composites_[static_cast<std::size_t>(i)].past == past) return i;
    }
    composites_.push_back({state, past, first});
    first = static_cast<std::int32_t>(composites_.size()) - 1;
    return first;
  }

  const LabelContexts& contexts() const { return contexts_; }
  float final_cost(std::int32_t state) const { return graph_.final_cost[state]; }
  std::span<const Arc> label_arcs(std::int32_t state) const {
    return {graph_.arcs + graph_.arc_begin[state], graph_.arcs + graph_.epsilon_begin[state]};
  }
  std::span<const Arc> epsilon_arcs(std::int32_t state) const {
    return {graph_.arcs + graph_.epsilon_begin[state], graph_.arcs + graph_.arc_begin[state + 1]};
  }

  /// A frame of `pdf` within a label.
  void frame_arc(std::int32_t target, std::int32_t pdf) {
    rows_.arcs.push_back({.target = target, .input = pdf + 1, .output = 0, .cost = 0.0F});
  }
  /// The first frame of an arc's label, which the path reaches with this past.
  void unit_arc(const Arc& arc, std::int32_t states_per_label, const Past& past) {
    const std::int32_t pdf = contexts_.unit(past.label, arc.input) * states_per_label;
    const Past behind{pdf, contexts_.empty() ? 0 : arc.input};
    entry_arc(arc, pdf, behind);
  }
  void entry_arc(const Arc& arc, std::int32_t pdf, const Past& behind) {
    rows_.arcs.push_back({find_or_add(arc.target, behind), pdf + 1, arc.output, arc.cost});
  }
  void end_frame_arcs() {
    rows_.epsilon_begin.push_back(static_cast<std::uint32_t>(rows_.arcs.size()));
  }
  void epsilon_arc(const Arc& arc, const Past& past) {
    rows_.arcs.push_back({find_or_add(arc.target, past), 0, arc.output, arc.cost});
  }
  void end_row(float final_cost) {
    rows_.arc_begin.push_back(static_cast<std::uint32_t>(rows_.arcs.size()));
    rows_.final_costs.push_back(final_cost);
  }

 private:
  const GraphView& graph_;
  const LabelContexts& contexts_;
  std::vector<std::int32_t> first_;  ///< composite of each state that was added last
  std::vector<Composite> composites_;
  GraphRows rows_;
};

class CtcExpansion final : public Expansion {
 public:
  using Expansion::Expansion;

 private:
  void add_row(std::int32_t index, Composite from) override {
    // Where only epsilon arcs go on, they were taken in the frame of the label: nothing to wait
    // for.
    if (final_cost(from.state) != kInfiniteCost || !label_arcs(from.state).empty()) {
      add_frame_arcs(index, from);
    }
    end_frame_arcs();
    if (from.past.pdf != kBlank) {
      for (const Arc& arc : epsilon_arcs(from.state)) epsilon_arc(arc, from.past);
    }
    end_row(final_cost(from.state));
  }

  void add_frame_arcs(std::int32_t index, const Composite& from) {
    const bool in_label = from.past.pdf > kBlank;
    if (in_label) frame_arc(index, from.past.pdf);
    frame_arc(find_or_add(from.state, {kBlank, from.past.label}), kBlank);
    for (const Arc& arc : label_arcs(from.state)) {
      // The same label again needs a blank between.
      if (in_label && arc.input == contexts().label(from.past.pdf)) continue;
      unit_arc(arc, 1, from.past);
    }
  }
};

/// Left-to-right chains of states_per_label states with loops.
class ChainExpansion final : public Expansion {
 public:
  ChainExpansion(const GraphView& graph, const LabelContexts& contexts,
                 std::int32_t states_per_label)
      : Expansion(graph, contexts), states_per_label_(states_per_label) {}

 private:
  void add_row(std::int32_t index, Composite from) override {
    const std::int32_t pdf = from.past.pdf;
    if (pdf != kNone) frame_arc(index, pdf);
    if (pdf != kNone && pdf % states_per_label_ + 1 < states_per_label_) {  // within the label
      frame_arc(find_or_add(from.state, {pdf + 1, from.past.label}), pdf + 1);
      end_frame_arcs();
      end_row(kInfiniteCost);
      return;
    }
    for (const Arc& arc : label_arcs(from.state)) unit_arc(arc, states_per_label_, from.past);
    end_frame_arcs();
    for (const Arc& arc : epsilon_arcs(from.state)) epsilon_arc(arc, {kNone, from.past.label});
    end_row(final_cost(from.state));
  }

  std::int32_t states_per_label_;
};

/// Labels whose first frame is scored by another pdf than those behind it, both by the label
/// before.
class ListedExpansion final : public Expansion {
 public:
  ListedExpansion(const GraphView& graph, const FrameLabels& frame_labels)
      : Expansion(graph, frame_labels.contexts), inputs_(frame_labels.label_inputs) {}

 private:
  void add_row(std::int32_t index, Composite from) override {
    if (from.past.pdf != kNone) frame_arc(index, from.past.pdf);
    for (const Arc& arc : label_arcs(from.state)) {
      const LabelInputs& inputs = find_inputs(from.past.label, arc.input);
      entry_arc(arc, inputs.first - 1, {inputs.loop == 0 ? kNone : inputs.loop - 1, arc.input});
    }
    end_frame_arcs();
    for (const Arc& arc : epsilon_arcs(from.state)) epsilon_arc(arc, {kNone, from.past.label});
    end_row(final_cost(from.state));
  }

  const LabelInputs& find_inputs(std::int32_t before, std::int32_t label) const {
    for (const std::int32_t place : {before, LabelInputs::kAnywhere}) {
      const auto found = std::ranges::lower_bound(
          inputs_, std::pair(place, label), {},
          [](const LabelInputs& entry) { return std::pair(entry.before, entry.label); });
      if (found != inputs_.end() && found->before == place && found->label == label) return *found;
    }
    throw std::invalid_argument("graph: label " + std::to_string(label) + " has no inputs");
  }

  const std::vector<LabelInputs>& inputs_;
};

}  // namespace

GraphRows expand_topology(const GraphView& labels, Topology topology,
                          const LabelContexts& contexts) {
  const std::int32_t pdf_count =
      contexts.unit_count(labels.pdf_count + 1) * pdfs_per_label(topology);
  if (topology == Topology::kCtc) return CtcExpansion(labels, contexts).expand(pdf_count);
  return ChainExpansion(labels, contexts, pdfs_per_label(topology)).expand(pdf_count);
}

GraphRows expand_label_inputs(const GraphView& labels, const FrameLabels& frame_labels) {
  return ListedExpansion(labels, frame_labels)
      .expand(static_cast<std::int32_t>(frame_labels.listed.size()));
}

}  // namespace harpy

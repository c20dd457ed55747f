#include "decoder/lattice/rescoring.hpp"

#include <cmath>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>

namespace harpy {

namespace {

/// Below it, in nats, a lattice that is still too large is given up.
constexpr double kLeastBeam = 0.1;
/// So many arcs are made between two looks at the clock.
constexpr std::size_t kArcsPerLook = 256;

}  // namespace

/// One try to rescore a lattice.
class LatticeRescorer::Expansion {
 public:
  Expansion(const LatticeRescorer& rescorer, const CompactLattice& lattice,
            const RescoringLimits& limits)
      : rescorer_(rescorer),
        lattice_(lattice),
        limits_(limits),
        reached_(lattice.states().size()) {}

  enum class Outcome { kDone, kTooLarge, kTooLate };

  Outcome run() {
    reach({.state = 0,
           .contexts = {rescorer_.models_.graph->start(), rescorer_.models_.larger->start()}});
    for (std::uint32_t state = 0; state < reached_.size(); ++state) {
      for (const ContextPair& contexts : reached_[state]) {
        if (const Outcome outcome = leave({state, contexts}); outcome != Outcome::kDone) {
          return outcome;
        }
      }
    }
    return Outcome::kDone;
  }

  /// What came of it when it is done.
  CompactLattice take() {
    std::vector<std::uint32_t> first(reached_.size());  // of the states that a state became
    std::uint32_t count = 0;
    for (std::size_t state = 0; state < reached_.size(); ++state) {
      first[state] = count;
      count += static_cast<std::uint32_t>(reached_[state].size());
    }
    for (std::size_t i = 0; i < arcs_.size(); ++i) arcs_[i].target += first[target_states_[i]];
    return {
        std::move(states_), std::move(arcs_), {lattice_.labels().begin(), lattice_.labels().end()}};
  }

 private:
  /// What the two models look at behind the words of a path.
  struct ContextPair {
    NgramContext graph;
    NgramContext larger;

    bool operator==(const ContextPair&) const = default;
  };

  /// A lattice's state behind certain words.
  struct ExpandedState {
    std::uint32_t state = 0;
    ContextPair contexts;

    bool operator==(const ExpandedState&) const = default;
  };

  struct ExpandedStateHash {
    std::size_t operator()(const ExpandedState& expanded) const {
      std::uint64_t hash = expanded.state;
      const auto mix = [&hash](const NgramContext& context) {
        for (const std::uint32_t ngram : context.ngrams) {
          hash = (hash ^ ngram) * 0x9E3779B97F4A7C15U;
          hash ^= hash >> 32U;
        }
      };
      mix(expanded.contexts.graph);
      mix(expanded.contexts.larger);
      return hash;
    }
  };

  /// The place of an expanded state among those of its lattice state.
  std::uint32_t reach(const ExpandedState& expanded) {
    std::vector<ContextPair>& reached = reached_[expanded.state];
    const auto [found, is_new] =
        places_.try_emplace(expanded, static_cast<std::uint32_t>(reached.size()));
    if (is_new) reached.push_back(expanded.contexts);
    return found->second;
  }

  Outcome leave(const ExpandedState& from) {
    const auto source = static_cast<std::uint32_t>(states_.size());
    CompactLatticeState state = lattice_.states()[from.state];
    if (!std::isinf(state.final_cost())) {
      state.final.graph_cost +=
          rescorer_.difference(rescorer_.models_.larger->final_cost(from.contexts.larger),
                               rescorer_.models_.graph->final_cost(from.contexts.graph));
    }
    states_.push_back(state);
    for (CompactLatticeArc arc : lattice_.arcs_from(from.state)) {
      if (arcs_.size() == limits_.max_arcs) return Outcome::kTooLarge;
      if (arcs_.size() % kArcsPerLook == 0 &&
          std::chrono::steady_clock::now() >= limits_.deadline) {
        return Outcome::kTooLate;
      }
      target_states_.push_back(arc.target);
      ExpandedState to{.state = arc.target, .contexts = from.contexts};
      if (arc.word != 0) arc.weight.graph_cost += pass(arc.word, to.contexts);
      arc.source = source;
      arc.target = reach(to);
      arcs_.push_back(arc);
    }
    return Outcome::kDone;
  }

  /// Goes on by a word and returns what it adds to the path's cost.
  double pass(std::int32_t word, ContextPair& contexts) const {
    const ModelWord numbers = rescorer_.word_of(word);
    const NgramStep graph = rescorer_.models_.graph->step(contexts.graph, numbers.graph);
    const NgramStep larger = rescorer_.models_.larger->step(contexts.larger, numbers.larger);
    contexts = {graph.next, larger.next};
    return numbers.is_in_both() ? rescorer_.difference(larger.cost, graph.cost) : 0.0;
  }

  const LatticeRescorer& rescorer_;
  const CompactLattice& lattice_;
  const RescoringLimits& limits_;
  std::vector<std::vector<ContextPair>> reached_;  ///< [states of the lattice]
  std::unordered_map<ExpandedState, std::uint32_t, ExpandedStateHash> places_;
  std::vector<CompactLatticeState> states_;
  std::vector<CompactLatticeArc> arcs_;       ///< targets are places within their lattice states
  std::vector<std::uint32_t> target_states_;  ///< of the arcs
};

LatticeRescorer::LatticeRescorer(Models models, const SymbolTable& words, double scale)
    : models_(std::move(models)), scale_(scale) {
  if (!(scale >= 0.0) || std::isinf(scale)) {
    throw std::invalid_argument("rescoring: expected a scale of at least 0, got " +
                                std::to_string(scale));
  }
  bool is_any_known = false;
  words_.reserve(static_cast<std::size_t>(words.size()));
  for (const std::string& name : words.names()) {
    words_.push_back({models_.graph->find(name), models_.larger->find(name)});
    is_any_known = is_any_known || words_.back().is_in_both();
  }
  if (!is_any_known && words.size() > 1) {
    throw std::invalid_argument("rescoring: no word of the graph is in both n-gram models");
  }
}

LatticeRescorer::ModelWord LatticeRescorer::word_of(std::int32_t word) const {
  const auto place = static_cast<std::size_t>(word);
  return place < words_.size() ? words_[place] : ModelWord{};
}

double LatticeRescorer::difference(double larger_cost, double graph_cost) const {
  if (std::isinf(larger_cost) || std::isinf(graph_cost)) return 0.0;
  return scale_ * (larger_cost - graph_cost);
}

std::optional<CompactLattice> LatticeRescorer::rescore(const CompactLattice& lattice,
                                                       const RescoringLimits& limits) const {
  if (lattice.empty()) return lattice;
  std::optional<CompactLattice> pruned;
  for (double beam = limits.beam;; beam /= 2.0) {
    Expansion expansion(*this, pruned ? *pruned : lattice, limits);
    switch (expansion.run()) {
      case Expansion::Outcome::kDone:
        return expansion.take();
      case Expansion::Outcome::kTooLate:
        return std::nullopt;
      case Expansion::Outcome::kTooLarge:
        if (beam < kLeastBeam) return std::nullopt;
        pruned = prune(lattice, beam);
    }
  }
}

}  // namespace harpy

#include "decoder/lattice/determinize.hpp"

#include <algorithm>
#include <cmath>
#include <queue>
#include <span>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "decoder/lattice/sorted_lattice.hpp"
#include "decoder/lattice/word_exits.hpp"

namespace harpy {

namespace {

/// Costs that differ by less than this are the same sum in another order.
constexpr double kCostQuantum = 1e-6;
std::int64_t quantised(double cost) { return std::llround(cost / kCostQuantum); }

/// A place in the raw lattice that words reach, and what its best path costs and has for labels
/// beyond what was given to the arcs of the compact lattice.
struct Residue {
  std::uint32_t place = 0;
  double graph_cost = 0.0;
  double acoustic_cost = 0.0;
  std::uint32_t labels_begin = 0;
  std::uint32_t labels_end = 0;

  double cost() const { return graph_cost + acoustic_cost; }
};

/// A state of the compact lattice.
struct Subset {
  std::uint32_t residues_begin = 0;
  std::uint32_t residues_end = 0;
  double cost = 0.0;  ///< of the best way to it
};

/// An arc to be made: the best path over it has this cost.
struct Task {
  double cost = 0.0;
  std::uint32_t subset = 0;
  std::int32_t word = 0;

  bool operator>(const Task& other) const {
    return std::tie(cost, subset, word) > std::tie(other.cost, other.subset, other.word);
  }
};

/// A way from a residue over an exit.
struct Step {
  Residue residue;  ///< behind it, its labels still to be made
  const Residue* from = nullptr;
  std::span<const std::int32_t> labels;  ///< of the exit
};

class Determinizer {
 public:
  Determinizer(const Lattice& lattice, const DeterminizationOptions& options)
      : options_(options), exits_(lattice, options.beam) {}

  CompactLattice run() {
    if (std::isinf(exits_.limit())) return {};
    residues_.push_back({});
    add_subset({0, 1, 0.0});
    while (!tasks_.empty() && arcs_.size() < options_.max_arcs) {
      const Task task = tasks_.top();
      tasks_.pop();
      make_arc(task);
    }
    return make_sorted(std::move(states_), arcs_, labels_);
  }

 private:
  std::span<const Residue> residues(const Subset& subset) const {
    return std::span(residues_).subspan(subset.residues_begin,
                                        subset.residues_end - subset.residues_begin);
  }
  template <typename Range>
  std::span<const std::int32_t> labels(const Range& range) const {
    return std::span(labels_).subspan(range.labels_begin, range.labels_end - range.labels_begin);
  }

  /// Adds a state with what ends there, and tasks for the arcs that leave it.
  void add_subset(const Subset& subset) {
    const auto index = static_cast<std::uint32_t>(subsets_.size());
    subsets_.push_back(subset);
    CompactLatticeState& state = states_.emplace_back();
    word_costs_.clear();
    for (std::uint32_t i = subset.residues_begin; i < subset.residues_end; ++i) {
      const Residue residue = residues_[i];
      for (const WordExit& exit : exits_.from(residue.place)) {
        const double cost = subset.cost + residue.cost() + exit.cost();
        if (exit.word == 0) {
          if (cost <= exits_.limit()) end_at(state, residue, exit);
        } else if (const double whole = cost + exits_.to_end()[exit.target];
                   whole <= exits_.limit()) {
          const auto [place, is_new] = word_costs_.try_emplace(exit.word, whole);
          if (!is_new) place->second = std::min(place->second, whole);
        }
      }
    }
    for (const auto& [word, cost] : word_costs_) tasks_.push({cost, index, word});
  }

  void end_at(CompactLatticeState& state, const Residue& residue, const WordExit& exit) {
    if (residue.cost() + exit.cost() >= state.final.cost()) return;
    state.final = {residue.graph_cost + exit.graph_cost,
                   residue.acoustic_cost + exit.acoustic_cost};
    const Step step{.residue = {}, .from = &residue, .labels = exits_.labels(exit)};
    std::tie(state.final.labels_begin, state.final.labels_end) =
        append_labels(step, 0, label_count(step));
  }

  void make_arc(const Task& task) {
    find_steps(task);
    const auto best =
        std::ranges::min_element(steps_, {}, [](const Step& step) { return step.residue.cost(); });
    CompactLatticeArc arc{
        task.subset, 0, task.word, {best->residue.graph_cost, best->residue.acoustic_cost}};
    const double cost = subsets_[task.subset].cost + arc.cost();
    const std::size_t shared = shared_label_count();
    std::tie(arc.weight.labels_begin, arc.weight.labels_end) = append_labels(steps_[0], 0, shared);
    next_.clear();
    for (const Step& step : steps_) {
      Residue residue = step.residue;
      residue.graph_cost -= arc.weight.graph_cost;
      residue.acoustic_cost -= arc.weight.acoustic_cost;
      std::tie(residue.labels_begin, residue.labels_end) =
          append_labels(step, shared, label_count(step));
      next_.push_back(residue);
    }
    arc.target = subset_of_next(cost);
    arcs_.push_back(arc);
  }

  /// Finds the best way of a task's word to each place, by place. What cannot be within the beam of
  /// the best way's future, whatever comes before, is left out.
  void find_steps(const Task& task) {
    steps_.clear();
    const Subset& subset = subsets_[task.subset];
    for (const Residue& residue : residues(subset)) {
      const auto exits =
          std::ranges::equal_range(exits_.from(residue.place), task.word, {}, &WordExit::word);
      for (const WordExit& exit : exits) {
        steps_.push_back({{.place = exit.target,
                           .graph_cost = residue.graph_cost + exit.graph_cost,
                           .acoustic_cost = residue.acoustic_cost + exit.acoustic_cost},
                          &residue,
                          exits_.labels(exit)});
      }
    }
    std::ranges::stable_sort(steps_, {}, [](const Step& step) {
      return std::pair(step.residue.place, step.residue.cost());
    });
    const auto repeated =
        std::ranges::unique(steps_, {}, [](const Step& step) { return step.residue.place; });
    steps_.erase(repeated.begin(), repeated.end());
    const auto whole = [this](const Step& step) {
      return step.residue.cost() + exits_.to_end()[step.residue.place];
    };
    const double limit = whole(*std::ranges::min_element(steps_, {}, whole)) + options_.beam;
    std::erase_if(steps_, [&](const Step& step) { return whole(step) > limit + kCostQuantum; });
  }

  std::size_t label_count(const Step& step) const {
    return labels(*step.from).size() + step.labels.size();
  }
  std::int32_t label(const Step& step, std::size_t index) const {
    const auto first = labels(*step.from);
    return index < first.size() ? first[index] : step.labels[index - first.size()];
  }

  /// How many labels all steps begin with.
  std::size_t shared_label_count() const {
    std::size_t count = label_count(steps_[0]);
    for (std::size_t i = 1; i < steps_.size(); ++i) {
      count = std::min(count, label_count(steps_[i]));
      for (std::size_t k = 0; k < count; ++k) {
        if (label(steps_[i], k) != label(steps_[0], k)) count = k;
      }
    }
    return count;
  }

  /// Appends a step's labels [begin, end).
  std::pair<std::uint32_t, std::uint32_t> append_labels(const Step& step, std::size_t begin,
                                                        std::size_t end) {
    const auto first = static_cast<std::uint32_t>(labels_.size());
    for (std::size_t i = begin; i < end; ++i) {
      const std::int32_t next = label(step, i);
      labels_.push_back(next);
    }
    return {first, static_cast<std::uint32_t>(labels_.size())};
  }

  /// The state whose residues are next_, a new one if there is none.
  std::uint32_t subset_of_next(double cost) {
    std::size_t hash = next_.size();
    const auto mix = [&hash](std::int64_t value) {
      hash = (hash ^ static_cast<std::size_t>(value)) * std::size_t{0x9E3779B97F4A7C15U};
      hash ^= hash >> 29U;
    };
    for (const Residue& residue : next_) {
      mix(residue.place);
      mix(quantised(residue.graph_cost));
      mix(quantised(residue.acoustic_cost));
      for (const std::int32_t label : labels(residue)) mix(label);
    }
    const auto [begin, end] = by_hash_.equal_range(hash);
    for (auto found = begin; found != end; ++found) {
      if (is_next(subsets_[found->second])) {
        if (!next_.empty()) labels_.resize(next_.front().labels_begin);
        return found->second;
      }
    }
    const auto index = static_cast<std::uint32_t>(subsets_.size());
    by_hash_.emplace(hash, index);
    const auto first = static_cast<std::uint32_t>(residues_.size());
    residues_.insert(residues_.end(), next_.begin(), next_.end());
    add_subset({first, static_cast<std::uint32_t>(residues_.size()), cost});
    return index;
  }

  bool is_next(const Subset& subset) const {
    return std::ranges::equal(residues(subset), next_, [&](const Residue& a, const Residue& b) {
      return a.place == b.place && quantised(a.graph_cost) == quantised(b.graph_cost) &&
             quantised(a.acoustic_cost) == quantised(b.acoustic_cost) &&
             std::ranges::equal(labels(a), labels(b));
    });
  }

  const DeterminizationOptions options_;
  WordExits exits_;
  std::vector<Residue> residues_;  ///< of all subsets, each one's by place
  std::vector<Subset> subsets_;
  std::unordered_multimap<std::size_t, std::uint32_t> by_hash_;
  std::priority_queue<Task, std::vector<Task>, std::greater<>> tasks_;
  std::vector<CompactLatticeState> states_;
  std::vector<CompactLatticeArc> arcs_;
  std::vector<std::int32_t> labels_;
  // Of one step.
  std::unordered_map<std::int32_t, double> word_costs_;
  std::vector<Step> steps_;
  std::vector<Residue> next_;
};

}  // namespace

CompactLattice determinize(const Lattice& lattice, const DeterminizationOptions& options) {
  return Determinizer(lattice, options).run();
}

}  // namespace harpy

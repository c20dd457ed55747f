#include "decoder/lattice/n_best.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "decoder/lattice/path_costs.hpp"

namespace harpy {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr std::uint32_t kStart = 0xFFFFFFFFU;

/// A path so far: its last arc and the trace before it.
struct Trace {
  std::uint32_t previous = kStart;
  std::uint32_t arc = 0;
};

/// The best of the paths that reach a state with the words so far.
struct Arrival {
  double cost = kInfinity;
  std::uint32_t trace = kStart;
};
using Arrivals = std::map<std::uint32_t, Arrival>;

/// A word sequence to be continued, or one that is complete.
struct Hypothesis {
  double cost = kInfinity;       ///< of its best complete path
  std::size_t order = 0;         ///< in which it was found
  Arrivals arrivals;             ///< just behind the last word; empty once complete
  std::uint32_t trace = kStart;  ///< of the complete path

  /// Whether this one is to be continued later than the other.
  bool operator<(const Hypothesis& other) const {
    return cost != other.cost ? cost > other.cost : order > other.order;
  }
};

std::int32_t word_of(const LatticeArc& arc) { return arc.output; }
std::int32_t word_of(const CompactLatticeArc& arc) { return arc.word; }

template <typename AnyLattice>
class NBestSearch {
 public:
  explicit NBestSearch(const AnyLattice& lattice)
      : lattice_(lattice), costs_to_end_(costs_to_end(lattice)) {
    if (!lattice.empty()) add_open({{0, {0.0, kStart}}});
  }

  std::vector<LatticePath> take(std::size_t count) {
    std::vector<LatticePath> paths;
    while (paths.size() < count && !queue_.empty()) {
      std::pop_heap(queue_.begin(), queue_.end());
      Hypothesis best = std::move(queue_.back());
      queue_.pop_back();
      if (best.arrivals.empty()) {
        paths.push_back(make_path(best));
      } else {
        extend(std::move(best.arrivals));
      }
    }
    return paths;
  }

 private:
  void push(Hypothesis hypothesis) {
    if (std::isinf(hypothesis.cost)) return;
    hypothesis.order = found_++;
    queue_.push_back(std::move(hypothesis));
    std::push_heap(queue_.begin(), queue_.end());
  }

  void add_open(Arrivals arrivals) {
    Hypothesis open;
    for (const auto& [state, arrival] : arrivals) {
      open.cost = std::min(open.cost, arrival.cost + costs_to_end_[state]);
    }
    open.arrivals = std::move(arrivals);
    push(std::move(open));
  }

  /// Follows arcs without words to wherever the next word begins or the path ends.
  void extend(Arrivals arrivals) {
    std::map<std::int32_t, Arrivals> by_word;
    Hypothesis complete;
    while (!arrivals.empty()) {
      const auto [state, arrival] = *arrivals.begin();
      arrivals.erase(arrivals.begin());
      const double end_cost = arrival.cost + final_cost_of(lattice_.states()[state]);
      if (end_cost < complete.cost) {
        complete.cost = end_cost;
        complete.trace = arrival.trace;
      }
      for (std::uint32_t i = lattice_.arc_begin(state); i < lattice_.arc_begin(state + 1); ++i) {
        const auto& arc = lattice_.arcs()[i];
        const double cost = arrival.cost + arc.cost();
        Arrival& next = (word_of(arc) == 0 ? arrivals : by_word[word_of(arc)])[arc.target];
        if (cost >= next.cost) continue;
        next = {cost, static_cast<std::uint32_t>(traces_.size())};
        traces_.push_back({arrival.trace, i});
      }
    }
    push(std::move(complete));
    for (auto& [word, next] : by_word) add_open(std::move(next));
  }

  LatticePath make_path(const Hypothesis& complete) const {
    LatticePath path;
    path.cost = complete.cost;
    for (std::uint32_t trace = complete.trace; trace != kStart; trace = traces_[trace].previous) {
      path.arcs.push_back(traces_[trace].arc);
    }
    std::reverse(path.arcs.begin(), path.arcs.end());
    for (const std::uint32_t arc : path.arcs) {
      const std::int32_t word = word_of(lattice_.arcs()[arc]);
      if (word != 0) path.words.push_back(word);
    }
    return path;
  }

  const AnyLattice& lattice_;
  std::vector<double> costs_to_end_;
  std::vector<Hypothesis> queue_;  ///< a heap
  std::vector<Trace> traces_;
  std::size_t found_ = 0;
};

template <typename AnyLattice>
LatticePath find_best_path(const AnyLattice& lattice) {
  LatticePath path;
  const std::vector<double> to_end = costs_to_end(lattice);
  path.cost = lattice.empty() ? kInfinity : to_end[0];
  if (std::isinf(path.cost)) return path;
  for (std::uint32_t state = 0; to_end[state] != final_cost_of(lattice.states()[state]);) {
    std::uint32_t index = lattice.arc_begin(state);
    while (lattice.arcs()[index].cost() + to_end[lattice.arcs()[index].target] != to_end[state]) {
      ++index;
    }
    path.arcs.push_back(index);
    const auto& arc = lattice.arcs()[index];
    if (word_of(arc) != 0) path.words.push_back(word_of(arc));
    state = arc.target;
  }
  return path;
}

}  // namespace

std::vector<LatticePath> n_best(const Lattice& lattice, std::size_t count) {
  return NBestSearch(lattice).take(count);
}

std::vector<LatticePath> n_best(const CompactLattice& lattice, std::size_t count) {
  return NBestSearch(lattice).take(count);
}

LatticePath best_path(const Lattice& lattice) { return find_best_path(lattice); }

LatticePath best_path(const CompactLattice& lattice) { return find_best_path(lattice); }

}  // namespace harpy

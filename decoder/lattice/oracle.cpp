#include "decoder/lattice/oracle.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace harpy {

namespace {

constexpr std::uint32_t kNoArc = std::numeric_limits<std::uint32_t>::max();

/// The best way to a state that has used up the reference's first words.
struct Place {
  std::int64_t errors = std::numeric_limits<std::int64_t>::max();
  double cost = 0.0;
  std::uint32_t arc = kNoArc;      ///< the last arc; kNoArc: a word of the reference was left out
  std::uint32_t former_words = 0;  ///< words of the reference used before the last arc

  bool is_reached() const { return errors != std::numeric_limits<std::int64_t>::max(); }
};

class OracleSearch {
 public:
  OracleSearch(const CompactLattice& lattice, std::span<const std::int32_t> reference)
      : lattice_(lattice),
        reference_(reference),
        row_size_(reference.size() + 1),
        places_(lattice.states().size() * row_size_) {}

  OraclePath run() {
    places_[0].errors = 0;
    Place best;
    std::uint32_t best_state = 0;
    for (std::uint32_t state = 0; state < lattice_.states().size(); ++state) {
      leave_out(state);
      for (std::uint32_t i = lattice_.arc_begin(state); i < lattice_.arc_begin(state + 1); ++i) {
        follow(i);
      }
      Place end = place(state, row_size_ - 1);
      end.cost += lattice_.states()[state].final_cost();
      if (std::isinf(end.cost) || !is_better(end, best)) continue;
      best = end;
      best_state = state;
    }
    return path_to(best_state, best);
  }

 private:
  Place& place(std::uint32_t state, std::size_t words) {
    return places_[state * row_size_ + words];
  }
  static bool is_better(const Place& a, const Place& b) {
    return std::tie(a.errors, a.cost) < std::tie(b.errors, b.cost);
  }
  static void improve(Place& place, const Place& other) {
    if (is_better(other, place)) place = other;
  }

  /// Lets words of the reference have no counterpart at a state.
  void leave_out(std::uint32_t state) {
    for (std::uint32_t words = 0; words + 1 < row_size_; ++words) {
      const Place& here = place(state, words);
      if (!here.is_reached()) continue;
      improve(place(state, words + 1), {here.errors + 1, here.cost, kNoArc, words});
    }
  }

  void follow(std::uint32_t index) {
    const CompactLatticeArc& arc = lattice_.arcs()[index];
    for (std::uint32_t words = 0; words < row_size_; ++words) {
      const Place here = place(arc.source, words);
      if (!here.is_reached()) continue;
      const double cost = here.cost + arc.cost();
      const std::int64_t inserted = arc.word == 0 ? 0 : 1;
      improve(place(arc.target, words), {here.errors + inserted, cost, index, words});
      if (arc.word == 0 || words + 1 == row_size_) continue;
      const std::int64_t differs = arc.word == reference_[words] ? 0 : 1;
      improve(place(arc.target, words + 1), {here.errors + differs, cost, index, words});
    }
  }

  OraclePath path_to(std::uint32_t state, const Place& end) {
    OraclePath result;
    result.errors = end.errors;
    result.path.cost = end.cost;
    std::size_t used = row_size_ - 1;
    for (Place at = place(state, used); state != 0 || used != 0; at = place(state, used)) {
      const bool is_counterpart = at.former_words != used;
      used = at.former_words;
      if (at.arc == kNoArc) continue;
      const CompactLatticeArc& arc = lattice_.arcs()[at.arc];
      result.path.arcs.push_back(at.arc);
      if (arc.word != 0) {
        result.path.words.push_back(arc.word);
        result.counterparts.push_back(is_counterpart ? static_cast<std::int32_t>(used) : -1);
      }
      state = arc.source;
    }
    std::ranges::reverse(result.path.arcs);
    std::ranges::reverse(result.path.words);
    std::ranges::reverse(result.counterparts);
    return result;
  }

  const CompactLattice& lattice_;
  const std::span<const std::int32_t> reference_;
  const std::size_t row_size_;
  std::vector<Place> places_;  ///< [states, row_size]
};

}  // namespace

OraclePath oracle_path(const CompactLattice& lattice, std::span<const std::int32_t> reference) {
  const bool has_end = std::ranges::any_of(lattice.states(), [](const CompactLatticeState& state) {
    return std::isfinite(state.final_cost());
  });
  if (!has_end) {
    return {.path = {.cost = std::numeric_limits<double>::infinity()},
            .counterparts = {},
            .errors = static_cast<std::int64_t>(reference.size())};
  }
  return OracleSearch(lattice, reference).run();
}

}  // namespace harpy

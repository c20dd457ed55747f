#include "decoder/lattice/posteriors.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <stdexcept>

#include "decoder/lattice/determinize.hpp"
#include "tests/decoder/lattice/random_lattice.hpp"

namespace harpy {
namespace {

constexpr double kScale = 0.7;

/// Adds a path's probability to the arcs and the end that it takes; returns the sum over all paths.
double add_paths(const CompactLattice& lattice, std::uint32_t state, double cost,
                 std::vector<std::uint32_t>& arcs, LatticePosteriors& sums) {
  double total = 0.0;
  if (const double final = lattice.states()[state].final_cost(); !std::isinf(final)) {
    total = std::exp(-kScale * (cost + final));
    sums.ends[state] += total;
    for (const std::uint32_t arc : arcs) sums.arcs[arc] += total;
  }
  for (std::uint32_t i = lattice.arc_begin(state); i < lattice.arc_begin(state + 1); ++i) {
    const CompactLatticeArc& arc = lattice.arcs()[i];
    arcs.push_back(i);
    total += add_paths(lattice, arc.target, cost + arc.cost(), arcs, sums);
    arcs.pop_back();
  }
  return total;
}

TEST(LatticePosteriors, EqualSumsOverAllPaths) {
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    const CompactLattice lattice =
        determinize(testing::random_raw_lattice(random), {.beam = 1000.0});
    if (lattice.empty()) continue;
    LatticePosteriors sums{.arcs = std::vector<double>(lattice.arcs().size()),
                           .ends = std::vector<double>(lattice.states().size()),
                           .log_to_state = {}};
    std::vector<std::uint32_t> arcs;
    const double total = add_paths(lattice, 0, 0.0, arcs, sums);
    const LatticePosteriors found = lattice_posteriors(lattice, kScale);
    EXPECT_NEAR(found.log_total, std::log(total), 1e-9);
    for (std::size_t k = 0; k < sums.arcs.size(); ++k) {
      EXPECT_NEAR(found.arcs[k], sums.arcs[k] / total, 1e-12);
    }
    for (std::size_t k = 0; k < sums.ends.size(); ++k) {
      EXPECT_NEAR(found.ends[k], sums.ends[k] / total, 1e-12);
    }
  }
}

TEST(LatticePosteriors, OfNothingAreNothing) {
  EXPECT_TRUE(std::isinf(lattice_posteriors({}, 1.0).log_total));
  EXPECT_THROW(lattice_posteriors({}, 0.0), std::invalid_argument);
  EXPECT_THROW(lattice_posteriors({}, std::nan("")), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

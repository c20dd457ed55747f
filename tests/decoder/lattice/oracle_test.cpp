#include "decoder/lattice/oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

#include "decoder/lattice/determinize.hpp"
#include "tests/decoder/lattice/random_lattice.hpp"

namespace harpy {
namespace {

using ::testing::IsEmpty;
using Words = std::vector<std::int32_t>;

std::int64_t errors_between(const Words& first, const Words& second) {
  std::vector<std::int64_t> row(second.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (const std::int32_t word : first) {
    std::int64_t diagonal = row[0]++;
    for (std::size_t k = 1; k < row.size(); ++k) {
      const std::int64_t pair = diagonal + (word == second[k - 1] ? 0 : 1);
      diagonal = row[k];
      row[k] = std::min({pair, row[k] + 1, row[k - 1] + 1});
    }
  }
  return row.back();
}

/// The errors that the pairing of the path's words with the reference's says; pairs keep the order.
std::int64_t errors_by_counterparts(const OraclePath& found, const Words& reference) {
  std::int64_t pairs = 0, wrong = 0, last = -1;
  for (std::size_t i = 0; i < found.counterparts.size(); ++i) {
    const std::int32_t counterpart = found.counterparts[i];
    if (counterpart < 0) continue;
    EXPECT_GT(counterpart, last);
    last = counterpart;
    ++pairs;
    wrong += found.path.words[i] == reference[static_cast<std::size_t>(counterpart)] ? 0 : 1;
  }
  return wrong + std::ssize(found.path.words) + std::ssize(reference) - 2 * pairs;
}

TEST(Oracle, IsTheNearestOfAllPaths) {
  std::mt19937 random(1);
  for (int i = 0; i < 1000; ++i) {
    SCOPED_TRACE(i);
    const CompactLattice lattice =
        determinize(testing::random_raw_lattice(random), {.beam = 1000.0});
    if (lattice.empty()) continue;
    Words reference(random() % 5);
    for (std::int32_t& word : reference) word = static_cast<std::int32_t>(random() % 4) - 1;
    std::erase(reference, 0);
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    double least_cost = std::numeric_limits<double>::infinity();
    for (const auto& [words, best] : testing::all_sequences(lattice)) {
      const std::int64_t errors = errors_between(words, reference);
      if (errors < least) least_cost = best.cost;
      if (errors == least) least_cost = std::min(least_cost, best.cost);
      least = std::min(least, errors);
    }
    const OraclePath found = oracle_path(lattice, reference);
    EXPECT_EQ(found.errors, least);
    EXPECT_EQ(errors_between(found.path.words, reference), least);
    EXPECT_EQ(testing::all_sequences(lattice).at(found.path.words).cost, least_cost);
    EXPECT_EQ(found.path.cost, least_cost);
    EXPECT_EQ(errors_by_counterparts(found, reference), least);
  }
}

TEST(Oracle, OfNothingLeavesAllWordsOut) {
  const OraclePath path = oracle_path({}, Words{1, 2});
  EXPECT_THAT(path.path.words, IsEmpty());
  EXPECT_EQ(path.errors, 2);
}

}  // namespace
}  // namespace harpy

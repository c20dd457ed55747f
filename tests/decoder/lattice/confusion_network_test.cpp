#include "decoder/lattice/confusion_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <stdexcept>

#include "decoder/lattice/determinize.hpp"
#include "decoder/lattice/n_best.hpp"
#include "tests/decoder/lattice/random_lattice.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using Words = std::vector<std::int32_t>;

double edit_distance(const Words& first, const Words& second) {
  std::vector<double> row(second.size() + 1);
  std::iota(row.begin(), row.end(), 0.0);
  for (const std::int32_t word : first) {
    double diagonal = row[0]++;
    for (std::size_t k = 1; k < row.size(); ++k) {
      const double pair = diagonal + (word == second[k - 1] ? 0.0 : 1.0);
      diagonal = row[k];
      row[k] = std::min({pair, row[k] + 1.0, row[k - 1] + 1.0});
    }
  }
  return row.back();
}

/// Mean number of errors of a sequence, over all paths.
double risk(const CompactLattice& lattice, const Words& words, double scale) {
  double total = 0.0;
  double errors = 0.0;
  for (const testing::EnumeratedPath& path : testing::all_paths(lattice)) {
    const double mass = std::exp(-scale * path.cost);
    total += mass;
    errors += mass * edit_distance(path.words, words);
  }
  return errors / total;
}

std::vector<CompactLattice> random_lattices(std::uint32_t seed, int count) {
  std::mt19937 random(seed);
  std::vector<CompactLattice> lattices;
  for (int i = 0; i < count; ++i) {
    CompactLattice lattice = determinize(testing::random_raw_lattice(random), {.beam = 1000.0});
    if (!lattice.empty()) lattices.push_back(std::move(lattice));
  }
  return lattices;
}

/// 1 or 2, then 3 or 4.
CompactLattice two_places() {
  return {{{}, {}, {0, {0.0, 0.0, 0, 0}}},
          {{0, 1, 1, {std::log(4.0 / 3.0), 0.0, 0, 2}},
           {0, 1, 2, {std::log(4.0), 0.0, 0, 2}},
           {1, 2, 3, {std::log(5.0 / 3.0), 0.0, 0, 3}},
           {1, 2, 4, {std::log(5.0 / 2.0), 0.0, 0, 3}}},
          {5, 5, 5}};
}

TEST(ConfusionNetwork, HasTheProbabilitiesOfIndependentPlaces) {
  const Words words{1, 3};
  const ConfusionNetwork network = confusion_network(two_places(), words, 1.0);
  EXPECT_EQ(network.words, words);
  ASSERT_EQ(network.places.size(), 5U);
  ASSERT_EQ(network.places[1].size(), 2U);
  EXPECT_EQ(network.places[1][0].word, 1);
  EXPECT_NEAR(network.places[1][0].probability, 0.75, 1e-9);
  EXPECT_EQ(network.places[1][0].begin_frame, 0.0);
  EXPECT_EQ(network.places[1][0].end_frame, 2.0);
  EXPECT_EQ(network.places[1][1].word, 2);
  EXPECT_NEAR(network.probability_of(1), 0.6, 1e-9);
  EXPECT_EQ(network.places[3][1].word, 4);
  EXPECT_NEAR(network.places[3][1].probability, 0.4, 1e-9);
  EXPECT_NEAR(network.expected_errors, 0.25 + 0.4, 1e-9);
  for (const std::size_t gap : {0U, 2U, 4U}) {
    ASSERT_EQ(network.places[gap].size(), 1U);
    EXPECT_EQ(network.places[gap][0].word, 0);
  }
}

TEST(ConfusionNetwork, KnowsThatAWordMayBeMissing) {
  const CompactLattice lattice(
      {{}, {0, {0.0, 0.0, 0, 0}}},
      {{0, 1, 0, {std::log(4.0), 0.0, 0, 2}}, {0, 1, 7, {std::log(4.0 / 3.0), 0.0, 0, 2}}}, {5, 5});
  const ConfusionNetwork said = confusion_network(lattice, Words{7}, 1.0);
  EXPECT_NEAR(said.probability_of(0), 0.75, 1e-9);
  EXPECT_EQ(said.places[1][1].word, 0);
  const ConfusionNetwork missed = confusion_network(lattice, Words{}, 1.0);
  ASSERT_EQ(missed.places.size(), 1U);
  EXPECT_EQ(missed.places[0][0].word, 7);
  EXPECT_NEAR(missed.places[0][0].probability, 0.75, 1e-9);
  EXPECT_EQ(minimum_bayes_risk(lattice, 1.0).words, Words{7});
}

TEST(ConfusionNetwork, FollowsTheScale) {
  const ConfusionNetwork network = confusion_network(two_places(), Words{2, 3}, 2.0);
  EXPECT_NEAR(network.probability_of(0), 0.1, 1e-9);  // 1/16 : 9/16
}

TEST(ConfusionNetwork, PlacesSumToOneAndErrorsBoundTheRisk) {
  for (const CompactLattice& lattice : random_lattices(1, 400)) {
    const Words words = best_path(lattice).words;
    const ConfusionNetwork network = confusion_network(lattice, words, 0.5);
    for (const auto& place : network.places) {
      const double sum = std::accumulate(
          place.begin(), place.end(), 0.0,
          [](double total, const ConfusedWord& word) { return total + word.probability; });
      EXPECT_NEAR(sum, 1.0, 1e-9);
    }
    // Paths that end in one state share an alignment, which cannot be better than each one's own.
    EXPECT_GE(network.expected_errors, risk(lattice, words, 0.5) - 1e-9);
  }
}

TEST(ConfusionNetwork, OfOnePathIsSureOfIt) {
  for (const CompactLattice& lattice : random_lattices(2, 100)) {
    const CompactLattice path = prune(lattice, 0.0);
    if (testing::all_paths(path).size() != 1) continue;
    const ConfusionNetwork network = minimum_bayes_risk(path, 1.0);
    EXPECT_EQ(network.words, testing::all_paths(path)[0].words);
    EXPECT_NEAR(network.expected_errors, 0.0, 1e-9);
    for (std::size_t i = 0; i < network.words.size(); ++i) {
      EXPECT_NEAR(network.probability_of(i), 1.0, 1e-9);
    }
  }
}

// The search is local, and these lattices are small and unsure of everything: it finds the least of
// all risks mostly, and never more than the best path's.
TEST(MinimumBayesRisk, IsMostlyTheLeastOfAllSequences) {
  int best_count = 0;
  int case_count = 0;
  double found = 0.0;
  double first = 0.0;
  double least = 0.0;
  for (const CompactLattice& lattice : random_lattices(3, 500)) {
    const double scale = 0.3;
    const double risk_found = risk(lattice, minimum_bayes_risk(lattice, scale).words, scale);
    const double risk_first = risk(lattice, best_path(lattice).words, scale);
    double risk_least = risk_first;
    for (const auto& [words, best] : testing::all_sequences(lattice)) {
      risk_least = std::min(risk_least, risk(lattice, words, scale));
    }
    EXPECT_LE(risk_found, risk_first + 1e-9);
    ++case_count;
    best_count += risk_found <= risk_least + 1e-9 ? 1 : 0;
    found += risk_found;
    first += risk_first;
    least += risk_least;
  }
  EXPECT_GT(best_count, case_count * 3 / 4);
  EXPECT_LT(found - least, 0.5 * (first - least));
}

TEST(MinimumBayesRisk, OfNothingIsNothing) {
  EXPECT_TRUE(minimum_bayes_risk({}, 1.0).words.empty());
  const ConfusionNetwork network = confusion_network({}, Words{1}, 1.0);
  EXPECT_EQ(network.places.size(), 3U);
  EXPECT_EQ(network.probability_of(0), 0.0);
  EXPECT_THROW(minimum_bayes_risk(two_places(), -1.0), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

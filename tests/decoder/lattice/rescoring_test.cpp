#include "decoder/lattice/rescoring.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "decoder/language_model/ngram_model.hpp"
#include "decoder/lattice/determinize.hpp"
#include "decoder/lattice/n_best.hpp"
#include "tests/decoder/lattice/random_lattice.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

/// A random model of the words <s>, </s> and those given: some n-grams of each order, with any
/// probabilities.
NgramModel random_model(std::mt19937& random, int order, const std::vector<std::string>& names) {
  Vocabulary words;
  for (const char* marker : {"<s>", "</s>"}) words.add(marker);
  for (const std::string& name : names) words.add(name);
  const auto value = [&] { return -static_cast<float>(random() % 1000) * 0.005F; };
  std::vector<NgramLevel> levels(static_cast<std::size_t>(order));
  for (int n = 1; n <= order; ++n) {
    NgramLevel& level = levels[static_cast<std::size_t>(n) - 1];
    const std::size_t contexts = n == 1 ? 1 : levels[static_cast<std::size_t>(n) - 2].size();
    for (std::size_t context = 0; context < contexts; ++context) {
      if (n > 1) {
        levels[static_cast<std::size_t>(n) - 2].first_child.push_back(
            static_cast<std::uint32_t>(level.size()));
      }
      for (WordId word = 0; word < words.size(); ++word) {
        if (n > 1 && random() % 3 == 0) continue;
        level.words.push_back(word);
        level.log_probabilities.push_back(value());
        if (n < order) level.log_backoffs.push_back(value());
      }
    }
    if (n > 1) {
      levels[static_cast<std::size_t>(n) - 2].first_child.push_back(
          static_cast<std::uint32_t>(level.size()));
    }
  }
  return {std::move(words), std::move(levels)};
}

/// A model and its mapped form.
struct BothForms {
  NgramModel model;
  LatticeRescorer::Model mapped;
};

class Rescoring : public ::testing::Test {
 protected:
  BothForms both_forms(NgramModel model) {
    const std::filesystem::path path =
        directory_.path() / ("model-" + std::to_string(model_count_++) + ".ngram");
    write_mapped_ngram(model, path, 16);
    return {std::move(model), std::make_shared<const MappedNgramModel>(path)};
  }

  const testing::TemporaryDirectory directory_;
  const SymbolTable words_{{"<eps>", "ONE", "TWO"}};
  std::mt19937 random_{1};
  int model_count_ = 0;
};

/// What rescoring is to add to the cost of a word sequence.
double expected_difference(const std::vector<std::int32_t>& sequence, const SymbolTable& names,
                           const NgramModel& graph, const NgramModel& larger) {
  std::vector<WordId> of_graph{graph.vocabulary().sentence_start()};
  std::vector<WordId> of_larger{larger.vocabulary().sentence_start()};
  double difference = 0.0;
  const auto pass = [&](const std::string& name) {
    const WordId in_graph = graph.vocabulary().find(name);
    const WordId in_larger = larger.vocabulary().find(name);
    if (in_graph != kNoWord && in_larger != kNoWord) {
      difference += static_cast<double>(graph.log_probability(of_graph, in_graph)) -
                    static_cast<double>(larger.log_probability(of_larger, in_larger));
    }
    of_graph.push_back(in_graph);
    of_larger.push_back(in_larger);
  };
  for (const std::int32_t word : sequence) pass(names.name(word));
  pass("</s>");
  return difference;
}

TEST_F(Rescoring, GivesEveryPathItsNewCost) {
  const double scale = 0.75;
  int lattices = 0;
  for (int round = 0; round < 300; ++round) {
    const CompactLattice lattice =
        determinize(testing::random_raw_lattice(random_), {.beam = 1000.0});
    if (lattice.empty()) continue;
    ++lattices;
    const int graph_order = 1 + static_cast<int>(random_() % 3);
    const int larger_order = 1 + static_cast<int>(random_() % 4);
    // Now and then a model lacks a word.
    const bool lacks = round % 4 == 0;
    const BothForms graph = both_forms(random_model(random_, graph_order, {"TWO", "ONE"}));
    const BothForms larger =
        both_forms(random_model(random_, larger_order,
                                lacks ? std::vector<std::string>{"X", "ONE"}
                                      : std::vector<std::string>{"X", "ONE", "TWO"}));
    const LatticeRescorer rescorer({graph.mapped, larger.mapped}, words_, scale);
    const std::optional<CompactLattice> rescored = rescorer.rescore(lattice);
    ASSERT_TRUE(rescored);
    const testing::WordSequences before = testing::all_sequences(lattice);
    const testing::WordSequences after = testing::all_sequences(*rescored);
    EXPECT_EQ(testing::all_paths(*rescored).size(), testing::all_paths(lattice).size());
    ASSERT_EQ(after.size(), before.size());
    for (const auto& [sequence, best] : before) {
      const auto found = after.find(sequence);
      ASSERT_NE(found, after.end());
      EXPECT_NEAR(
          found->second.cost,
          best.cost + scale * expected_difference(sequence, words_, graph.model, larger.model),
          1e-9);
      EXPECT_EQ(found->second.labels, best.labels);
    }
  }
  EXPECT_GT(lattices, 100);
}

/// A lattice of some places, between each two of which each of the words may be said.
CompactLattice any_words(std::int32_t word_count, std::uint32_t length) {
  std::vector<CompactLatticeState> states(length + 1);
  states.back().final = {};
  std::vector<CompactLatticeArc> arcs;
  for (std::uint32_t place = 0; place < length; ++place) {
    for (std::int32_t word = 1; word <= word_count; ++word) {
      arcs.push_back({place, place + 1, word, {.graph_cost = word * (1.0 + place * 0.125)}});
    }
  }
  return {std::move(states), std::move(arcs), {}};
}

TEST_F(Rescoring, RecombinesPathsWithTheSameWordsBefore) {
  const LatticeRescorer::Model single = both_forms(random_model(random_, 1, {"ONE", "TWO"})).mapped;
  const LatticeRescorer same({single, single}, words_);
  const CompactLattice lattice = any_words(2, 10);
  EXPECT_EQ(same.rescore(lattice)->states().size(), 11U);

  // With all bigrams a state is one of the last word.
  Vocabulary words;
  for (const char* name : {"<s>", "</s>", "ONE", "TWO"}) words.add(name);
  const NgramModel bigrams(words, {{{0, 1, 2, 3}, {0, -1, -1, -1}, {0, 0, 0, 0}, {0, 0, 0, 1, 2}},
                                   {{2, 3}, {-0.5F, -0.25F}, {}, {}}});
  const LatticeRescorer larger({single, both_forms(bigrams).mapped}, words_);
  EXPECT_EQ(larger.rescore(lattice)->states().size(), 21U);
  EXPECT_EQ(larger.rescore(lattice)->arcs().size(), 2U + 9U * 4U);
}

TEST_F(Rescoring, GivesUpWhenTheDeadlineHasPassed) {
  const LatticeRescorer::Model model = both_forms(random_model(random_, 2, {"ONE", "TWO"})).mapped;
  const LatticeRescorer rescorer({model, model}, words_);
  const auto now = std::chrono::steady_clock::now();
  EXPECT_FALSE(rescorer.rescore(any_words(2, 3), {.deadline = now}));
  EXPECT_TRUE(rescorer.rescore(any_words(2, 3), {.deadline = now + std::chrono::hours(1)}));
}

TEST_F(Rescoring, PrunesWhatWouldBecomeTooLarge) {
  const LatticeRescorer::Model small = both_forms(random_model(random_, 1, {"ONE", "TWO"})).mapped;
  const LatticeRescorer::Model large = both_forms(random_model(random_, 3, {"ONE", "TWO"})).mapped;
  const LatticeRescorer rescorer({small, large}, words_);
  const CompactLattice lattice = any_words(2, 10);
  const std::size_t whole = rescorer.rescore(lattice)->arcs().size();
  EXPECT_EQ(rescorer.rescore(lattice, {.max_arcs = whole})->arcs().size(), whole);
  const auto less = rescorer.rescore(lattice, {.beam = 1.5, .max_arcs = whole - 1});
  ASSERT_TRUE(less);
  // TWO costs more than ONE by 1 in the first place, by 1.125 in the second and so on.
  EXPECT_EQ(testing::all_sequences(*less).size(), 32U);
  EXPECT_FALSE(rescorer.rescore(lattice, {.max_arcs = 9}));
}

TEST_F(Rescoring, OfNothingIsNothing) {
  const LatticeRescorer::Model model = both_forms(random_model(random_, 2, {"ONE"})).mapped;
  EXPECT_TRUE(LatticeRescorer({model, model}, words_).rescore({})->empty());
}

TEST_F(Rescoring, KeepsTheCostOfWordsAddedLater) {
  const LatticeRescorer::Model graph = both_forms(random_model(random_, 1, {"ONE", "TWO"})).mapped;
  const LatticeRescorer::Model larger = both_forms(random_model(random_, 1, {"ONE", "TWO"})).mapped;
  const LatticeRescorer rescorer({graph, larger}, words_);
  const CompactLattice lattice({{}, {.frame = 0, .final = {}}},
                               {{0, 1, 7, {.graph_cost = 3.0, .acoustic_cost = 0.5}}}, {});
  const auto rescored = rescorer.rescore(lattice);
  EXPECT_EQ(rescored->arcs()[0].word, 7);
  EXPECT_EQ(rescored->arcs()[0].weight.graph_cost, 3.0);
  EXPECT_EQ(rescored->arcs()[0].weight.acoustic_cost, 0.5);
}

TEST_F(Rescoring, RefusesWhatCannotBe) {
  const LatticeRescorer::Model model = both_forms(random_model(random_, 1, {"ONE"})).mapped;
  const LatticeRescorer::Model foreign = both_forms(random_model(random_, 1, {"UN"})).mapped;
  EXPECT_THROW(LatticeRescorer({model, model}, words_, -1.0), std::invalid_argument);
  EXPECT_THROW(LatticeRescorer({model, model}, words_, std::nan("")), std::invalid_argument);
  EXPECT_THROW(LatticeRescorer({model, foreign}, words_), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

#include "decoder/graph/compiler/graph_check.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "decoder/graph/compiler/graph_compiler.hpp"
#include "tests/decoder/graph/compiler/arpa_text.hpp"
#include "tests/decoder/graph/compiler/brute_force.hpp"

namespace harpy {
namespace {

class GraphCheckTest : public ::testing::Test {
 protected:
  CompiledGraph compile() const {
    const testing::TemporaryDirectory directory;
    const auto path = directory.path() / "lexicon.dict";
    std::ofstream(path) << "a A\nad A D\nadd A D D\nd D\nred E D\nread E D\nread(2) E A D\n";
    return compile_graph(Lexicon::read(path), model_);
  }

  const NgramModel model_ = testing::model_of(testing::kTrigrams);
};

TEST_F(GraphCheckTest, SentenceCostsAreThoseOfEnumeration) {
  const auto expect = [&](const std::vector<std::string>& words) {
    std::vector<WordId> ids;
    for (const std::string& word : words) ids.push_back(model_.vocabulary().find(word));
    EXPECT_NEAR(least_sentence_cost(model_, ids), testing::least_model_cost(model_, words), 1e-9);
  };
  expect({});
  expect({"A", "D", "RED"});
  expect({"AD", "D", "A", "A", "D"});
  expect({"READ", "ADD", "AD", "D", "D", "RED", "A"});
}

TEST_F(GraphCheckTest, AcceptedCostsAreThoseOfEnumeration) {
  const GraphPackage package = compile().package;
  const std::vector<std::int32_t> frames{1, 1, 2, 0, 2};  // A D D
  const auto costs = testing::graph_costs(package.graph.view(), package.words, frames);
  ASSERT_GE(costs.size(), 3U);  // ADD, AD D, A D D
  for (const auto& [words, cost] : costs) {
    std::vector<std::int32_t> ids;
    for (const std::string& word : words) ids.push_back(*package.words.find(word));
    EXPECT_NEAR(accepted_cost(package.graph.view(), frames, ids), cost, 1e-6);
  }
  EXPECT_EQ(accepted_cost(package.graph.view(), frames, std::vector<std::int32_t>{1}),
            kInfiniteCost);
}

TEST_F(GraphCheckTest, AGoodGraphAgreesWithItsModel) {
  const GraphCheck check = check_graph(compile().package, model_, {.sentence_count = 100});
  EXPECT_EQ(check.sentence_count, 100);
  EXPECT_GT(check.word_count, 50);
  EXPECT_GT(check.frame_count, check.word_count);
  EXPECT_LT(check.largest_difference, 1e-5);
}

TEST_F(GraphCheckTest, KnowsTheProbabilitiesOfPronunciations) {
  const testing::TemporaryDirectory directory;
  const auto path = directory.path() / "lexiconp.txt";
  std::ofstream(path) << "a 0.5 A\nad 1.0 A D\nadd 1.0 A D D\nd 1.0 D\nred 1.0 E D\n"
                         "read 1.0 E D\nread 0.125 E A D\n";
  const CompiledGraph compiled = compile_graph(Lexicon::read(path), model_);
  EXPECT_LT(
      check_graph(compiled.package, model_, {.pronunciation_costs = compiled.pronunciation_costs})
          .largest_difference,
      1e-5);
  EXPECT_GT(check_graph(compiled.package, model_).largest_difference, 0.1);
}

TEST_F(GraphCheckTest, KnowsEveryTopologySilenceAndNoises) {
  const testing::TemporaryDirectory directory;
  const auto path = directory.path() / "lexicon.dict";
  std::ofstream(path) << "a A\nad A D\nadd A D D\nd D\nred E D\nread E D\n[noise] N\n";
  const Lexicon lexicon = Lexicon::read(path, {.phones = {"A", "D", "E", "N", "SIL"}});
  const FillerOptions fillers{.silence = "SIL", .noise_words = {"[NOISE]"}};
  for (const Topology topology : {Topology::kCtc, Topology::kOneState, Topology::kThreeState}) {
    const CompiledGraph compiled =
        compile_graph(lexicon, model_, {.topology = topology, .fillers = fillers});
    const GraphCheck check = check_graph(compiled.package, model_, {.fillers = fillers});
    EXPECT_GT(check.word_count, 50);
    EXPECT_LT(check.largest_difference, 1e-5);
    const FillerOptions others{.silence = "SIL", .silence_probability = 0.9};
    EXPECT_GT(check_graph(compiled.package, model_, {.fillers = others}).largest_difference, 0.1);
  }
}

TEST_F(GraphCheckTest, ASeparatorStandsBetweenAnyTwoWordsAtNoCost) {
  const std::vector<std::string> words{"A", "AD", "ADD", "D", "RED", "READ"};
  const Lexicon lexicon = Lexicon::spell(words, {.phones = {"|", "A", "D", "E", "R"}});
  const FillerOptions fillers{.separator = "|"};
  for (const Topology topology : {Topology::kCtc, Topology::kOneState}) {
    const CompiledGraph compiled =
        compile_graph(lexicon, model_, {.topology = topology, .fillers = fillers});
    const GraphCheck check = check_graph(compiled.package, model_, {.fillers = fillers});
    EXPECT_GT(check.word_count, 50);
    EXPECT_LT(check.largest_difference, 1e-5);
    const auto cost_of = [&](const std::vector<std::int32_t>& frames) {
      const std::vector<std::int32_t> a_ad{*compiled.package.words.find("A"),
                                           *compiled.package.words.find("AD")};
      return accepted_cost(compiled.package.graph.view(), frames, a_ad);
    };
    const double least = cost_of({2, 1, 2, 3});  // A|AD
    EXPECT_NEAR(least, testing::least_model_cost(model_, {"A", "AD"}), 1e-5);
    EXPECT_NEAR(cost_of({1, 2, 1, 2, 3, 1}), least, 1e-5);
    EXPECT_EQ(cost_of({2, 2, 3}), kInfiniteCost);  // AAD
    EXPECT_EQ(cost_of({2, 1, 2, 1, 3}), kInfiniteCost);
  }
}

TEST_F(GraphCheckTest, AWrongCostAndAMissingArcAreFound) {
  const CompiledGraph compiled = compile();
  const GraphView& good = compiled.package.graph.view();
  GraphRows rows{.start = good.start,
                 .pdf_count = good.pdf_count,
                 .arc_begin = {good.arc_begin, good.arc_begin + good.state_count + 1},
                 .epsilon_begin = {good.epsilon_begin, good.epsilon_begin + good.state_count},
                 .final_costs = {good.final_cost, good.final_cost + good.state_count},
                 .arcs = {good.arcs, good.arcs + good.arc_count()}};
  const auto difference = [&](const GraphRows& wrong) {
    GraphPackage package = compiled.package;
    package.graph = DecodingGraph(wrong);
    return check_graph(package, model_).largest_difference;
  };
  GraphRows dearer = rows;
  for (float& cost : dearer.final_costs) cost += 0.5F;
  EXPECT_GT(difference(dearer), 0.05);
  GraphRows without_a_word = rows;
  for (Arc& arc : without_a_word.arcs) {
    if (arc.output == 1) arc.cost = kInfiniteCost;
  }
  EXPECT_EQ(difference(without_a_word), kInfiniteCost);
}

}  // namespace
}  // namespace harpy

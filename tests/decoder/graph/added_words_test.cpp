#include "decoder/graph/added_words.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "decoder/graph/topology_expansion.hpp"
#include "decoder/search/make_beam_search.hpp"

namespace harpy {
namespace {

using LabelSequence = std::vector<std::int32_t>;

constexpr std::int32_t kPdfs = 5;
/// State 0 knows no word before, state 1 is the start, 2 is behind the word 1: both fall back to 0.
constexpr std::int32_t kNoHistory = 0;
constexpr std::int32_t kStart = 1;
constexpr std::int32_t kBehindOne = 2;

/// Adds the phones of a word to a graph over labels, its cost on the first.
void add_word(GraphDescription& graph, const LabelSequence& labels, std::int32_t word, float cost,
              std::int32_t target) {
  std::int32_t state = kNoHistory;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool is_last = i + 1 == labels.size();
    std::int32_t next = target;
    if (!is_last) {
      next = static_cast<std::int32_t>(graph.final_costs.size());
      graph.final_costs.push_back(kInfiniteCost);
    }
    graph.arcs.push_back({state,
                          {.target = next,
                           .input = labels[i],
                           .output = is_last ? word : 0,
                           .cost = i == 0 ? cost : 0.0F}});
    state = next;
  }
}

/// The words 1 (1 2), 2 (3) and 3 (2 2) after a start.
GraphDescription model_of_words() {
  GraphDescription graph{.start = kStart,
                         .pdf_count = kPdfs - 1,
                         .arcs = {},
                         .final_costs = {0.5F, kInfiniteCost, kInfiniteCost}};
  graph.arcs.push_back({kStart, {.target = kNoHistory, .cost = 0.25F}});
  graph.arcs.push_back({kBehindOne, {.target = kNoHistory, .cost = 0.75F}});
  add_word(graph, {1, 2}, 1, 1.0F, kBehindOne);
  add_word(graph, {3}, 2, 2.0F, kNoHistory);
  add_word(graph, {2, 2}, 3, 3.125F, kNoHistory);  // not what 6 costs twice
  return graph;
}

std::shared_ptr<const DecodingGraph> expanded(const GraphDescription& labels) {
  return std::make_shared<DecodingGraph>(
      expand_topology(DecodingGraph(labels).view(), Topology::kCtc));
}

const std::vector<AddedWord>& new_words() {
  // The last one ends with a label with which no word of the model does.
  static const std::vector<AddedWord> words{
      {4, {{1, 3}, {3, 3}}}, {5, {{1, 3, 2}}}, {6, {{2}}}, {7, {{3, 4}}}};
  return words;
}

BestPath best_path(BeamSearch& search, const StreamSteering& steering,
                   const std::vector<float>& scores) {
  const auto stream = search.open(steering);
  const SearchInput input{
      stream.get(), {scores.data(), {static_cast<std::int64_t>(scores.size()) / kPdfs, kPdfs}}};
  search.advance({&input, 1});
  return search.best_path(*stream, true);
}

LabelSequence words_of(const BestPath& path) {
  LabelSequence words;
  for (const PathStep& step : path.steps) {
    if (step.output != 0) words.push_back(step.output);
  }
  return words;
}

TEST(AddedWords, AreFoundAsIfTheGraphHadThem) {
  constexpr float kCost = 1.5F;
  constexpr BeamSearchOptions kWide{.beam = 1000.0F};
  const auto without = expanded(model_of_words());
  GraphDescription with = model_of_words();
  for (const AddedWord& word : new_words()) {
    for (const LabelSequence& labels : word.pronunciations) {
      add_word(with, labels, word.output, kCost, kNoHistory);
    }
  }
  const WordBoundary boundary = find_word_boundary(without->view());
  const StreamSteering steering{
      .added_words = std::make_shared<AddedWords>(without->view(), boundary, new_words(), kCost)};
  const auto search = make_cpu_beam_search(without, kWide);
  const auto expected_search = make_cpu_beam_search(expanded(with), kWide);
  std::mt19937 random(2);
  std::normal_distribution<float> draw(0.0F, 3.0F);
  int added_count = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<float> scores(kPdfs * (1 + random() % 12));
    for (float& score : scores) score = draw(random);
    const BestPath expected = best_path(*expected_search, {}, scores);
    const BestPath got = best_path(*search, steering, scores);
    ASSERT_TRUE(expected.reached_final);
    // Behind a lone last label the next word needs a blank, which the whole graph does not.
    const LabelSequence words = words_of(expected);
    const bool is_lone_in_the_middle =
        words.size() > 1 && std::find(words.begin(), words.end() - 1, 7) != words.end() - 1;
    if (is_lone_in_the_middle) continue;
    EXPECT_NEAR(got.cost, expected.cost, 1e-4);
    EXPECT_EQ(words_of(got), words);
    added_count += !words.empty() && words[0] > 3 ? 1 : 0;
  }
  EXPECT_GT(added_count, 50);
}

TEST(AddedWords, TheBoundaryIsBehindTheBackOffs) {
  const auto graph = expanded(model_of_words());
  const WordBoundary boundary = find_word_boundary(graph->view());
  EXPECT_EQ(boundary.final_cost, 0.5F);
  EXPECT_TRUE(boundary.behind(2));        // the last label of 1 and 3
  EXPECT_TRUE(boundary.behind(3));        // of 2
  EXPECT_FALSE(boundary.behind(1));       // of no word
  EXPECT_EQ(boundary.places.size(), 4U);  // and behind the start, and behind a blank
}

TEST(AddedWords, RefusesGraphsAndWordsOfOtherKinds) {
  GraphDescription loop{
      .pdf_count = 2, .arcs = {{0, {.target = 0, .input = 2}}}, .final_costs = {0}};
  EXPECT_THROW(find_word_boundary(DecodingGraph(loop).view()), std::invalid_argument);
  const auto graph = expanded(model_of_words());
  const WordBoundary boundary = find_word_boundary(graph->view());
  for (const AddedWord& word :
       {AddedWord{9, {}}, AddedWord{9, {{}}}, AddedWord{9, {{0}}}, AddedWord{9, {{kPdfs}}}}) {
    EXPECT_THROW(AddedWords(graph->view(), boundary, std::span(&word, 1), 0.0F),
                 std::invalid_argument);
  }
}

}  // namespace
}  // namespace harpy

#include "service/recognizer/score_layout.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A package of the labels blank, A and B, whose graph does not matter.
GraphPackage package_of(Topology topology) {
  return {.graph = DecodingGraph(GraphDescription{
              .pdf_count = 3 * pdfs_per_label(topology), .arcs = {}, .final_costs = {0.0F}}),
          .frame_labels = {.topology = topology},
          .words = SymbolTable({"<eps>"}),
          .labels = SymbolTable({"<blank>", "A", "B"}),
          .pronunciations = {}};
}

ScoreMatrix matrix_of(std::int64_t columns, const std::vector<float>& values) {
  return {.frame_count = static_cast<std::int64_t>(values.size()) / columns,
          .column_count = columns,
          .values = values};
}

std::vector<float> arranged(std::int64_t columns, const std::vector<float>& values,
                            const ScoreLayout& layout, Topology topology = Topology::kCtc) {
  ScoreMatrix scores = matrix_of(columns, values);
  arrange_scores(scores, package_of(topology), layout);
  return scores.values;
}

void expect_refused(std::int64_t columns, const std::vector<float>& values,
                    const ScoreLayout& layout, const std::string& what,
                    Topology topology = Topology::kCtc) {
  EXPECT_THAT([&] { arranged(columns, values, layout, topology); },
              ThrowsMessage<std::invalid_argument>(HasSubstr(what)));
}

TEST(ScoreLayout, PutsTheBlankFirst) {
  const std::vector<float> values{-1, -2, -3, -4, -5, -6};
  EXPECT_EQ(arranged(3, values, {}), values);
  EXPECT_THAT(arranged(3, values, {.blank_column = 1}), ElementsAre(-2, -1, -3, -5, -4, -6));
  EXPECT_THAT(arranged(3, values, {.blank_column = 2}), ElementsAre(-3, -1, -2, -6, -4, -5));
}

TEST(ScoreLayout, GivesGraphsWithoutBlanksTheirUnusedPdfs) {
  const ScoreLayout layout{.blank_column = std::nullopt, .are_likelihoods = true};
  EXPECT_THAT(arranged(2, {1, -2, -3, 4}, layout, Topology::kOneState),
              ElementsAre(-1e4F, 1, -2, -1e4F, -3, 4));
  EXPECT_THAT(arranged(6, {1, 2, 3, 4, 5, 6}, layout, Topology::kThreeState),
              ElementsAre(-1e4F, -1e4F, -1e4F, 1, 2, 3, 4, 5, 6));
  EXPECT_THAT(arranged(9, {1, 2, 3, 4, 5, 6, 7, 8, 9}, {.blank_column = 1, .are_likelihoods = true},
                       Topology::kThreeState),
              ElementsAre(4, 5, 6, 1, 2, 3, 7, 8, 9));
}

TEST(ScoreLayout, TakesRoundingAndImpossibleLabels) {
  EXPECT_THAT(arranged(3, {0.002F, -kInfinity, -20000}, {}), ElementsAre(0.002F, -1e4F, -1e4F));
  EXPECT_TRUE(arranged(3, {}, {}).empty());
}

TEST(ScoreLayout, RefusesWhatIsNoLogarithmOfAProbability) {
  expect_refused(3, {-1, -2, -3, -4, std::nanf(""), -6}, {}, "at [1, 1], the label \"A\": NaN");
  expect_refused(3, {-1, -2, -3, -4, std::nanf(""), -6}, {.blank_column = 2},
                 "at [1, 1], the label \"B\": NaN");
  expect_refused(3, {-1, 2.5, -3}, {.blank_column = 1},
                 "at [0, 1], the label \"<blank>\": 2.5; expected a natural log-probability, which "
                 "is at most 0");
  expect_refused(3, {-1, -1, -1, 0.25, 0.5, 0.25}, {},
                 "frame 1 has probabilities, which sum to 1; expected their natural logarithms");
  expect_refused(2, {0.25, 0.75}, {.blank_column = std::nullopt, .are_likelihoods = true},
                 "frame 0 has probabilities", Topology::kOneState);
  expect_refused(2, {-1, kInfinity}, {.blank_column = std::nullopt, .are_likelihoods = true},
                 "at [0, 1], the label \"B\": inf; expected a finite log-likelihood",
                 Topology::kOneState);
}

TEST(ScoreLayout, RefusesAnotherNumberOfColumns) {
  expect_refused(2, {-1, -2}, {},
                 "expected 3 columns, one for each of the graph's labels and the blank; got 2");
  expect_refused(3, {-1, -2, -3}, {.blank_column = std::nullopt},
                 "expected 2 columns, one for each of the graph's labels, which are without a "
                 "blank; got 3",
                 Topology::kOneState);
  expect_refused(3, {-1, -2, -3}, {.blank_column = 3}, "the blank is said to be column 3 of 3");
}

}  // namespace
}  // namespace harpy

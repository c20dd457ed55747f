#include "decoder/graph/compiler/lexicon_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace harpy {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using ::testing::UnorderedElementsAre;
using Pronunciations = std::vector<std::vector<std::int32_t>>;

PronunciationTable table(const std::vector<Pronunciations>& words) {
  PronunciationTable pronunciations;
  pronunciations.add_word({});
  for (const Pronunciations& word : words) pronunciations.add_word(word);
  return pronunciations;
}

std::vector<Arc> arcs_of(const GraphDescription& graph, std::int32_t state) {
  std::vector<Arc> arcs;
  for (const SourcedArc& arc : graph.arcs) {
    if (arc.source == state) arcs.push_back(arc.arc);
  }
  return arcs;
}

Arc arc(std::int32_t target, std::int32_t input, std::int32_t output) {
  return {.target = target, .input = input, .output = output, .cost = 0.0F};
}

TEST(LexiconTree, SharesBeginningsAndEndsWordsAtTheRoot) {
  const GraphDescription tree = make_lexicon_tree(table({{{1, 2}}, {{1, 2, 3}}, {{1, 3}}}), 5);
  EXPECT_EQ(tree.start, 0);
  EXPECT_EQ(tree.pdf_count, 4);
  EXPECT_THAT(tree.final_costs, ::testing::ElementsAre(0.0F, kInfiniteCost, kInfiniteCost));
  EXPECT_THAT(arcs_of(tree, 0), UnorderedElementsAre(arc(1, 1, 0)));
  EXPECT_THAT(arcs_of(tree, 1), UnorderedElementsAre(arc(2, 2, 0), arc(0, 2, 1), arc(0, 3, 3)));
  EXPECT_THAT(arcs_of(tree, 2), UnorderedElementsAre(arc(0, 3, 2)));
}

TEST(LexiconTree, HomophonesAndVariantsHaveArcsOfTheirOwn) {
  const GraphDescription tree = make_lexicon_tree(table({{{4}}, {{4}, {2}}}), 5);
  EXPECT_THAT(arcs_of(tree, 0), UnorderedElementsAre(arc(0, 4, 1), arc(0, 4, 2), arc(0, 2, 2)));
}

TEST(LexiconTree, CostsOfPronunciationsStandWhereWordsEnd) {
  const GraphDescription tree =
      make_lexicon_tree(table({{{4}}, {{1, 4}, {2}}}), 5, std::vector<float>{0.5F, 0.25F, 2.0F});
  for (const SourcedArc& arc : tree.arcs) {
    const float expected = arc.arc.output == 0   ? 0.0F
                           : arc.arc.output == 1 ? 0.5F
                           : arc.arc.input == 4  ? 0.25F
                                                 : 2.0F;
    EXPECT_EQ(arc.arc.cost, expected);
  }
  EXPECT_THROW(make_lexicon_tree(table({{{4}}}), 5, std::vector<float>{0.5F, 0.25F}),
               std::invalid_argument);
}

TEST(LexiconTree, RefusesEmptyPronunciationsBlanksAndUnknownLabels) {
  const auto refused = [](const Pronunciations& word, const char* text) {
    EXPECT_THAT([&] { make_lexicon_tree(table({word}), 5); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(text)));
  };
  refused({{}}, "word 1: an empty pronunciation");
  refused({{1, 0}}, "word 1: label 0");
  refused({{5}}, "word 1: label 5");
}

}  // namespace
}  // namespace harpy

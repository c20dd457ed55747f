#include "decoder/sequence_loss/ctc_graph.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/decoder/sequence_loss/loss_minibatch.hpp"

namespace harpy {
namespace {

/// Whether the graph accepts the alignment, and by how many paths.
std::int64_t paths_of(const GraphView& graph, const std::vector<std::int32_t>& alignment) {
  // Scores that leave nothing but the alignment.
  const auto pdfs = static_cast<std::size_t>(graph.pdf_count);
  std::vector<float> scores(alignment.size() * pdfs, -kInfiniteCost);
  for (std::size_t t = 0; t < alignment.size(); ++t) {
    scores[t * pdfs + static_cast<std::size_t>(alignment[t])] = 0.0F;
  }
  return std::lround(testing::enumerate_paths(graph, scores).probability);
}

TEST(CtcGraph, AcceptsEachAlignmentThatCollapsesToTheLabelsByOnePathAndNoOther) {
  for (const std::vector<std::int32_t>& labels :
       {std::vector<std::int32_t>{}, {1}, {2, 1}, {2, 2}, {1, 2, 1}, {1, 1, 1}, {1, 1, 2}}) {
    CtcGraph graph;
    graph.assign(labels, 3);
    std::vector<std::int32_t> alignment(5);
    for (int code = 0; code < 243; ++code) {
      for (int t = 0, rest = code; t < 5; ++t, rest /= 3) {
        alignment[static_cast<std::size_t>(t)] = rest % 3;
      }
      EXPECT_EQ(paths_of(graph.view(), alignment), testing::collapse(alignment) == labels ? 1 : 0);
    }
  }
}

TEST(CtcGraph, ScoresALabelByItsUnitBehindTheLabelBefore) {
  const LabelContexts contexts(3, {{1, 2}, {1, 1}});
  const std::vector<std::vector<std::int32_t>> units{{1, 3}, {2, 1, 4}, {2, 2}};
  const std::vector<std::vector<std::int32_t>> labels{{1, 2}, {2, 1, 1}, {2, 2}};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    CtcGraph graph;
    graph.assign(labels[i], 5, contexts);
    std::vector<std::int32_t> alignment(5);
    for (int code = 0; code < 3125; ++code) {
      for (int t = 0, rest = code; t < 5; ++t, rest /= 5) {
        alignment[static_cast<std::size_t>(t)] = rest % 5;
      }
      bool is_one = testing::collapse(alignment) == units[i];
      for (std::size_t t = 1; t < 5; ++t) {  // equal labels are kept apart by a blank
        is_one = is_one && !(alignment[t - 1] == 1 && alignment[t] == 4);
      }
      EXPECT_EQ(paths_of(graph.view(), alignment), is_one ? 1 : 0);
    }
  }
}

TEST(CtcGraph, CountsTheFramesOfTheShortestAlignment) {
  EXPECT_EQ(CtcGraph::least_frame_count(std::vector<std::int32_t>{1, 1, 2, 2, 2, 1}), 9);
  EXPECT_EQ(CtcGraph::least_frame_count({}), 0);
  CtcGraph graph;
  graph.assign({}, 3);
  EXPECT_EQ(graph.view().state_count, 1);
}

}  // namespace
}  // namespace harpy

#include "decoder/graph/graph_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>

#include "tests/decoder/graph/random_graph.hpp"
#include "tests/support/shared.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class GraphText : public ::testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream(path_) << text; }
  void expect_refused(const std::string& text, const std::string& message) const {
    write(text);
    EXPECT_THAT([&] { read_graph_text(path_); },
                ThrowsMessage<std::runtime_error>(HasSubstr(message)));
  }
  std::string written(const DecodingGraph& graph) const {
    write_graph_text(path_, graph.view());
    std::ifstream stream(path_);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  const testing::TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "graph.txt";
};

TEST_F(GraphText, ReadsArcsFinalCostsAndTheStartState) {
  write("1 0 3 2 0.5\n0 1 0 0\n\n0\n1\t-2.5\n");
  const GraphDescription graph = read_graph_text(path_);
  EXPECT_EQ(graph.start, 1);
  EXPECT_EQ(graph.pdf_count, 3);
  ASSERT_EQ(graph.arcs.size(), 2U);
  EXPECT_EQ(graph.arcs[0].source, 1);
  EXPECT_EQ(graph.arcs[0].arc, (Arc{.target = 0, .input = 3, .output = 2, .cost = 0.5F}));
  EXPECT_EQ(graph.arcs[1].arc, (Arc{.target = 1, .input = 0, .output = 0, .cost = 0.0F}));
  EXPECT_THAT(graph.final_costs, ::testing::ElementsAre(0.0F, -2.5F));
  EXPECT_EQ(read_graph_text(path_, 7).pdf_count, 7);
  EXPECT_THAT([&] { read_graph_text(path_, 2); },
              ThrowsMessage<std::runtime_error>(HasSubstr("graph.txt:1: input label 3")));
}

TEST_F(GraphText, WrittenGraphsComeBack) {
  std::mt19937 random(11);
  for (int round = 0; round < 50; ++round) {
    GraphDescription description = testing::random_graph({.states = 12, .arcs = 30}, random);
    for (SourcedArc& arc : description.arcs) arc.arc.cost = static_cast<float>(random()) * 1e-7F;
    const std::string text = written(DecodingGraph(description));
    const DecodingGraph read(read_graph_text(path_, description.pdf_count));
    EXPECT_EQ(read.view().start, description.start);
    EXPECT_EQ(read.view().state_count, 12);
    EXPECT_EQ(written(read), text);
  }
}

TEST_F(GraphText, RefusesMalformedFilesNamingTheLine) {
  expect_refused("", "holds no graph");
  expect_refused("0 1 1 1\n0 1 1\n", "graph.txt:2: expected FROM TO");
  expect_refused("0 1 1 1 0 0\n", "graph.txt:1: expected FROM TO");
  expect_refused("-1 1 1 1\n", "graph.txt:1: \"-1\" is not the number of a state");
  expect_refused("0 1 a 1\n", "graph.txt:1: \"a\" is not the number of a label");
  expect_refused("0 1 1 99999999999\n", "graph.txt:1:");
  expect_refused("0 1 1 1 nan\n", "graph.txt:1: \"nan\" is not a cost");
  expect_refused("0 1 1 1 -inf\n", "graph.txt:1: \"-inf\" is not a cost");
  expect_refused("0 2000000000 1 1\n", "state 2000000000 is met");
  EXPECT_THROW(read_graph_text(directory_.path() / "absent"), std::runtime_error);
}

TEST_F(GraphText, ChangedCharactersGiveOneErrorOrAGraph) {
  std::mt19937 random(6);
  const std::string text = written(DecodingGraph(testing::random_graph({}, random)));
  for (int round = 0; round < 300; ++round) {
    std::string changed = text;
    for (int i = 0; i < 3; ++i) {
      changed[random() % changed.size()] = "0123456789-.einf \n\t"[random() % 19];
    }
    std::filesystem::remove(path_);
    write(changed);
    try {
      DecodingGraph{read_graph_text(path_)};
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr("graph.txt:"));
    } catch (const std::invalid_argument&) {  // an epsilon cycle
    }
  }
}

TEST_F(GraphText, ReadsTheTinyGraph) {
  const DecodingGraph graph(read_graph_text(testing::data_dir() / "search/tiny/graph.txt", 6));
  EXPECT_EQ(graph.view().state_count, 24);
  EXPECT_EQ(graph.view().arc_count(), 104U);
  EXPECT_EQ(graph.view().pdf_count, 6);
  EXPECT_EQ(graph.view().start, 0);
}

TEST_F(GraphText, ReadsTheGoldenGraph) {
  const std::filesystem::path golden = testing::shared_dir() / "golden/search/small/graph.txt";
  if (!std::filesystem::exists(golden)) GTEST_SKIP() << "needs the folder ../shared: " << golden;
  const DecodingGraph graph(read_graph_text(golden, 42));
  EXPECT_EQ(graph.view().state_count, 240);
  EXPECT_EQ(graph.view().arc_count(), 1061U);
  EXPECT_EQ(graph.view().pdf_count, 42);
  EXPECT_EQ(graph.view().start, 0);
  EXPECT_EQ(graph.view().epsilon_level_count, 3);
}

}  // namespace
}  // namespace harpy

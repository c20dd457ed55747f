#include "decoder/graph/graph_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <string>

#include "decoder/graph/graph_sections.hpp"
#include "tests/decoder/graph/random_graph.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

void expect_same(const GraphView& a, const GraphView& b) {
  EXPECT_EQ(a.state_count, b.state_count);
  EXPECT_EQ(a.start, b.start);
  EXPECT_EQ(a.pdf_count, b.pdf_count);
  EXPECT_EQ(a.epsilon_level_count, b.epsilon_level_count);
  const auto states = static_cast<std::size_t>(a.state_count);
  const auto same = [](auto x, auto y) { return std::equal(x.begin(), x.end(), y.begin()); };
  EXPECT_TRUE(same(std::span(a.arc_begin, states + 1), std::span(b.arc_begin, states + 1)));
  EXPECT_TRUE(same(std::span(a.epsilon_begin, states), std::span(b.epsilon_begin, states)));
  EXPECT_TRUE(same(std::span(a.epsilon_level, states), std::span(b.epsilon_level, states)));
  EXPECT_TRUE(same(std::span(a.final_cost, states), std::span(b.final_cost, states)));
  EXPECT_TRUE(same(std::span(a.arcs, a.arc_count()), std::span(b.arcs, b.arc_count())));
}

std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::remove(path);  // a new file is faster than one that is cut to nothing
  std::ofstream(path, std::ios::binary) << bytes;
}

GraphPackage small_package() {
  std::mt19937 random(7);
  GraphPackage package{
      .graph = DecodingGraph(testing::random_graph({.states = 5, .arcs = 9}, random)),
      .frame_labels = {.topology = Topology::kCtc, .silence_label = 2},
      .words = SymbolTable({"<eps>", "READ", "RED", "ÉTÉ"}),
      .labels = SymbolTable({"<blank>", "R", "EH", "D"}),
      .pronunciations = {}};
  package.pronunciations.add_word({});
  package.pronunciations.add_word(std::vector<std::vector<std::int32_t>>{{1, 2, 3}, {1, 3}});
  package.pronunciations.add_word(std::vector<std::vector<std::int32_t>>{{1, 2, 3}});
  package.pronunciations.add_word({});
  return package;
}

class GraphFile : public ::testing::Test {
 protected:
  const testing::TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "graph.harpy";
};

TEST_F(GraphFile, ComesBackAsItWasWritten) {
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    const DecodingGraph graph(testing::random_graph({.states = 40, .arcs = 200}, random));
    write_graph(path_, graph.view());
    expect_same(DecodingGraph::map(path_).view(), graph.view());
    const std::string bytes = read_bytes(path_);
    write_graph(path_, DecodingGraph::map(path_).view());
    EXPECT_EQ(read_bytes(path_), bytes);
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 1);
}

TEST_F(GraphFile, GraphOutlivesTheFileAndItsReplacement) {
  const GraphPackage package = small_package();
  write_graph_package(path_, package);
  const DecodingGraph graph = DecodingGraph::map(path_);
  write_graph(
      path_,
      DecodingGraph(GraphDescription{.start = 0, .pdf_count = 0, .arcs = {}, .final_costs = {0.0F}})
          .view());
  std::filesystem::remove(path_);
  expect_same(graph.view(), package.graph.view());
}

TEST_F(GraphFile, PackageKeepsItsTables) {
  const GraphPackage package = small_package();
  write_graph_package(path_, package);
  const GraphPackage mapped = map_graph_package(path_);
  expect_same(mapped.graph.view(), package.graph.view());
  EXPECT_EQ(mapped.frame_labels, package.frame_labels);
  EXPECT_EQ(mapped.words, package.words);
  EXPECT_EQ(mapped.labels, package.labels);
  EXPECT_EQ(mapped.pronunciations.word_count(), 4);
  EXPECT_EQ(mapped.pronunciations.pronunciation_count(0), 0);
  EXPECT_EQ(mapped.pronunciations.pronunciation_count(1), 2);
  EXPECT_THAT(mapped.pronunciations.labels(1, 1), ::testing::ElementsAre(1, 3));
  EXPECT_THAT(mapped.pronunciations.labels(2, 0), ::testing::ElementsAre(1, 2, 3));
  expect_same(DecodingGraph::map(path_).view(), package.graph.view());
}

TEST_F(GraphFile, GraphAloneIsNoPackage) {
  write_graph(path_, small_package().graph.view());
  EXPECT_THAT([&] { map_graph_package(path_); },
              ThrowsMessage<std::runtime_error>(HasSubstr("is missing")));
}

TEST_F(GraphFile, EveryTruncationIsRefused) {
  write_graph_package(path_, small_package());
  const std::string bytes = read_bytes(path_);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    write_bytes(path_, bytes.substr(0, size));
    EXPECT_THAT([&] { map_graph_package(path_); },
                ThrowsMessage<std::runtime_error>(HasSubstr("graph.harpy: ")))
        << size;
  }
  write_bytes(path_, bytes + '\0');
  EXPECT_THROW(map_graph_package(path_), std::runtime_error);
}

TEST_F(GraphFile, EveryChangedByteIsRefused) {
  write_graph_package(path_, small_package());
  const std::string bytes = read_bytes(path_);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
    write_bytes(path_, changed);
    EXPECT_THAT([&] { map_graph_package(path_); },
                ThrowsMessage<std::runtime_error>(HasSubstr("graph.harpy: ")))
        << i;
  }
}

TEST_F(GraphFile, WrongContentIsRefusedThoughTheChecksumIsRight) {
  const GraphPackage package = small_package();
  write_graph(path_, package.graph.view());
  const SectionFile good(path_, kGraphFormat);
  const auto kinds = {GraphSection::kHeader,       GraphSection::kArcBegin,
                      GraphSection::kEpsilonBegin, GraphSection::kEpsilonLevel,
                      GraphSection::kFinalCost,    GraphSection::kArcs};
  const std::filesystem::path changed = directory_.path() / "changed.harpy";
  std::mt19937 random(5);
  int refused = 0;
  for (SectionKind kind : kinds) {
    const auto original = good.section<std::byte>(kind);
    for (int round = 0; round < 100; ++round) {
      std::vector<std::byte> bytes(original.begin(), original.end());
      bytes[random() % bytes.size()] = static_cast<std::byte>(random());
      if (round % 10 == 0) bytes.pop_back();
      if (round % 10 == 1) bytes.resize(bytes.size() + 16);
      std::vector<Section> sections;
      for (SectionKind other : kinds) {
        sections.push_back({other, other == kind ? bytes : good.section<std::byte>(other)});
      }
      write_section_file(changed, kGraphFormat, sections);
      try {
        DecodingGraph::map(changed);
      } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("changed.harpy: "));
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 200);
}

TEST_F(GraphFile, MissingFilesDirectoriesAndForeignFilesAreRefused) {
  const auto expect = [&](const std::filesystem::path& path, const std::string& text) {
    EXPECT_THAT([&] { DecodingGraph::map(path); },
                ThrowsMessage<std::runtime_error>(HasSubstr(text)));
  };
  expect(directory_.path() / "absent", "absent: No such file");
  expect(directory_.path(), "not a regular file");
  write_bytes(path_, "");
  expect(path_, "not a graph file");
  write_bytes(path_, std::string(100, 'x'));
  expect(path_, "not a graph file");
  EXPECT_THROW(write_graph(directory_.path() / "no" / "folder", small_package().graph.view()),
               std::runtime_error);
}

TEST_F(GraphFile, TablesThatDoNotFitTheGraphAreRefused) {
  GraphPackage package = small_package();
  package.labels.add("S");
  EXPECT_THROW(write_graph_package(path_, package), std::invalid_argument);
  package = small_package();
  package.words.add("NEW");
  EXPECT_THROW(write_graph_package(path_, package), std::invalid_argument);
  package = small_package();
  package.words = SymbolTable({"<eps>"});
  EXPECT_THROW(write_graph_package(path_, package), std::invalid_argument);
  package = small_package();
  package.frame_labels.topology = Topology::kThreeState;
  EXPECT_THAT([&] { write_graph_package(path_, package); },
              ThrowsMessage<std::invalid_argument>(
                  HasSubstr("4 labels for 4 pdfs of the topology three-state")));
  package = small_package();
  package.frame_labels.silence_label = 4;
  EXPECT_THAT([&] { write_graph_package(path_, package); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("silence is no label")));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(GraphFile, KeepsWhatInputsAreListedToStandFor) {
  const testing::TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "graph";
  GraphPackage package = small_package();
  package.pronunciations = {};
  for (int word = 0; word < 4; ++word) package.pronunciations.add_word({});
  package.frame_labels = {.topology = Topology::kOneState};
  const auto pdf_count = static_cast<std::size_t>(package.graph.view().pdf_count);
  package.frame_labels.listed.assign(pdf_count, {.label = 3, .flags = ListedInput::kEndsWord});
  package.frame_labels.listed[0] = {.label = 1, .flags = ListedInput::kBeginsWord};
  write_graph_package(path, package);
  const GraphPackage read = map_graph_package(path);
  EXPECT_EQ(read.frame_labels, package.frame_labels);
  EXPECT_EQ(read.frame_labels.label(1), 1);
  EXPECT_EQ(read.frame_labels.label(2), 3);
  EXPECT_EQ(read.frame_labels.label(0), 0);

  const auto refused = [&](const char* why) {
    EXPECT_THAT([&] { write_graph_package(path, package); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(why)));
  };
  package.pronunciations = {};
  package.pronunciations.add_word({});
  for (int word = 1; word < 4; ++word) {
    package.pronunciations.add_word(std::vector<std::vector<std::int32_t>>{{3, 1}});
  }
  refused("pronunciations that do not fit the listed inputs");
  const std::vector<LabelInputs> inputs{
      {.before = LabelInputs::kAnywhere, .label = 3, .first = 1, .loop = 2},
      {.before = 0, .label = 1, .first = 2, .loop = 0}};
  package.frame_labels.label_inputs = inputs;
  package.frame_labels.silence_label = 2;
  write_graph_package(path, package);
  EXPECT_EQ(map_graph_package(path).frame_labels, package.frame_labels);
  EXPECT_EQ(map_graph_package(path).pronunciations.labels(2, 0)[1], 1);
  package.frame_labels.silence_label = 4;
  refused("silence is no label");
  package.frame_labels.silence_label = 0;
  package.frame_labels.label_inputs = {inputs[1], inputs[0]};
  refused("inputs of labels in no order");
  package.frame_labels.label_inputs[0].first = 0;
  refused("inputs of a label that are not there");
  package.frame_labels.label_inputs = inputs;
  package.frame_labels.listed[0].label = 4;
  refused("an input has a label that is not there");
  package.frame_labels.listed.pop_back();
  refused("listed inputs for");
}

}  // namespace
}  // namespace harpy

#include "decoder/graph/openfst_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <tuple>

#include "decoder/graph/graph_text.hpp"
#include "tests/decoder/graph/random_graph.hpp"
#include "tests/support/shared.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class OpenFstFile : public ::testing::Test {
 protected:
  std::string read_bytes(const std::filesystem::path& path) const {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void write_bytes(const std::string& bytes) const {
    std::filesystem::remove(path_);  // a new file is faster than one that is cut to nothing
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  /// Compares the graphs graph.fst and graph.txt of a folder. A binary file's arcs are sorted by
  /// input label.
  void expect_same_graph(const std::filesystem::path& folder, std::int32_t pdf_count) const {
    GraphDescription text = read_graph_text(folder / "graph.txt", pdf_count);
    GraphDescription binary = read_openfst(folder / "graph.fst", pdf_count);
    for (GraphDescription* graph : {&text, &binary}) {
      std::sort(graph->arcs.begin(), graph->arcs.end(), [](const auto& a, const auto& b) {
        return std::tie(a.source, a.arc.input, a.arc.output, a.arc.target, a.arc.cost) <
               std::tie(b.source, b.arc.input, b.arc.output, b.arc.target, b.arc.cost);
      });
    }
    EXPECT_EQ(as_text(binary), as_text(text));
  }

  std::string as_text(const GraphDescription& graph) const {
    const std::filesystem::path text = directory_.path() / "graph.txt";
    write_graph_text(text, DecodingGraph(graph).view());
    return read_bytes(text);
  }

  /// Bytes of a graph of type "const": two states, an arc from each to state 1.
  static std::string const_graph(bool aligned, bool with_symbols) {
    std::string bytes;
    const auto add = [&bytes](auto value) {
      bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
    };
    const auto add_text = [&](const std::string& text) {
      add(static_cast<std::int32_t>(text.size()));
      bytes += text;
    };
    const auto align = [&] {
      if (aligned) bytes.resize((bytes.size() + 15) / 16 * 16);
    };
    add(std::int32_t{2125659606});
    add_text("const");
    add_text("standard");
    add(std::int32_t{aligned ? 1 : 2});
    add(std::int32_t{with_symbols ? 2 : 0});
    add(std::uint64_t{1});
    add(std::int64_t{0});
    add(std::int64_t{2});
    add(std::int64_t{2});
    if (with_symbols) {
      add(std::int32_t{2125658996});
      add_text("words");
      add(std::int64_t{1});
      add(std::int64_t{1});
      add_text("<eps>");
      add(std::int64_t{0});
    }
    align();
    for (std::uint32_t state = 0; state < 2; ++state) {
      add(state == 1 ? 0.25F : kInfiniteCost);
      add(state);             // first arc
      add(std::uint32_t{1});  // arcs
      add(std::uint32_t{0});
      add(std::uint32_t{0});
    }
    align();
    for (std::int32_t state = 0; state < 2; ++state) {
      add(state + 1);  // input
      add(state);      // output
      add(0.5F);
      add(std::int32_t{1});
    }
    return bytes;
  }

  const testing::TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "graph.fst";
};

TEST_F(OpenFstFile, WrittenGraphsComeBack) {
  std::mt19937 random(2);
  for (int round = 0; round < 20; ++round) {
    const GraphDescription graph = testing::random_graph({.states = 20, .arcs = 60}, random);
    write_openfst(path_, DecodingGraph(graph).view());
    EXPECT_EQ(as_text(read_openfst(path_, graph.pdf_count)), as_text(graph));
  }
}

TEST_F(OpenFstFile, ReadsConstGraphsAlignedOrNotWithSymbolsOrNot) {
  for (const bool aligned : {false, true}) {
    for (const bool with_symbols : {false, true}) {
      write_bytes(const_graph(aligned, with_symbols));
      EXPECT_EQ(as_text(read_openfst(path_)), "0 1 1 0 0.5\n1 1 2 1 0.5\n1 0.25\n");
    }
  }
}

TEST_F(OpenFstFile, EveryTruncationIsRefused) {
  std::mt19937 random(2);
  write_openfst(path_, DecodingGraph(testing::random_graph({}, random)).view());
  const std::string vector_bytes = read_bytes(path_);
  for (const std::string& bytes : {vector_bytes, const_graph(true, true)}) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      write_bytes(bytes.substr(0, size));
      EXPECT_THAT([&] { read_openfst(path_); },
                  ThrowsMessage<std::runtime_error>(HasSubstr("graph.fst: byte ")))
          << size;
    }
  }
}

TEST_F(OpenFstFile, ChangedBytesGiveOneErrorOrAGraph) {
  std::mt19937 random(4);
  for (const std::string& bytes : {const_graph(false, true), const_graph(true, false)}) {
    for (int round = 0; round < 500; ++round) {
      std::string changed = bytes;
      for (int i = 0; i < 1 + round % 3; ++i) {
        changed[random() % changed.size()] = static_cast<char>(random());
      }
      write_bytes(changed);
      try {
        DecodingGraph{read_openfst(path_)};
      } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("graph.fst: byte "));
      } catch (const std::invalid_argument&) {  // an epsilon cycle
      }
    }
  }
}

TEST_F(OpenFstFile, RefusesOtherTypesAndLabelsBeyondThePdfs) {
  const auto expect = [&](const std::string& from, const std::string& to, const char* text) {
    std::string bytes = const_graph(false, false);
    bytes.replace(bytes.find(from), from.size(), to);
    write_bytes(bytes);
    EXPECT_THAT([&] { read_openfst(path_); }, ThrowsMessage<std::runtime_error>(HasSubstr(text)));
  };
  expect("const", "other", "type \"other\"");
  expect("standard", "standarx", "arcs of type \"standarx\"");
  write_bytes(const_graph(false, false));
  EXPECT_THROW(read_openfst(path_, 1), std::runtime_error);
  EXPECT_EQ(read_openfst(path_, 9).pdf_count, 9);
}

TEST_F(OpenFstFile, TinyBinaryGraphIsItsText) {
  expect_same_graph(testing::data_dir() / "search/tiny", 6);
}

TEST_F(OpenFstFile, GoldenBinaryGraphIsItsText) {
  const std::filesystem::path golden = testing::shared_dir() / "golden/search/small";
  if (!std::filesystem::exists(golden)) GTEST_SKIP() << "needs the folder ../shared: " << golden;
  expect_same_graph(golden, 42);
}

}  // namespace
}  // namespace harpy

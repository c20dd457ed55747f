#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "decoder/graph/graph_file.hpp"
#include "decoder/graph/graph_text.hpp"
#include "decoder/graph/lexicon.hpp"
#include "decoder/graph/openfst_file.hpp"
#include "decoder/language_model/arpa.hpp"
#include "decoder/search/make_beam_search.hpp"
#include "models/files/checksum.hpp"
#include "tests/decoder/graph/random_graph.hpp"
#include "tests/fuzz/malformed_files.hpp"

namespace harpy {
namespace {

using testing::MalformedFiles;

/// A graph that was accepted can be searched.
void search_graph(const DecodingGraph& graph) {
  constexpr std::int64_t kFrames = 6;
  const std::int64_t pdf_count = graph.view().pdf_count;
  if (pdf_count > 1000) return;
  const auto shared = std::make_shared<const DecodingGraph>(graph);
  const auto search = make_cpu_beam_search(shared, {.min_active = 0, .keep_lattice = true});
  const auto stream = search->open();
  std::vector<float> scores(static_cast<std::size_t>(kFrames * pdf_count));
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = -static_cast<float>(i * 7 % 5);
  const SearchInput input{stream.get(), {scores.data(), Shape{kFrames, pdf_count}}};
  if (pdf_count > 0) search->advance({&input, 1});
  search->best_path(*stream, true);
  search->lattice(*stream);
}

/// A graph described by a file is refused by name or can be searched.
void use_description(const GraphDescription& description) {
  try {
    search_graph(DecodingGraph(description));
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()).rfind("graph", 0) == 0 ||
                  std::string(error.what()).rfind("state", 0) == 0,
              true)
        << error.what();
  }
}

GraphDescription graph(std::uint32_t seed) {
  std::mt19937 random(seed);
  return testing::random_graph({.states = 6, .arcs = 14}, random);
}

TEST_F(MalformedFiles, LanguageModelsInTheArpaFormatAreReadOrRefused) {
  const std::vector<std::string> samples{
      "\\data\\\nngram 1=4\nngram 2=3\nngram 3=1\n\n\\1-grams:\n-1.5\tA\t-0.25\n-1.25\tB\n"
      "-99\t<s>\t-0.5\n-0.75\t</s>\n\n\\2-grams:\n-0.5\t<s> A\t-0.125\n-0.25\tA B\n-1\tA </s>\n\n"
      "\\3-grams:\n-0.125\t<s> A B\n\n\\end\\\n",
      "made by hand\n\\data\\\nngram 1=3\n\n\\1-grams:\n-0.5 <unk>\n-inf <s>\n-0.5 </s>\n\n"
      "\\end\\\n",
      "\xEF\xBB\xBF\n\\data\\ \nngram  1=         3\nngram  2 = 2\nngram 3=0\n \n\\1-grams: \n"
      "-99\t<s>\t+0.5\n-1 </s>\n0.0000012 A\t-0.5 \n \n\\2-grams:\n-1 <s> A\n-1 A A\n\n"
      "\\end\\ \n",
      "\\data\\\nngram 1=3\nngram 2=1\nngram 3=1\n\n\\1-grams:\n-1\t<s>\n-1\t</s>\n-1\tA\n\n"
      "\\2-grams:\n-1\tA A\n\n\\3-grams:\n-1\t<s> A A\n\n\\end\\\n"};
  run(samples, [](const auto& path) {
    ArpaRepairs repairs;
    read_arpa(path, &repairs);
    describe(repairs);
  });
}

TEST_F(MalformedFiles, LexiconsAreReadOrRefused) {
  const std::vector<std::string> samples{
      ";;; a comment\nREAD  R IY1 D\nREAD(2)  R EH1 D\nRED R EH1 D # a colour\n",
      "a A\nb B\nab A B\nab(2) B A\n\xC3\x89T\xC3\x89 E T E\n"};
  const std::vector<std::string> weighted{
      "\xEF\xBB\xBF"
      "read 1.0 R IY1 D\r\nread 0.25 R EH1 D\r\nred 1 R EH1 D # a colour\r\n"};
  run(samples, [](const auto& path) {
    Lexicon::read(path);
    Lexicon::read(path, {.letter_case = LetterCase::kLower});
  });
  run(weighted, [](const auto& path) { Lexicon::read(path); });
}

TEST_F(MalformedFiles, GraphsInTheTextFormatAreReadOrRefused) {
  std::vector<std::string> samples;
  for (std::uint32_t seed = 0; seed < 6; ++seed) {
    samples.push_back(written(
        [&](const auto& path) { write_graph_text(path, DecodingGraph(graph(seed)).view()); }));
  }
  run(samples, [](const auto& path) { use_description(read_graph_text(path)); });
}

TEST_F(MalformedFiles, GraphsOfOpenFstAreReadOrRefused) {
  std::vector<std::string> samples;
  for (std::uint32_t seed = 0; seed < 6; ++seed) {
    samples.push_back(
        written([&](const auto& path) { write_openfst(path, DecodingGraph(graph(seed)).view()); }));
  }
  run(samples, [](const auto& path) { use_description(read_openfst(path)); });
}

TEST_F(MalformedFiles, GraphPackagesAreReadOrRefusedThoughTheirChecksumsAreRight) {
  std::vector<std::string> samples;
  for (std::uint32_t seed = 0; seed < 6; ++seed) {
    GraphPackage package{.graph = DecodingGraph(graph(seed)),
                         .frame_labels = {.silence_label = seed % 2 == 0 ? 0 : 3},
                         .words = SymbolTable({"<eps>", "READ", "RED", "A"}),
                         .labels = SymbolTable({"<blank>", "R", "EH", "D"}),
                         .pronunciations = {}};
    package.pronunciations.add_word({});
    package.pronunciations.add_word(std::vector<std::vector<std::int32_t>>{{1, 2, 3}, {1, 3}});
    package.pronunciations.add_word(std::vector<std::vector<std::int32_t>>{{1, 2, 3}});
    package.pronunciations.add_word({});
    samples.push_back(written([&](const auto& path) { write_graph_package(path, package); }));
  }
  const auto complete = [](std::string& bytes) {
    if (bytes.size() < 32) return;
    const std::uint64_t size = bytes.size();
    std::memcpy(bytes.data() + 16, &size, sizeof(size));
    const std::uint64_t sum =
        checksum_of(std::as_bytes(std::span(bytes)).first(bytes.size() - sizeof(std::uint64_t)));
    std::memcpy(bytes.data() + bytes.size() - sizeof(sum), &sum, sizeof(sum));
  };
  run(
      samples, [](const auto& path) { search_graph(map_graph_package(path).graph); }, complete);
}

}  // namespace
}  // namespace harpy

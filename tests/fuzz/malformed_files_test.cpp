#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <set>
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
#include "tests/fuzz/mutation.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

constexpr std::uint32_t kInputs = 4000;
constexpr std::chrono::seconds kBudget{10};

std::uint32_t input_count() {
  const char* wanted = std::getenv("HARPY_FUZZ_INPUTS");
  return wanted == nullptr ? kInputs
                           : static_cast<std::uint32_t>(std::strtoul(wanted, nullptr, 10));
}

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

class MalformedFiles : public ::testing::Test {
 protected:
  std::string read_bytes(const std::filesystem::path& path) const {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::string written(const std::function<void(const std::filesystem::path&)>& write) const {
    write(path_);
    return read_bytes(path_);
  }

  /// Reads the samples, then malformed ones: every one is read, or refused by one error that names
  /// the file. Each seed stands for one input; the time is a bound for slow machines only.
  void run(
      const std::vector<std::string>& samples,
      const std::function<void(const std::filesystem::path&)>& read,
      const std::function<void(std::string&)>& complete = [](std::string&) {}) const {
    for (const std::string& sample : samples) {
      std::ofstream(path_, std::ios::binary) << sample;
      ASSERT_NO_THROW(read(path_)) << sample;
    }
    const auto end = std::chrono::steady_clock::now() + kBudget;
    const bool unlimited = std::getenv("HARPY_FUZZ_INPUTS") != nullptr;
    std::set<std::string> errors;
    for (std::uint32_t seed = 0; seed < input_count(); ++seed) {
      if (!unlimited && std::chrono::steady_clock::now() > end) break;
      std::string bytes = testing::mutate(samples, seed);
      complete(bytes);
      std::filesystem::remove(path_);
      std::ofstream(path_, std::ios::binary) << bytes;
      try {
        read(path_);
      } catch (const std::runtime_error& error) {
        const std::string message = error.what();
        EXPECT_EQ(message.rfind(path_.string() + ":", 0), 0U) << "seed " << seed << ": " << message;
        if (message.size() > path_.string().size()) {
          errors.insert(message.substr(path_.string().size()));
        }
      } catch (const std::exception& error) {
        ADD_FAILURE() << "seed " << seed << ": " << typeid(error).name() << ": " << error.what();
      }
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_GT(errors.size(), 10U) << "the inputs do not get far";
  }

  const testing::TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "sample";
};

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
      "\\end\\\n"};
  run(samples, [](const auto& path) { read_arpa(path); });
}

TEST_F(MalformedFiles, LexiconsAreReadOrRefused) {
  const std::vector<std::string> samples{
      ";;; a comment\nREAD  R IY1 D\nREAD(2)  R EH1 D\nRED R EH1 D # a colour\n",
      "a A\nb B\nab A B\nab(2) B A\n\xC3\x89T\xC3\x89 E T E\n"};
  run(samples, [](const auto& path) {
    Lexicon::read(path);
    Lexicon::read(path, {.letter_case = LetterCase::kLower});
  });
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

// The default model on real speech: its graph is compiled as tools/quickstart does, then the
// program transcribes recordings that a Debian package carries.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/run_program.hpp"
#include "tests/support/shared.hpp"
#include "tools/score/word_errors.hpp"

namespace harpy {
namespace {

namespace fs = std::filesystem;
using harpy::testing::run_harpy;

const fs::path kDictionary = "/usr/share/pocketsphinx/model/en-us/cmudict-en-us.dict";
const fs::path kRecordings = "/usr/share/pocketsphinx/test/data/librivox";

/// The package's transcripts: lines "<s> words </s> (name)".
std::map<std::string, std::vector<std::string>> read_references() {
  std::map<std::string, std::vector<std::string>> references;
  std::ifstream stream(kRecordings / "transcription");
  for (std::string line; std::getline(stream, line);) {
    const std::size_t begin = line.find("<s> ");
    const std::size_t end = line.find(" </s> (");
    if (begin == std::string::npos || end == std::string::npos) continue;
    std::string text = line.substr(begin + 4, end - begin - 4);
    for (char& letter : text)
      letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    references[line.substr(end + 7, line.size() - end - 8)] = tools::split_words(text);
  }
  return references;
}

TEST(DefaultModel, TranscribesRealSpeechRecognisably) {
  if (!fs::exists(kDictionary) || !fs::exists(kRecordings)) {
    GTEST_SKIP() << "needs the packages pocketsphinx-en-us and pocketsphinx-testdata";
  }
  const fs::path source = harpy::testing::source_dir() / "models" / "en-small";
  const harpy::testing::TemporaryDirectory model;
  for (const char* name : {"model.json", "acoustic.safetensors"}) {
    fs::copy_file(source / name, model.path() / name);
  }
  const auto compiled = run_harpy({"graph", "--lexicon", kDictionary.string(), "--language-model",
                                   (source / "language-model.arpa.gz").string(), "--output",
                                   (model.path() / "graph.harpy").string()});
  ASSERT_EQ(compiled.exit_code, 0) << compiled.errors;

  tools::ErrorCounts total;
  for (const auto& [name, reference] : read_references()) {
    const auto result = run_harpy(
        {"transcribe", "--model", model.path().string(), (kRecordings / (name + ".wav")).string()});
    ASSERT_EQ(result.exit_code, 0) << result.errors;
    const auto words = tools::split_words(result.output);
    total += tools::count_errors(tools::align_words(reference, words));
  }
  EXPECT_GT(total.reference_words, 50);
  EXPECT_LT(total.error_rate_percent(), 60.0);
}

}  // namespace
}  // namespace harpy

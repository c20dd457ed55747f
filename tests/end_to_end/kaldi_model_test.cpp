// How many words of `dev` the golden Kaldi model gets wrong, and that it is Kaldi's number.
#include <gtest/gtest.h>

#include <fstream>

#include <boost/json.hpp>

#include "tests/kaldi/kaldi_golden.hpp"
#include "tests/support/run_program.hpp"

namespace harpy::testing {
namespace {

namespace fs = std::filesystem;

/// The references of a manifest, in small letters as the model's words are.
void write_references(const fs::path& manifest, const fs::path& path) {
  std::ifstream stream(manifest);
  std::ofstream references(path);
  for (std::string line; std::getline(stream, line);) {
    const boost::json::value entry = boost::json::parse(line);
    std::string text(entry.at("text").get_string());
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    references << entry.at("id").get_string().c_str() << " " << text << "\n";
  }
}

// Kaldi's online decoder: 26.32 % at these settings, without silence weighting; its offline one
// 26.25 %.
TEST(KaldiModel, HasKaldisWordErrorRate) {
  const fs::path golden = kaldi_golden_dir();
  const fs::path manifest = shared_dir() / "data/dev.jsonl";
  if (golden.empty() || !fs::exists(manifest)) GTEST_SKIP() << "needs the folder ../shared";
  const TemporaryDirectory directory;
  const fs::path package = directory.path() / "package";
  const ProgramResult converted = run_harpy(
      {"convert", "--silence-weight", "1", (golden / "model").string(), package.string()});
  ASSERT_EQ(converted.exit_code, 0) << converted.errors;
  const ProgramResult heard = run_harpy({"transcribe", "--model", package.string(), "--whole",
                                         "--manifest", manifest.string(), "--format", "jsonl"});
  ASSERT_EQ(heard.exit_code, 0) << heard.errors;
  std::ofstream(directory.path() / "heard.jsonl") << heard.output;
  write_references(manifest, directory.path() / "references");
  const ProgramResult scored =
      run_harpy({"score", "--format", "json", (directory.path() / "references").string(),
                 (directory.path() / "heard.jsonl").string()});
  ASSERT_EQ(scored.exit_code, 0) << scored.errors;
  const boost::json::value report = boost::json::parse(scored.output);
  EXPECT_NEAR(report.at("total").at("error_rate_percent").to_number<double>(), 26.3, 0.2);
}

}  // namespace
}  // namespace harpy::testing

#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <regex>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace harpy::testing {

namespace {

constexpr std::uint32_t kUsualInputs = 4000;
constexpr double kUsualSeconds = 10.0;
constexpr std::size_t kMostKept = 8;
constexpr std::size_t kMostKeptBytes = 2048;

/// How many inputs are tried, how long, and which.
struct FuzzPlan {
  std::uint32_t input_count = kUsualInputs;
  double seconds = kUsualSeconds;
  std::uint32_t first_seed = 0;
  bool keeps = false;
};

FuzzPlan fuzz_plan() {
  FuzzPlan plan;
  if (const char* const seconds = std::getenv("HARPY_FUZZ_SECONDS")) {
    plan.seconds = std::strtod(seconds, nullptr);
    plan.input_count = std::numeric_limits<std::uint32_t>::max();
  }
  if (const char* const seed = std::getenv("HARPY_FUZZ_SEED")) {
    plan.first_seed = static_cast<std::uint32_t>(std::strtoul(seed, nullptr, 10));
  }
  plan.keeps = std::getenv("HARPY_FUZZ_KEEP") != nullptr;
  return plan;
}

/// An outcome without what differs from input to input: its first letters.
std::string kind_of(const std::string& outcome) {
  constexpr std::size_t kLetters = 40;
  std::string kind;
  for (const char letter : outcome) {
    if (std::isalpha(static_cast<unsigned char>(letter)) != 0) kind += letter;
    if (kind.size() == kLetters) break;
  }
  return kind;
}

/// The kept inputs of the parser that the running test tries.
class Corpus {
 public:
  Corpus() {
    const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::path(corpus_folder()) / corpus_name(test.test_suite_name(), test.name());
    std::vector<std::filesystem::path> files;
    std::error_code none_yet;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, none_yet)) {
      files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const std::filesystem::path& file : files) {
      std::ifstream stream(file, std::ios::binary);
      inputs_.emplace_back(std::istreambuf_iterator<char>(stream),
                           std::istreambuf_iterator<char>());
    }
  }

  const std::vector<std::string>& inputs() const { return inputs_; }
  const std::filesystem::path& folder() const { return folder_; }

  /// Keeps an input if something new has become of it and there is room.
  void offer(const std::string& input, const std::string& outcome, std::uint32_t seed) {
    const bool is_new = kinds_.insert(kind_of(outcome)).second;
    if (!is_new || input.size() > kMostKeptBytes || inputs_.size() + kept_count_ >= kMostKept) {
      return;
    }
    ++kept_count_;
    keep(input, "seed-" + std::to_string(seed));
  }
  void keep(const std::string& input, const std::string& name) const {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / name, std::ios::binary) << input;
  }
  /// So much becomes of an input that is kept.
  void knows(const std::string& outcome) { kinds_.insert(kind_of(outcome)); }

 private:
  std::filesystem::path folder_;
  std::vector<std::string> inputs_;
  std::set<std::string> kinds_;
  std::size_t kept_count_ = 0;
};

}  // namespace

std::set<std::string> fuzz(std::span<const std::string> samples,
                           const std::function<std::string(const std::string& input)>& take,
                           const MakeInput& make) {
  const FuzzPlan plan = fuzz_plan();
  Corpus corpus;
  std::set<std::string> outcomes;
  for (const std::string& input : corpus.inputs()) {
    const std::string outcome = take(input);
    corpus.knows(outcome);
    outcomes.insert(outcome);
  }
  EXPECT_TRUE(plan.keeps || !corpus.inputs().empty())
      << "no inputs are kept in " << corpus.folder() << ": run this with HARPY_FUZZ_KEEP=1";
  for (const std::string& sample : samples) corpus.knows(take(sample));
  std::vector<std::string> bases(samples.begin(), samples.end());
  bases.insert(bases.end(), corpus.inputs().begin(), corpus.inputs().end());
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(plan.seconds);
  std::uint32_t index = 0;
  for (; index < plan.input_count; ++index) {
    if (::testing::Test::HasFailure() || std::chrono::steady_clock::now() > end) break;
    const std::uint32_t seed = plan.first_seed + index;
    const std::string input = make(bases, seed);
    const std::string outcome = take(input);
    outcomes.insert(outcome);
    if (plan.keeps) corpus.offer(input, outcome, seed);
    if (!::testing::Test::HasFailure()) continue;
    ADD_FAILURE() << "seed " << seed << "; HARPY_FUZZ_KEEP=1 keeps its input";
    if (plan.keeps) corpus.keep(input, "wrong-" + std::to_string(seed));
  }
  ::testing::Test::RecordProperty("malformed_inputs", std::to_string(index));
  return outcomes;
}

std::string corpus_folder() { return HARPY_SOURCE_DIR "/tests/fuzz/corpus"; }

std::string corpus_name(const std::string& test_suite, const std::string& test) {
  static const std::regex suite_words("^(.*/)?Malformed(Files)?|Test$");
  static const std::regex verb("(Are|Is)[A-Z][^/]*");
  return std::regex_replace(test_suite, suite_words, "") +
         std::regex_replace(std::regex_replace(test, verb, ""), std::regex("/"), "-");
}

}  // namespace harpy::testing

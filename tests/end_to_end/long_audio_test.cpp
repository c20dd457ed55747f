// Recordings of two hours: they end, with the right result, in memory that does not grow with them.
#include <sys/resource.h>

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy {
namespace {

using harpy::testing::ProgramResult;
using harpy::testing::run_harpy;

constexpr int kRateHz = 8000;
constexpr double kSeconds = 7200.0;
constexpr std::int64_t kMostMemoryKb = 300'000;

/// The most memory that any program of this test has had, in kilobytes.
std::int64_t peak_memory_kb() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return usage.ru_maxrss;
}

class LongAudio : public ::testing::Test {
 protected:
  LongAudio() { record(); }

  std::filesystem::path file(const std::string& name) const { return directory_.path() / name; }
  std::filesystem::path recording() const { return file("long.flac"); }

 private:
  /// Bursts of tones between silences, the same every ten seconds.
  void record() const {
    SF_INFO info{};
    info.samplerate = kRateHz;
    info.channels = 1;
    info.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
    SNDFILE* sound = sf_open(recording().c_str(), SFM_WRITE, &info);
    ASSERT_NE(sound, nullptr);
    std::vector<short> samples(10 * kRateHz);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double time_s = static_cast<double>(i) / kRateHz;
      const double hz = 400.0 * (1.0 + std::floor(4.0 * time_s));
      const bool is_silent = time_s > 4.0;
      samples[i] =
          is_silent ? short{0} : static_cast<short>(8000.0 * std::sin(6.283185307 * hz * time_s));
    }
    for (int part = 0; part < static_cast<int>(kSeconds) / 10; ++part) {
      sf_write_short(sound, samples.data(), static_cast<sf_count_t>(samples.size()));
    }
    ASSERT_EQ(sf_close(sound), 0);
  }

  harpy::testing::TemporaryDirectory directory_;
};

TEST_F(LongAudio, OfTwoHoursIsTranscribedInBoundedMemory) {
  std::filesystem::create_directory(file("model"));
  harpy::testing::write_tiny_model(file("model"));
  const ProgramResult result = run_harpy(
      {"transcribe", "--model", file("model").string(), "--format", "jsonl", recording().string()});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const auto line = boost::json::parse(result.output);
  EXPECT_EQ(line.at("duration_s").to_number<double>(), kSeconds);
  double last_s = 0.0;
  for (const auto& word : line.at("words").as_array()) {
    EXPECT_GE(word.at("start").to_number<double>(), last_s - 1e-6);
    last_s = word.at("start").to_number<double>();
    EXPECT_LE(last_s, kSeconds);
  }
  EXPECT_LT(peak_memory_kb(), kMostMemoryKb);
}

TEST_F(LongAudio, OfTwoHoursIsDrawnAndPrintedInBoundedMemory) {
  const ProgramResult drawn =
      run_harpy({"info", "--features", recording().string(), "--output", file("a.png").string()});
  ASSERT_EQ(drawn.exit_code, 0) << drawn.errors;
  EXPECT_LT(std::filesystem::file_size(file("a.png")), 4'000'000U);
  const ProgramResult described = run_harpy({"info", "--json", recording().string()});
  ASSERT_EQ(described.exit_code, 0) << described.errors;
  EXPECT_EQ(boost::json::parse(described.output).at("duration_s").to_number<double>(), kSeconds);
  const ProgramResult table = run_harpy({"info", "--features", recording().string(), "--feature",
                                         "bin_count=3", "--output", file("a.tsv").string()});
  ASSERT_EQ(table.exit_code, 0) << table.errors;
  std::ifstream stream(file("a.tsv"));
  std::int64_t lines = 0;
  for (std::string line; std::getline(stream, line);) ++lines;
  EXPECT_EQ(lines, 1 + 719'998);
  EXPECT_LT(peak_memory_kb(), kMostMemoryKb);
}

}  // namespace
}  // namespace harpy

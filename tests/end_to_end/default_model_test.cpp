// The default model on real speech: its graph is compiled as tools/quickstart does, then the
// program transcribes recordings that a Debian package carries.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <memory>
#include <numbers>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "frontend/audio/audio_file.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
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

constexpr int kRateHz = 16000;
using Samples = std::vector<float>;

/// A signal of so many seconds, from its value at a time in seconds.
template <typename Value>
Samples signal(double seconds, Value value) {
  Samples samples(static_cast<std::size_t>(seconds * kRateHz));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<float>(value(static_cast<double>(i) / kRateHz));
  }
  return samples;
}

double sine(double frequency_hz, double time_s) {
  return std::sin(2.0 * std::numbers::pi * frequency_hz * time_s);
}

Samples white_noise(double seconds, double deviation) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal(0.0, deviation);
  return signal(seconds, [&](double) { return normal(random); });
}

class DefaultModel : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(fs::path(HARPY_DEFAULT_MODEL) / "graph.harpy") || !fs::exists(kRecordings)) {
      GTEST_SKIP() << "needs the packages pocketsphinx-en-us and pocketsphinx-testdata";
    }
  }

  /// What the program prints about recordings.
  static std::string transcribe(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{"transcribe", "--model", HARPY_DEFAULT_MODEL};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto result = run_harpy(all);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return result.output;
  }
  /// The program's words and their starts in seconds.
  static std::vector<std::pair<std::string, double>> timed_words(const fs::path& recording) {
    std::istringstream lines(transcribe({"--format", "ctm", recording.string()}));
    std::vector<std::pair<std::string, double>> words;
    std::string name;
    std::string channel;
    std::string word;
    double start_s = 0.0;
    double duration_s = 0.0;
    while (lines >> name >> channel >> start_s >> duration_s >> word) {
      words.emplace_back(word, start_s);
    }
    return words;
  }
};

TEST_F(DefaultModel, HearsNoWordsWhereNobodySpeaks) {
  const harpy::testing::TemporaryDirectory directory;
  const std::map<std::string, Samples> sounds{
      {"silence", Samples(kRateHz * 60)},
      {"quiet noise", white_noise(10.0, 0.0003)},
      {"white noise", white_noise(10.0, 0.1)},
      {"hum",
       signal(10.0, [](double t) { return 0.1 * (sine(50, t) + sine(100, t) + sine(150, t)); })},
      {"clicks",
       signal(10.0, [](double t) { return std::fmod(t, 0.5) < 0.5 / kRateHz ? 0.9 : 0.0; })},
      {"long clicks",
       signal(10.0, [](double t) { return std::fmod(t, 1.0) < 0.002 ? 0.8 * sine(400, t) : 0.0; })},
      {"European dial tone", signal(10.0, [](double t) { return 0.3 * sine(425, t); })},
      {"American dial tone",
       signal(10.0, [](double t) { return 0.15 * (sine(350, t) + sine(440, t)); })},
  };
  for (const auto& [name, samples] : sounds) {
    const fs::path path = directory.path() / (name + ".wav");
    harpy::testing::write_sound(path, {}, samples);
    EXPECT_EQ(transcribe({path.string()}), "\n") << name;
  }
}

TEST_F(DefaultModel, TimesOfWordsDoNotDriftInALongRecording) {
  const fs::path known = kRecordings / "sense_and_sensibility_01_austen_64kb-0870.wav";
  const auto words = timed_words(known);
  ASSERT_GT(words.size(), 15U);
  AudioFile file(known);
  ASSERT_EQ(file.sample_rate_hz(), kRateHz);
  const Samples speech = harpy::testing::read_all(file);
  constexpr double kSecondStart_s = 1200.0;
  Samples samples = white_noise(kSecondStart_s, 0.0005);
  std::copy(speech.begin(), speech.end(), samples.begin());
  samples.insert(samples.end(), speech.begin(), speech.end());
  const harpy::testing::TemporaryDirectory directory;
  harpy::testing::write_sound(directory.path() / "long.wav", {}, samples);

  const auto found = timed_words(directory.path() / "long.wav");
  for (const double begin_s : {0.0, kSecondStart_s}) {
    const auto is_found = [&](const std::pair<std::string, double>& word) {
      return std::any_of(found.begin(), found.end(), [&](const auto& other) {
        return other.first == word.first && std::abs(other.second - begin_s - word.second) < 0.1;
      });
    };
    const auto count = std::count_if(words.begin(), words.end(), is_found);
    EXPECT_GE(static_cast<double>(count), 0.8 * static_cast<double>(words.size())) << begin_s;
  }
}

TEST_F(DefaultModel, TranscribesRealSpeechRecognisably) {
  tools::ErrorCounts total;
  for (const auto& [name, reference] : read_references()) {
    const auto words = tools::split_words(transcribe({(kRecordings / (name + ".wav")).string()}));
    total += tools::count_errors(tools::align_words(reference, words));
  }
  EXPECT_GT(total.reference_words, 50);
  EXPECT_LT(total.error_rate_percent(), 60.0);
}

}  // namespace
}  // namespace harpy

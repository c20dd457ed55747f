// A recording of several minutes, cut into utterances by the recogniser itself, beside the same
// recording as one utterance and the same speech in short recordings: no word may be lost at the
// cuts.
#include <fstream>

#include <gtest/gtest.h>

#include "acoustic/training/manifest.hpp"
#include "frontend/audio/audio_file.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/shared.hpp"
#include "tools/score/scored_texts.hpp"
#include "tools/score/word_errors.hpp"

namespace harpy {
namespace {

namespace fs = std::filesystem;
using harpy::testing::run_harpy;

constexpr std::size_t kRecordingCount = 24;
constexpr std::size_t kStride = 7;  ///< so that all six speakers are there

tools::ErrorCounts errors_of(const std::string& reference, const std::string& hypothesis) {
  const auto words = tools::split_words(reference);
  const auto found = tools::split_words(hypothesis);
  return tools::count_errors(tools::align_words(words, found));
}

TEST(LongRecording, LosesNoWordWhereTheRecogniserCutsIt) {
  const fs::path model = HARPY_DEFAULT_MODEL;
  const fs::path manifest = harpy::testing::shared_dir() / "data" / "dev.jsonl";
  if (!fs::exists(model / "graph.harpy")) GTEST_SKIP() << "needs the package pocketsphinx-en-us";
  if (!fs::exists(manifest)) GTEST_SKIP() << "needs the folder ../shared: " << manifest;

  const harpy::testing::TemporaryDirectory directory;
  std::ofstream list(directory.path() / "list.jsonl");
  std::vector<float> samples;
  std::string reference;
  const auto entries = read_manifest(manifest);
  for (std::size_t i = 0; i < kRecordingCount && i * kStride < entries.size(); ++i) {
    const ManifestEntry& entry = entries[i * kStride];
    AudioFile file(entry.audio);
    ASSERT_EQ(file.sample_rate_hz(), 16000);
    const std::vector<float> part = harpy::testing::read_all(file);
    samples.insert(samples.end(), part.begin(), part.end());
    reference += entry.text + " ";
    list << R"({"id": ")" << entry.id << R"(", "audio": ")" << entry.audio.string() << "\"}\n";
  }
  list.close();
  ASSERT_GT(samples.size(), 16000U * 200U);
  const fs::path joined = directory.path() / "joined.wav";
  harpy::testing::write_sound(joined, {}, samples);

  const auto apart = run_harpy({"transcribe", "--model", model.string(), "--manifest",
                                (directory.path() / "list.jsonl").string(), "--format", "jsonl"});
  ASSERT_EQ(apart.exit_code, 0) << apart.errors;
  std::ofstream(directory.path() / "apart.jsonl") << apart.output;
  std::map<std::string, tools::ScoredText> transcripts =
      tools::read_scored_texts(directory.path() / "apart.jsonl");
  std::string pieces;
  for (std::size_t i = 0; i < kRecordingCount && i * kStride < entries.size(); ++i) {
    pieces += transcripts.at(entries[i * kStride].id).text + " ";
  }
  const auto cut = run_harpy({"transcribe", "--model", model.string(), joined.string()});
  ASSERT_EQ(cut.exit_code, 0) << cut.errors;
  const auto whole =
      run_harpy({"transcribe", "--model", model.string(), "--whole", joined.string()});
  ASSERT_EQ(whole.exit_code, 0) << whole.errors;

  const tools::ErrorCounts apart_errors = errors_of(reference, pieces);
  const tools::ErrorCounts cut_errors = errors_of(reference, cut.output);
  const tools::ErrorCounts whole_errors = errors_of(reference, whole.output);
  EXPECT_LE(cut_errors.error_rate_percent(), whole_errors.error_rate_percent() + 1.5);
  // Lost words would be deletions. (Substitutions of joined recordings are more than those of
  // recordings apart: the speaker before is still in the network's context, the sentence before in
  // the language model's.)
  const auto one_per_cent = apart_errors.reference_words / 100;
  EXPECT_LE(cut_errors.deletions, whole_errors.deletions + one_per_cent);
  EXPECT_LE(cut_errors.deletions, apart_errors.deletions + one_per_cent);
}

}  // namespace
}  // namespace harpy

// Files of scores: every utterance is read, or refused by one error that names the file.
#include "decoder/graph/token_list.hpp"
#include "tests/fuzz/malformed_files.hpp"
#include "tests/tools/decode/score_samples.hpp"
#include "tools/decode/score_files.hpp"

namespace harpy::tools {
namespace {

using harpy::testing::bytes_of;
using harpy::testing::MalformedFiles;

std::string score_sample(const std::string& name) {
  return bytes_of(harpy::testing::scores_dir() / "kinds" / name);
}

/// Reads a file to its first error.
void read_scores(const std::filesystem::path& path) {
  const auto file = open_score_file(path);
  while (const std::optional<ScoredUtterance> utterance = file->next()) {
    const ScoreMatrix& scores = utterance->scores;
    ASSERT_EQ(scores.values.size(),
              static_cast<std::size_t>(scores.frame_count * scores.column_count));
  }
}

TEST_F(MalformedFiles, ArraysOfNumpyAreReadOrRefused) {
  run({score_sample("float16.npy"), score_sample("fortran.npy"), score_sample("batch.npy"),
       score_sample("version2.npy")},
      read_scores);
}

TEST_F(MalformedFiles, ArchivesOfNumpyAreReadOrRefused) {
  run({score_sample("stored.npz"), score_sample("deflated.npz")}, read_scores);
}

TEST_F(MalformedFiles, SafetensorsOfScoresAreReadOrRefused) {
  run({score_sample("all.safetensors")}, read_scores);
}

TEST_F(MalformedFiles, ArchivesOfKaldiAreReadOrRefused) {
  run({score_sample("binary.ark"), score_sample("text.ark")}, read_scores);
}

TEST_F(MalformedFiles, ListsOfPlacesAreReadOrRefused) {
  path_.replace_extension(".scp");
  const std::filesystem::path former = std::filesystem::current_path();
  std::filesystem::current_path(harpy::testing::scores_dir() / "kinds");
  run({"a binary.ark:6\n", "b binary.ark:168\r\n\nc binary.ark:6\n"}, read_scores);
  std::filesystem::current_path(former);
}

TEST_F(MalformedFiles, ListsOfTokensAreReadOrRefused) {
  run({"<blk>\n|\na\nb\n", "a 1\n<blk> 0\n  2\n#0 3\n", "<unk>\t0\n<s>\t0\n\xE2\x96\x81t\t-1.5\n"},
      [](const auto& path) { TokenList::read(path, BlankColumn()); });
}

}  // namespace
}  // namespace harpy::tools

// Lists of recordings and transcripts: one error that names the file, or a valid result.
#include "acoustic/training/kaldi_directory.hpp"
#include "acoustic/training/manifest.hpp"
#include "models/files/text_lines.hpp"
#include "tests/fuzz/malformed_files.hpp"

namespace harpy {
namespace {

using testing::MalformedFiles;

TEST_F(MalformedFiles, TextsAreReadOrRefused) {
  const std::vector<std::string> samples{"one two\nthree\r\n\nd\xC3\xA9j\xC3\xA0 vu\n",
                                         "\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo\n",
                                         "\xE6\x9D\xB1\xE4\xBA\xAC \xF0\x9F\x98\x80\n"};
  run(samples, [](const auto& path) {
    TextLines lines(path);
    while (lines.next()) {
      for (const std::string_view field : lines.fields()) ASSERT_FALSE(field.empty());
    }
  });
}

TEST_F(MalformedFiles, ManifestsAreReadOrRefused) {
  const std::vector<std::string> samples{
      R"({"id": "a1", "audio": "audio/a1.flac", "text": "HELLO", "speaker": "s1", "start": 0.5, )"
      R"("end": 2.25, "duration_s": 1.75, "channel": 2, "more": [1, {}]})"
      "\n\n"
      R"({"audio": "b.wav", "text": null})"
      "\n",
      "\xEF\xBB\xBF{\"audio\": \"\xC3\xA9.wav\"}\r\n"};
  run(samples, [](const auto& path) { read_manifest(path); });
}

TEST_F(MalformedFiles, SegmentsOfKaldiAreReadOrRefused) {
  std::ofstream(directory_.path() / "wav.scp") << "rec1 one.wav\nrec2 two.wav\n";
  path_ = directory_.path() / "segments";
  const std::vector<std::string> samples{
      "utt1 rec1 0.0 5.0 1\nutt2 rec1 5.0 -1\nutt3 rec2 0.25 1e1 0\n",
      "\xEF\xBB\xBFutt1 rec1 0 5\r\n\r\nutt2\trec2\t+1\t2\r\n"};
  for (const bool is_strict : {true, false}) {
    run(samples, [&](const auto& path) {
      read_kaldi_directory(path.parent_path(), {.needs_text = false, .is_strict = is_strict});
    });
  }
}

TEST_F(MalformedFiles, RecordingsOfKaldiAreReadOrRefused) {
  path_ = directory_.path() / "wav.scp";
  const std::vector<std::string> samples{"rec1 one.wav\nrec2 a folder/two.wav\n",
                                         "\xEF\xBB\xBFrec1\tone.wav\r\nrec2 \xC3\xA9.wav\r\n"};
  run(samples, [](const auto& path) {
    read_kaldi_directory(path.parent_path(), {.needs_text = false, .is_strict = false});
  });
}

}  // namespace
}  // namespace harpy

// Inputs as people have them, given to the program: each test is named after a situation.
#include <algorithm>
#include <cmath>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/files/utf8.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy {
namespace {

using harpy::testing::ProgramResult;
using harpy::testing::read_bytes;
using harpy::testing::run_harpy;
using harpy::testing::write_bytes;
using harpy::testing::write_sound;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::string_view kArpa =
    "\\data\\\nngram 1=6\nngram 2=2\n\n\\1-grams:\n-99\t<s>\t-0.30103\n-0.9\t</s>\n"
    "-0.7\tone\t-0.2\n-0.7\ttwo\t-0.2\n-0.7\tthree\t-0.2\n-0.9\tfour\n\n"
    "\\2-grams:\n-0.3\t<s> one\n-0.3\tone two\n\n\\end\\\n";
constexpr std::string_view kLexicon = "one W AH N\ntwo T UW\nthree TH R IY\nfour F AO R\n";

class FieldInputs : public ::testing::Test {
 protected:
  FieldInputs() {
    std::filesystem::create_directory(file("model"));
    harpy::testing::write_tiny_model(file("model"));
  }

  std::filesystem::path file(const std::string& name) const { return directory_.path() / name; }

  /// A second of a tone that comes and goes, in channels with the given factors.
  std::filesystem::path record(const std::string& name, const std::vector<float>& factors,
                               int code = SF_FORMAT_WAV | SF_FORMAT_PCM_16) const {
    std::vector<float> samples;
    for (int i = 0; i < 16000; ++i) {
      const float time_s = static_cast<float>(i) / 16000.0F;
      const float sample = 0.3F * std::sin(2000.0F * time_s) * std::sin(7.0F * time_s);
      for (const float factor : factors) samples.push_back(factor * sample);
    }
    write_sound(file(name), {.code = code, .channel_count = static_cast<int>(factors.size())},
                samples);
    return file(name);
  }

  ProgramResult transcribe(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{"transcribe", "--model", file("model").string(), "--format",
                                       "jsonl"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_harpy(arguments);
  }

  ProgramResult compile(std::string_view arpa, std::string_view lexicon) const {
    write_bytes(file("lm.arpa"), std::string(arpa));
    write_bytes(file("lexicon"), std::string(lexicon));
    return run_harpy({"graph", "--case", "keep", "--lexicon", file("lexicon").string(),
                      "--language-model", file("lm.arpa").string(), "--output",
                      file("graph.harpy").string()});
  }

  static void expect_one_error(const ProgramResult& result, const std::string& text) {
    EXPECT_EQ(result.exit_code, 1) << result.output;
    EXPECT_THAT(result.errors, HasSubstr(text));
    // Progress is told on the same stream.
    const std::size_t begin = result.errors.find("harpy: error: ");
    ASSERT_NE(begin, std::string::npos) << result.errors;
    EXPECT_EQ(result.errors.find('\n', begin), result.errors.size() - 1) << result.errors;
  }

  harpy::testing::TemporaryDirectory directory_;
};

TEST_F(FieldInputs, WavWithAPlaceholderLengthIsReadToItsEnd) {
  std::string bytes = read_bytes(record("a.wav", {1.0F}));
  for (const std::string& length :
       {std::string("\x00\x00\xFF\x7F", 4), std::string("\x00\x94\x35\x77", 4),
        std::string("\xFF\xFF\xFF\xFF", 4), std::string(4, '\0')}) {
    write_bytes(file("a.wav"), bytes.replace(40, 4, length));
    const ProgramResult result = transcribe({file("a.wav").string()});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_THAT(result.output, HasSubstr("\"duration_s\": 1"));
  }
}

TEST_F(FieldInputs, StereoWithOneSideInvertedIsHeardWithAWarning) {
  const ProgramResult mono = transcribe({record("mono.wav", {1.0F}).string()});
  const ProgramResult result = transcribe({record("mono.wav", {1.0F, -1.0F}).string()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output, mono.output);
  EXPECT_THAT(result.errors,
              AllOf(StartsWith("harpy: warning: " + file("mono.wav").string()),
                    HasSubstr("cancel each other out"), HasSubstr("channel 1 is taken")));
  EXPECT_THAT(transcribe({file("mono.wav").string(), "--channel", "2"}).errors, IsEmpty());
}

TEST_F(FieldInputs, KaldiDirectoryWithWavScpAloneIsTranscribed) {
  std::filesystem::create_directory(file("data"));
  write_bytes(file("data/wav.scp"), "utt1 " + record("a.wav", {1.0F}).string() + "\n");
  const ProgramResult plain = transcribe({"--manifest", file("data").string()});
  EXPECT_EQ(plain.exit_code, 0) << plain.errors;
  EXPECT_THAT(plain.output, HasSubstr("\"utt1\""));
  write_bytes(file("data/segments"), "s1 utt1 0.0 0.5\ns2 utt1 0.5 -1\n");
  const ProgramResult cut = transcribe({"--manifest", file("data").string()});
  EXPECT_EQ(cut.exit_code, 0) << cut.errors;
  EXPECT_EQ(std::count(cut.output.begin(), cut.output.end(), '\n'), 2);
}

TEST_F(FieldInputs, SurplusLinesOfAKaldiDirectoryAreNamedOrRefused) {
  std::filesystem::create_directory(file("data"));
  write_bytes(file("data/wav.scp"), "utt1 " + record("a.wav", {1.0F}).string() + "\n");
  write_bytes(file("data/text"), "utt1 ONE\nutt9 TWO\n");
  const ProgramResult result = transcribe({"--manifest", file("data").string()});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.errors, HasSubstr("text:2: there is no recording of utterance utt9"));
  expect_one_error(transcribe({"--manifest", file("data").string(), "--strict"}),
                   "text:2: there is no recording of utterance utt9");
}

TEST_F(FieldInputs, FifthColumnOfSegmentsIsTheChannel) {
  std::filesystem::create_directory(file("data"));
  write_bytes(file("data/wav.scp"), "rec1 " + record("stereo.wav", {0.0F, 1.0F}).string() + "\n");
  write_bytes(file("data/segments"), "utt1 rec1 0.0 1.0 1\n");
  const ProgramResult right = transcribe({"--manifest", file("data").string()});
  EXPECT_EQ(right.exit_code, 0) << right.errors;
  write_bytes(file("data/segments"), "utt1 rec1 0.0 1.0\n");
  write_bytes(file("data/wav.scp"), "rec1 " + record("mono.wav", {1.0F}).string() + "\n");
  const auto text_of = [](const ProgramResult& result) {
    return result.output.substr(std::min(result.output.find("\"text\""), result.output.size()));
  };
  EXPECT_THAT(right.output, HasSubstr("\"channel\": 2"));
  EXPECT_EQ(text_of(right), text_of(transcribe({"--manifest", file("data").string()})));
  write_bytes(file("data/segments"), "utt1 rec1 0.0 1.0 1\n");
  expect_one_error(transcribe({"--manifest", file("data").string()}), "but channel 2 is asked for");
}

TEST_F(FieldInputs, PhoneRecordingsOfOtherKindsAreNamed) {
  write_bytes(file("memo.m4a"), std::string("\0\0\0\x20", 4) + "ftypM4A " + std::string(500, 'x'));
  expect_one_error(transcribe({file("memo.m4a").string()}),
                   "memo.m4a: is an M4A file (MPEG-4 audio), which is not supported; convert it "
                   "with: ffmpeg -i ");
}

TEST_F(FieldInputs, PhoneRecordingsOfOtherKindsAreDecodedByFfmpeg) {
  if (std::system("command -v ffmpeg >/dev/null") != 0) GTEST_SKIP() << "needs ffmpeg";
  const ProgramResult plain = transcribe({record("memo.wav", {1.0F}).string()});
  // Matroska can hold samples as they are.
  ASSERT_EQ(std::system(("ffmpeg -nostdin -loglevel error -i " + file("memo.wav").string() +
                         " -c:a pcm_s16le " + file("memo.mkv").string())
                            .c_str()),
            0);
  const ProgramResult converted = transcribe({"--ffmpeg", file("memo.mkv").string()});
  EXPECT_EQ(converted.exit_code, 0);
  EXPECT_EQ(converted.errors, "");
  const auto words_of = [](const ProgramResult& result) {
    return result.output.substr(
        std::min(result.output.find("\"duration_s\""), result.output.size()));
  };
  EXPECT_THAT(words_of(converted), HasSubstr("\"words\""));
  EXPECT_EQ(words_of(converted), words_of(plain));
}

TEST_F(FieldInputs, FilesOfAnyNameGiveValidJsonAndSingleLines) {
  const auto latin = record("d\xE9j\xE0.wav", {1.0F});
  const auto split = record("two\nlines.wav", {1.0F});
  const ProgramResult json = transcribe({latin.string(), split.string()});
  EXPECT_EQ(json.exit_code, 0) << json.errors;
  EXPECT_EQ(std::count(json.output.begin(), json.output.end(), '\n'), 2);
  EXPECT_THAT(json.output, AllOf(HasSubstr(R"(d\\xE9j\\xE0.wav)"), HasSubstr(R"(two\nlines.wav)")));
  const ProgramResult text = run_harpy({"transcribe", "--model", file("model").string(), "--format",
                                        "text", latin.string(), split.string()});
  EXPECT_EQ(std::count(text.output.begin(), text.output.end(), '\n'), 2);
  EXPECT_THAT(text.output, AllOf(HasSubstr(R"(d\xE9j\xE0.wav)"), HasSubstr(R"(two\nlines.wav)")));
  for (const bool is_json : {true, false}) {
    std::vector<std::string> arguments{"info", latin.string(), split.string()};
    if (is_json) arguments.emplace_back("--json");
    const ProgramResult info = run_harpy(arguments);
    EXPECT_EQ(info.exit_code, 0) << info.errors;
    EXPECT_EQ(valid_utf8_bytes(info.output), info.output.size());
    EXPECT_THAT(info.output, HasSubstr(R"(two\nlines.wav)"));
  }
  expect_one_error(transcribe({file("not\nthere.wav").string()}),
                   R"(not\nthere.wav: no such file)");
}

TEST_F(FieldInputs, ByteOrderMarksDoNoHarm) {
  const std::string mark = "\xEF\xBB\xBF";
  const ProgramResult graph = compile(mark + std::string(kArpa), mark + std::string(kLexicon));
  EXPECT_EQ(graph.exit_code, 0) << graph.errors;
  EXPECT_THAT(graph.errors, HasSubstr("graph.harpy: 4 words"));
  write_bytes(file("ref"), mark + "a ONE TWO\r\n");
  write_bytes(file("hyp"), "a ONE TWO\n");
  const ProgramResult score = run_harpy({"score", file("ref").string(), file("hyp").string()});
  EXPECT_EQ(score.exit_code, 0) << score.errors;
  const auto recording = record("a.wav", {1.0F});
  write_bytes(file("list.jsonl"), mark + "{\"audio\": \"a.wav\"}\r\n");
  EXPECT_EQ(transcribe({"--manifest", file("list.jsonl").string()}).exit_code, 0);
  write_bytes(file("harpy.ini"), mark + "[transcribe]\r\nwhole = true\r\n");
  const ProgramResult config =
      transcribe({"--config", file("harpy.ini").string(), recording.string()});
  EXPECT_EQ(config.exit_code, 0) << config.errors;
}

TEST_F(FieldInputs, TextsInOtherCodingsAreRefusedByName) {
  expect_one_error(compile(kArpa, "one W AH N\nd\xE9j\xE0 D EY ZH AA\n"),
                   "lexicon:2:2: the byte 0xE9 is not UTF-8");
  expect_one_error(compile(kArpa, std::string("\xFF\xFEo\0n\0e\0", 8)), "lexicon: is UTF-16");
}

TEST_F(FieldInputs, LanguageModelsInTheLayoutOfOtherToolsAreCompiled) {
  std::string irstlm(kArpa);
  irstlm.replace(irstlm.find("ngram 1=6\nngram 2=2\n\n"), 21,
                 "ngram  1=         6\nngram  2=         2\n \n");
  const ProgramResult padded = compile(irstlm, kLexicon);
  EXPECT_EQ(padded.exit_code, 0) << padded.errors;
  std::string rounded(kArpa);
  rounded.replace(rounded.find("-0.3\tone two"), 4, "0.0000012");
  const ProgramResult told = compile(rounded, kLexicon);
  EXPECT_EQ(told.exit_code, 0) << told.errors;
  EXPECT_THAT(told.errors, HasSubstr("1 logarithms of probabilities are a little above 0"));
}

TEST_F(FieldInputs, LexiconsWithProbabilitiesAreCompiled) {
  const ProgramResult result =
      compile(kArpa,
              "one 1.0 W AH N\none 0.5 W AA N\ntwo 1.0 T UW\nthree 1.0 TH R IY\n"
              "four 1.0 F AO R\n");
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.errors, HasSubstr("4 words, 12 labels"));
  expect_one_error(compile(kArpa, "one 1.0 W AH N\ntwo T UW\n"),
                   "lexicon:1: \"1.0\" is a number, not a phone");
}

TEST_F(FieldInputs, AFullDiskIsOneErrorThatNamesTheFile) {
  const std::string command = "ulimit -f 1; " HARPY_PROGRAM " graph --case keep --lexicon " +
                              file("lexicon").string() + " --language-model " +
                              file("lm.arpa").string() + " --output " +
                              file("graph.harpy").string() + " 2>" + file("errors").string();
  std::string lexicon;
  std::string words;
  for (int i = 0; i < 500; ++i) {
    lexicon += "word" + std::to_string(i) + " W AH N T UW\n";
    words += "-3\tword" + std::to_string(i) + "\n";
  }
  write_bytes(file("lexicon"), lexicon);
  write_bytes(file("lm.arpa"), "\\data\\\nngram 1=502\n\n\\1-grams:\n-99\t<s>\n-0.9\t</s>\n" +
                                   words + "\n\\end\\\n");
  EXPECT_NE(std::system(command.c_str()), 0);
  EXPECT_THAT(read_bytes(file("errors")),
              HasSubstr("graph.harpy: cannot be written: File too large"));
  EXPECT_FALSE(std::filesystem::exists(file("graph.harpy")));
  EXPECT_FALSE(harpy::testing::holds_unfinished_file(directory_.path()));
}

}  // namespace
}  // namespace harpy

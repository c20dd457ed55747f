#include "tools/transcribe/output_format.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "models/files/utf8.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/tools/transcribe/made_transcription.hpp"
#include "tools/transcribe/output_writer.hpp"

namespace harpy::tools {
namespace {

namespace fs = std::filesystem;
using harpy::testing::made_model;
using harpy::testing::made_recording;
using harpy::testing::made_transcription;

constexpr const char* kRecordingJson =
    R"({"id": "calls/a b.wav", "audio": "calls/a b.wav", "duration_s": 3663, )"
    R"("text": "R&B <UNK> IT'S LATE", "words": [)"
    R"({"word": "R&B", "start": 0.5, "end": 0.9}, {"word": "<UNK>", "start": 0.9, "end": 1.3}, )"
    R"({"word": "IT'S", "start": 3661.25, "end": 3661.65}, )"
    R"({"word": "LATE", "start": 3661.65, "end": 3662.05}], "utterances": [)"
    R"({"start": 0.5, "end": 1.3, "text": "R&B <UNK>"}, )"
    R"({"start": 3661.25, "end": 3662.05, "text": "IT'S LATE"}]})";
constexpr const char* kModelJson = R"("model": {"name": "tiny", "version": "7", "language": "en"})";

std::string file_of(OutputFormat format) {
  return file_content(format, made_recording(), made_transcription(), json_header(made_model()));
}

std::string read(const fs::path& path) {
  std::ifstream stream(path);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

TEST(OutputFormats, NamesAreReadBack) {
  for (const std::string& name : output_format_names()) {
    const std::string ending = file_ending(parse_output_format(name));
    EXPECT_EQ(ending, name == "text" ? ".txt" : name == "textgrid" ? ".TextGrid" : "." + name);
  }
  EXPECT_THROW(parse_output_format("doc"), std::invalid_argument);
}

TEST(OutputFormats, AllButSubtitlesAndTextGridsCanHoldManyRecordings) {
  for (const std::string& name : output_format_names()) {
    EXPECT_EQ(can_hold_many(parse_output_format(name)),
              name != "srt" && name != "vtt" && name != "textgrid")
        << name;
  }
}

TEST(OutputFormats, AreAllWrittenAndDocumented) {
  const std::string text = read(HARPY_SOURCE_DIR "/docs/transcribe.md");
  for (const std::string& name : output_format_names()) {
    EXPECT_THAT(text, ::testing::HasSubstr("`" + name + "`"));
    EXPECT_NO_THROW(file_of(parse_output_format(name))) << name;
  }
}

TEST(OutputFormats, TextIsALineAnUtterance) {
  EXPECT_EQ(file_of(OutputFormat::kText), "R&B <UNK>\nIT'S LATE\n");
  EXPECT_EQ(utterance_lines(made_transcription(), true),
            "     0.50 -    1.30  R&B <UNK>\n  3661.25 - 3662.05  IT'S LATE\n");
}

TEST(OutputFormats, JsonLinesAreOneObjectARecording) {
  EXPECT_EQ(file_of(OutputFormat::kJsonLines), std::string(kRecordingJson) + "\n");
}

TEST(OutputFormats, JsonIsADocumentOfRecordings) {
  const boost::json::value document = boost::json::parse(file_of(OutputFormat::kJson));
  EXPECT_EQ(document,
            boost::json::parse(std::string(R"({"harpy": ")") + HARPY_VERSION + "\", " + kModelJson +
                               ", \"recordings\": [" + kRecordingJson + "]}"));
}

TEST(OutputFormats, ConfidencesAndAlternativesAreToldWhereTheyAreKnown) {
  Transcription result;
  result.finals = {testing::made_utterance({"A"}, 0.5)};
  result.finals[0].words[0].confidence = 0.87654;
  result.finals[0].alternatives = {{{{"A", 0.5, 0.9}}, -10.123456, 0.75}, {{}, -12.0, 0.25}};
  const boost::json::object object = json_recording(made_recording(), result);
  EXPECT_EQ(
      object.at("words"),
      boost::json::parse(R"([{"word": "A", "start": 0.5, "end": 0.9, "confidence": 0.8765}])"));
  EXPECT_EQ(object.at("utterances").at(0).at("alternatives"),
            boost::json::parse(
                R"([{"text": "A", "score": -10.1235, "probability": 0.75,
           "words": [{"word": "A", "start": 0.5, "end": 0.9}]},
          {"text": "", "score": -12.0, "probability": 0.25, "words": []}])"));
  EXPECT_EQ(ctm_text(made_recording(), result), "calls/a_b 1 0.500 0.400 A 0.8765\n");
}

TEST(OutputFormats, TheWrittenFormIsShownAndStandsBesideTheWords) {
  Transcription result;
  result.finals = {testing::made_utterance({"PAY", "ONE", "DOLLAR"}, 0.5, 0.25)};
  result.finals[0].written = {{"PAY", 0.5, 0.75}, {"$1", 0.75, 1.25}};
  const boost::json::object object = json_recording(made_recording(), result);
  EXPECT_EQ(object.at("text"), "PAY ONE DOLLAR");
  EXPECT_EQ(object.at("written"), "PAY $1");
  EXPECT_EQ(object.at("words").as_array().size(), 3U);
  EXPECT_EQ(object.at("written_words"),
            boost::json::parse(R"([{"word": "PAY", "start": 0.5, "end": 0.75},
                                   {"word": "$1", "start": 0.75, "end": 1.25}])"));
  EXPECT_EQ(object.at("utterances").at(0).at("text"), "PAY ONE DOLLAR");
  EXPECT_EQ(object.at("utterances").at(0).at("written"), "PAY $1");
  EXPECT_EQ(utterance_lines(result, false), "PAY $1\n");
  EXPECT_EQ(result.shown_text(), "PAY $1");
  EXPECT_EQ(file_content(OutputFormat::kSrt, made_recording(), result, json_header(made_model())),
            "1\n00:00:00,500 --> 00:00:01,500\nPAY $1\n\n");
  EXPECT_EQ(stm_text(made_recording(), result),
            "calls/a_b 1 calls/a_b 0.500 1.250 PAY ONE DOLLAR\n");
}

TEST(OutputFormats, PhonesAreToldWhereTheyAreKnown) {
  Transcription result;
  result.finals = {harpy::testing::made_utterance({"A"}, 0.5)};
  result.finals[0].words[0].phones = {{"EY", 0.5, 0.7}};
  EXPECT_EQ(json_recording(made_recording(), result).at("words").at(0).at("phones"),
            boost::json::parse(R"([{"phone": "EY", "start": 0.5, "end": 0.7}])"));
}

TEST(OutputFormats, StartsOfSpeechAreToldWhereTheyWereAskedFor) {
  Transcription result = made_transcription();
  EXPECT_FALSE(json_recording(made_recording(), result).contains("speech_starts"));
  result.speech_starts_s = {0.48, 3661.2304};
  EXPECT_EQ(json_recording(made_recording(), result).at("speech_starts"),
            boost::json::parse("[0.48, 3661.23]"));
}

TEST(OutputFormats, StmHasALineAnUtterance) {
  EXPECT_EQ(file_of(OutputFormat::kStm),
            "calls/a_b 1 calls/a_b 0.500 1.300 R&B <UNK>\n"
            "calls/a_b 1 calls/a_b 3661.250 3662.050 IT'S LATE\n");
}

TEST(OutputFormats, AManifestHasALineAnUtterance) {
  Recording recording = made_recording();
  recording.audio = "/calls/a.wav";
  recording.start_s = 10.0;
  recording.channel = 1;
  recording.speaker = "ann";
  Transcription result = made_transcription();
  result.finals[0].start_s = 0.25;
  result.finals[0].end_s = 3000.0;
  EXPECT_EQ(manifest_lines(recording, result),
            R"({"id": "calls/a b.wav-1", "audio": "/calls/a.wav", "start": 10.25, "end": 11.8, )"
            R"("text": "R&B <UNK>", "channel": 2, "speaker": "ann"})"
            "\n"
            R"({"id": "calls/a b.wav-2", "audio": "/calls/a.wav", "start": 3671.25, )"
            R"("end": 3672.05, "text": "IT'S LATE", "channel": 2, "speaker": "ann"})"
            "\n");
}

TEST(OutputFormats, LatticesAreNamedAfterRecordingAndUtterance) {
  Transcription result = made_transcription();
  EXPECT_EQ(
      file_content(OutputFormat::kLattice, made_recording(), result, json_header(made_model())),
      "");
  UtteranceLattice& lattice = result.finals[0].lattice;
  lattice.words = std::make_shared<const SymbolTable>(std::vector<std::string>{"<eps>", "A"});
  lattice.compact = std::make_shared<const CompactLattice>(
      std::vector<CompactLatticeState>{{}, {0, {0.5, 0.0}}},
      std::vector<CompactLatticeArc>{{0, 1, 1, {1.0, 2.0, 0, 1}}}, std::vector<std::int32_t>{3});
  lattice.raw = std::make_shared<const Lattice>(std::vector<LatticeState>{{0}, {1, 0, 0.5F}},
                                                std::vector<LatticeArc>{{0, 1, 3, 1, 1.0F, 2.0F}});
  EXPECT_EQ(lattice_archive(made_recording(), result, false),
            "calls/a_b.wav-1\n0 1 A 1,2,3\n1 0.5,0,\n\n");
  result.finals.pop_back();
  EXPECT_EQ(lattice_archive(made_recording(), result, true),
            "calls/a_b.wav\n0 1 3 A 1,2\n1 0.5,0\n\n");
}

TEST(OutputFormats, StretchesAndChannelsAreTold) {
  Recording recording = made_recording();
  recording.start_s = 12.5;
  recording.channel = 1;
  const boost::json::object object = json_recording(recording, made_transcription());
  EXPECT_EQ(object.at("start"), 12.5);
  EXPECT_EQ(object.at("channel"), 2);
}

/// A recording whose name is not UTF-8 and would end a line.
Recording oddly_named_recording() {
  Recording recording = made_recording();
  recording.id = "d\xE9j\xE0\n\"vu\".wav";
  recording.name = "d\xE9j\xE0\n\"vu\"";
  recording.audio = recording.id;
  return recording;
}

TEST(OutputFormats, JsonIsValidWhateverTheFileIsCalled) {
  for (const auto format : {OutputFormat::kJson, OutputFormat::kJsonLines}) {
    const std::string text = file_content(format, oddly_named_recording(), made_transcription(),
                                          json_header(made_model()));
    EXPECT_EQ(valid_utf8_bytes(text), text.size());
    const boost::json::value document = boost::json::parse(text);
    const boost::json::value& recording =
        format == OutputFormat::kJson ? document.at("recordings").at(0) : document;
    EXPECT_EQ(recording.at("id"), "d\\xE9j\\xE0\n\"vu\".wav");
    EXPECT_EQ(recording.at("audio"), "d\\xE9j\\xE0\n\"vu\".wav");
  }
}

TEST(OutputFormats, CtmHasALineAWordWhateverTheFileIsCalled) {
  const std::string text = ctm_text(oddly_named_recording(), made_transcription());
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_THAT(text, ::testing::StartsWith("d\\xE9j\\xE0_\"vu\" 1 0.500 0.400 R&B\n"));
}

TEST(OutputFormats, SubtitlesFollowTheUtterances) {
  EXPECT_EQ(file_of(OutputFormat::kSrt),
            "1\n00:00:00,500 --> 00:00:01,500\nR&B <UNK>\n\n"
            "2\n01:01:01,250 --> 01:01:02,250\nIT'S LATE\n\n");
  EXPECT_EQ(file_of(OutputFormat::kVtt),
            "WEBVTT\n\n1\n00:00:00.500 --> 00:00:01.500\nR&amp;B &lt;UNK&gt;\n\n"
            "2\n01:01:01.250 --> 01:01:02.250\nIT'S LATE\n\n");
}

TEST(OutputFormats, CtmHasFileChannelStartDurationWord) {
  EXPECT_EQ(file_of(OutputFormat::kCtm),
            "calls/a_b 1 0.500 0.400 R&B\ncalls/a_b 1 0.900 0.400 <UNK>\n"
            "calls/a_b 1 3661.250 0.400 IT'S\ncalls/a_b 1 3661.650 0.400 LATE\n");
  Recording second = made_recording();
  second.channel = 1;
  EXPECT_THAT(ctm_text(second, made_transcription()), ::testing::StartsWith("calls/a_b 2 0.500"));
}

TEST(OutputFormats, NothingRecognisedIsValidInEveryForm) {
  const auto empty = [](OutputFormat format) {
    return file_content(format, made_recording(), {}, json_header(made_model()));
  };
  for (const auto format : {OutputFormat::kText, OutputFormat::kSrt, OutputFormat::kCtm}) {
    EXPECT_EQ(empty(format), "");
  }
  EXPECT_EQ(empty(OutputFormat::kVtt), "WEBVTT\n\n");
  EXPECT_THAT(empty(OutputFormat::kJsonLines), ::testing::HasSubstr(R"("words": [])"));
}

TEST(OutputWriter, AStreamHasOneJsonDocumentForAllRecordings) {
  for (const int count : {0, 1, 3}) {
    std::ostringstream stream;
    const boost::json::object model = json_header(made_model());
    const auto output =
        make_stream_writer(stream, {.format = OutputFormat::kJson, .is_only_one = false}, model);
    for (int i = 0; i < count; ++i) output->add(made_recording(), made_transcription());
    output->finish();
    const boost::json::value document = boost::json::parse(stream.str());
    EXPECT_EQ(document.at("recordings").as_array().size(), static_cast<std::size_t>(count));
    EXPECT_EQ(document.at("model").at("name"), "tiny");
  }
}

TEST(OutputWriter, TextOfSeveralRecordingsBeginsWithTheirIds) {
  const boost::json::object model = json_header(made_model());
  const auto written = [&](const StreamWriterOptions& options) {
    std::ostringstream stream;
    make_stream_writer(stream, options, model)->add(made_recording(), made_transcription());
    return stream.str();
  };
  EXPECT_EQ(written({}), "R&B <UNK> IT'S LATE\n");
  EXPECT_EQ(written({.is_only_one = false}), "calls/a b.wav\tR&B <UNK> IT'S LATE\n");
  EXPECT_THAT(written({.times = true}),
              ::testing::StartsWith("calls/a b.wav (3663.00 s)\n     0.50"));
}

TEST(OutputWriter, TextHasALineARecordingWhateverTheFileIsCalled) {
  const boost::json::object model = json_header(made_model());
  std::ostringstream stream;
  make_stream_writer(stream, {.is_only_one = false}, model)
      ->add(oddly_named_recording(), made_transcription());
  EXPECT_EQ(stream.str(), "d\\xE9j\\xE0\\n\"vu\".wav\tR&B <UNK> IT'S LATE\n");
}

TEST(OutputWriter, AFolderHasAFileForEachRecordingAndFormat) {
  const harpy::testing::TemporaryDirectory directory;
  const fs::path folder = directory.path() / "made" / "here";
  const boost::json::object model = json_header(made_model());
  const auto output = make_folder_writer(folder, {OutputFormat::kText, OutputFormat::kSrt}, model);
  Recording second = made_recording();
  second.channel = 1;
  second.is_one_of_many = true;
  for (int i = 0; i < 2; ++i) output->add(made_recording(), made_transcription());
  output->add(second, made_transcription());
  output->finish();
  EXPECT_EQ(read(folder / "calls" / "a b.txt"), file_of(OutputFormat::kText));
  EXPECT_EQ(read(folder / "calls" / "a b.srt"), file_of(OutputFormat::kSrt));
  EXPECT_TRUE(fs::exists(folder / "calls" / "a b-2.srt"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder / "calls"), {}), 4);
}

TEST(OutputWriter, AFolderThatCannotBeMadeIsNamed) {
  const harpy::testing::TemporaryDirectory directory;
  std::ofstream(directory.path() / "file") << "x";
  const boost::json::object model = json_header(made_model());
  try {
    make_folder_writer(directory.path() / "file", {}, model);
    FAIL() << "no error";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("file: the folder cannot be made"));
  }
}

}  // namespace
}  // namespace harpy::tools

#include "service/protocols/deepgram_upload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/service/transcript/made_utterance.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

DeepgramUpload upload(const std::string& query, const std::string& content_type = "audio/wav",
                      bool has_written_form = true) {
  ClientRequest client = parse_request_target("/v1/listen" + query);
  client.id = "id-1";
  client.received_at = "2024-08-29T22:37:55.202Z";
  return {client,
          content_type,
          {.model = {.name = "tiny",
                     .version = "7",
                     .language = "en",
                     .has_written_form = has_written_form}}};
}

std::optional<PcmFormat> raw_format_of(const std::string& query) {
  DeepgramUpload protocol = upload(query);
  std::optional<PcmFormat> format;
  std::string bytes;
  const UploadProtocol::Recording recording{
      .begin = [&](const UploadedFile& file) { format = file.raw; },
      .take = [&](std::string_view piece) { bytes += piece; }};
  protocol.take_body("so", recording);
  protocol.take_body("und", recording);
  EXPECT_EQ(bytes, "sound");
  return format;
}

TEST(DeepgramUploads, TheBodyIsTheRecording) {
  EXPECT_FALSE(raw_format_of("").has_value());
  EXPECT_FALSE(raw_format_of("?encoding=flac").has_value());
  const auto raw = raw_format_of("?encoding=mulaw&sample_rate=8000&channels=2");
  ASSERT_TRUE(raw.has_value());
  EXPECT_EQ(raw->coding, PcmCoding::kMuLaw);
  EXPECT_EQ(raw->sample_rate_hz, 8000);
  EXPECT_EQ(raw->channel_count, 2);
}

TEST(DeepgramUploads, UrlsAreRefused) {
  DeepgramUpload protocol = upload("", "application/json; charset=utf-8");
  try {
    protocol.take_body(R"({"url":"http://localhost/a.wav"})", {});
    FAIL() << "is not refused";
  } catch (const RequestFault& fault) {
    EXPECT_EQ(fault.status(), 400);
    EXPECT_THAT(fault.what(), HasSubstr("not fetched from a url"));
  }
}

TEST(DeepgramUploads, TheQueryIsWhatTheSessionIsAskedFor) {
  const SessionOptions options =
      upload("?smart_format=true&keyterm=New%20York&endpointing=500").end_body();
  EXPECT_TRUE(options.written);
  EXPECT_TRUE(options.confidences);
  EXPECT_EQ(options.endpoint_times.end_s, 0.5);
  EXPECT_THAT(options.steering.hot_phrases, ElementsAre(HotPhrase{.text = "New York"}));
  EXPECT_FALSE(upload("?smart_format=true", "audio/wav", false).end_body().written);
  EXPECT_THROW(upload("?diarize=true"), RequestFault);
  EXPECT_THROW(upload("?language=de"), RequestFault);
}

TEST(DeepgramUploads, TheAnswerListsWordsAndUtterances) {
  UploadTranscript transcript;
  transcript.channels = {
      {testing::made_utterance({"TURN"}, 0.5), testing::made_utterance({"STOP"}, 3.0)}};
  transcript.channels[0][0].words[0].confidence = 0.5;
  transcript.channels[0][1].words[0].confidence = 1.0;
  transcript.audio_s = 4.25;
  const std::string results =
      R"("results": {"channels": [{"alternatives": [{"transcript": "TURN STOP", "confidence": 0.75, )"
      R"("words": [{"word": "TURN", "start": 0.5, "end": 0.9, "confidence": 0.5}, )"
      R"({"word": "STOP", "start": 3, "end": 3.4, "confidence": 1}]}]}])";
  EXPECT_EQ(upload("").answer(transcript).body,
            R"({"metadata": {"transaction_key": "deprecated", "request_id": "id-1", "sha256": "", )"
            R"("created": "2024-08-29T22:37:55.202Z", "duration": 4.25, "channels": 1, )"
            R"("models": ["00000000-0000-0000-0000-000000000000"], )"
            R"("model_info": {"00000000-0000-0000-0000-000000000000": )"
            R"({"name": "tiny", "version": "7", "arch": "harpy"}}}, )" +
                results + "}}");
  EXPECT_THAT(
      upload("?utterances=true").answer(transcript).body,
      HasSubstr(results + R"(, "utterances": [{"transcript": "TURN", "confidence": 0.5, "words": [)"
                          R"({"word": "TURN", "start": 0.5, "end": 0.9, "confidence": 0.5}], )"
                          R"("start": 0.5, "end": 0.9, "channel": 0, "id": "id-1-0"}, )"));
}

TEST(DeepgramUploads, ChannelsAreAnsweredEachForItself) {
  bool is_separate = false;
  const UploadProtocol::Recording recording{
      .begin = [&](const UploadedFile& file) { is_separate = file.separate_channels; },
      .take = [](std::string_view) {}};
  upload("?channels=2").take_body("sound", recording);
  EXPECT_FALSE(is_separate);
  DeepgramUpload protocol = upload("?multichannel=true&utterances=true");
  protocol.take_body("sound", recording);
  EXPECT_TRUE(is_separate);

  UploadTranscript transcript;
  transcript.channels = {
      {testing::made_utterance({"TURN"}, 0.5), testing::made_utterance({"STOP"}, 3.0)},
      {testing::made_utterance({"YES"}, 2.0)}};
  const boost::json::value answer = boost::json::parse(protocol.answer(transcript).body);
  EXPECT_EQ(answer.at("metadata").at("channels"), 2);
  const boost::json::value& results = answer.at("results");
  ASSERT_EQ(results.at("channels").as_array().size(), 2U);
  const auto transcript_of = [](const boost::json::value& alternative) {
    return std::string(alternative.at("transcript").as_string());
  };
  EXPECT_EQ(transcript_of(results.at("channels").at(0).at("alternatives").at(0)), "TURN STOP");
  EXPECT_EQ(transcript_of(results.at("channels").at(1).at("alternatives").at(0)), "YES");
  std::vector<std::string> utterances;
  for (const boost::json::value& utterance : results.at("utterances").as_array()) {
    utterances.push_back(transcript_of(utterance) + " " +
                         std::to_string(utterance.at("channel").to_number<int>()));
  }
  EXPECT_THAT(utterances, ElementsAre("TURN 0", "YES 1", "STOP 0"));
}

TEST(DeepgramUploads, FaultsHaveTheRequestsId) {
  const HttpAnswer answer = upload("").answer(RequestFault(400, "is no sound"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body,
            R"({"err_code": "Bad Request", "err_msg": "is no sound", "request_id": "id-1"})");
}

}  // namespace
}  // namespace harpy

#include "service/protocols/openai_answers.hpp"

#include <gtest/gtest.h>

#include "tests/service/transcript/made_utterance.hpp"

namespace harpy {
namespace {

using testing::made_utterance;

const ServedModel kEnglish{.name = "tiny", .version = "7", .language = "en"};

UploadTranscript two_utterances() {
  UploadTranscript transcript;
  transcript.channels = {{made_utterance({"TURN", "LEFT"}, 0.5), made_utterance({"STOP"}, 3.0)}};
  transcript.channels[0][0].words[0].confidence = 1.0;
  transcript.channels[0][0].words[1].confidence = 0.5;
  transcript.audio_s = 4.2;
  return transcript;
}

std::string body_in(OpenAiFormat format) {
  return openai_answer({.format = format}, two_utterances(), kEnglish).body;
}

TEST(OpenAiAnswers, EachFormat) {
  EXPECT_EQ(body_in(OpenAiFormat::kJson),
            R"({"text": "TURN LEFT STOP", "usage": {"type": "duration", "seconds": 5}})");
  EXPECT_EQ(body_in(OpenAiFormat::kText), "TURN LEFT STOP\n");
  EXPECT_EQ(body_in(OpenAiFormat::kSrt),
            "1\n00:00:00,500 --> 00:00:01,500\nTURN LEFT\n\n"
            "2\n00:00:03,000 --> 00:00:04,000\nSTOP\n\n");
  EXPECT_EQ(body_in(OpenAiFormat::kVtt),
            "WEBVTT\n\n1\n00:00:00.500 --> 00:00:01.500\nTURN LEFT\n\n"
            "2\n00:00:03.000 --> 00:00:04.000\nSTOP\n\n");
}

TEST(OpenAiAnswers, VerboseFormsHaveSegmentsUnlessOnlyWordsAreAskedFor) {
  const std::string begin =
      R"({"task": "transcribe", "language": "en", "duration": 4.2, "text": "TURN LEFT STOP", )";
  const std::string segments =
      R"("segments": [{"id": 0, "seek": 0, "start": 0.5, "end": 1.3, "text": "TURN LEFT", "tokens": [], )"
      R"("temperature": 0, "avg_logprob": -0.3466, "compression_ratio": 1, "no_speech_prob": 0}, )"
      R"({"id": 1, "seek": 0, "start": 3, "end": 3.4, "text": "STOP", "tokens": [], "temperature": 0, )"
      R"("avg_logprob": 0, "compression_ratio": 1, "no_speech_prob": 0}], )";
  const std::string words =
      R"("words": [{"word": "TURN", "start": 0.5, "end": 0.9, "confidence": 1}, )"
      R"({"word": "LEFT", "start": 0.9, "end": 1.3, "confidence": 0.5}, )"
      R"({"word": "STOP", "start": 3, "end": 3.4}], )";
  const std::string end = R"("usage": {"type": "duration", "seconds": 5}})";
  OpenAiTranscription request{.format = OpenAiFormat::kVerboseJson};
  const auto body = [&] { return openai_answer(request, two_utterances(), kEnglish).body; };
  EXPECT_EQ(body(), begin + segments + end);
  request.has_words = true;
  EXPECT_EQ(body(), begin + words + end);
  request.has_segments = true;
  EXPECT_EQ(body(), begin + words + segments + end);
}

TEST(OpenAiAnswers, SilenceIsAnEmptyText) {
  EXPECT_EQ(openai_answer({}, {.audio_s = 2.0}, kEnglish).body,
            R"({"text": "", "usage": {"type": "duration", "seconds": 2}})");
  EXPECT_EQ(openai_answer({.format = OpenAiFormat::kVtt}, {}, kEnglish).body, "WEBVTT\n\n");
}

TEST(OpenAiAnswers, TheWrittenFormIsShownWhereItWasAskedFor) {
  UploadTranscript transcript = two_utterances();
  transcript.channels[0][0].written = {{"Turn left.", 0.5, 1.3}};
  EXPECT_EQ(openai_answer({.format = OpenAiFormat::kText}, transcript, kEnglish).body,
            "Turn left. STOP\n");
}

TEST(OpenAiAnswers, Errors) {
  const HttpAnswer answer = openai_error({400, "file: expected a recording", "file"});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(
      answer.body,
      R"({"error": {"message": "file: expected a recording", "type": "invalid_request_error", )"
      R"("param": "file", "code": null}})");
  EXPECT_EQ(
      openai_error({503, "busy"}).body,
      R"({"error": {"message": "busy", "type": "server_error", "param": null, "code": null}})");
  EXPECT_EQ(
      openai_error({429, "too many"}).body,
      R"({"error": {"message": "too many", "type": "rate_limit_error", "param": null, "code": null}})");
}

TEST(OpenAiAnswers, AStreamIsOfEvents) {
  const UploadTranscript transcript = two_utterances();
  EXPECT_EQ(openai_stream_head().content_type, "text/event-stream");
  EXPECT_EQ(openai_delta_event(transcript.channels[0][0], true),
            "data: {\"type\": \"transcript.text.delta\", \"delta\": \"TURN LEFT\"}\n\n");
  EXPECT_EQ(openai_delta_event(transcript.channels[0][1], false),
            "data: {\"type\": \"transcript.text.delta\", \"delta\": \" STOP\"}\n\n");
  EXPECT_EQ(openai_last_events(transcript),
            "data: {\"type\": \"transcript.text.done\", \"text\": \"TURN LEFT STOP\", "
            "\"usage\": {\"type\": \"duration\", \"seconds\": 5}}\n\ndata: [DONE]\n\n");
  EXPECT_EQ(
      openai_error_event({503, "gone"}),
      "data: {\"error\": {\"message\": \"gone\", \"type\": \"server_error\", \"param\": null, "
      "\"code\": null}, \"type\": \"error\"}\n\n");
}

TEST(OpenAiAnswers, Models) {
  ProtocolSettings settings{.model = kEnglish};
  const std::string model =
      R"({"id": "tiny", "object": "model", "created": 0, "owned_by": "harpy"})";
  EXPECT_EQ(openai_models(settings).body, R"({"object": "list", "data": [)" + model + "]}");
  EXPECT_EQ(openai_model(settings, "tiny").body, model);
  EXPECT_EQ(openai_model(settings, "whisper-1").body, model);
  try {
    openai_model(settings, "other");
    FAIL() << "there is no such model";
  } catch (const RequestFault& fault) {
    EXPECT_EQ(
        openai_error(fault).body,
        R"({"error": {"message": "the model \"other\" does not exist; this server has \"tiny\"", )"
        R"("type": "invalid_request_error", "param": "model", "code": "model_not_found"}})");
  }
  settings.other_models = {{.name = "klein", .version = "1", .language = "de"}};
  const std::string other =
      R"({"id": "klein", "object": "model", "created": 0, "owned_by": "harpy"})";
  EXPECT_EQ(openai_models(settings).body,
            R"({"object": "list", "data": [)" + model + ", " + other + "]}");
  EXPECT_EQ(openai_model(settings, "klein").body, other);
}

}  // namespace
}  // namespace harpy

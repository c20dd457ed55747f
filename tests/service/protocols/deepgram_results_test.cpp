#include "service/protocols/deepgram_results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/json/json_text.hpp"

namespace harpy {
namespace {

SessionEvent event_of_two_words() {
  SessionEvent event;
  event.kind = EventKind::kFinal;
  event.words = {{"twenty", 0.1234567, 0.4, 0.5}, {"five", 0.4, 0.75, 1.0}};
  event.start_s = 0.0;
  event.end_s = 1.2;
  return event;
}

const DeepgramContext kContext{
    .request_id = "id", .created_at = "then", .model = {.name = "en-small", .version = "4"}};

TEST(DeepgramResults, AnAlternativeHasWordsAndTheMeanOfTheirConfidences) {
  EXPECT_EQ(
      json_line(deepgram_alternative(event_of_two_words(), false)),
      R"({"transcript": "twenty five", "confidence": 0.75, "words": [{"word": "twenty", "start": 0.123, "end": 0.4, "confidence": 0.5}, {"word": "five", "start": 0.4, "end": 0.75, "confidence": 1}]})");
}

TEST(DeepgramResults, WrittenWordsHaveTheConfidenceOfTheSpokenOnesBehindThem) {
  SessionEvent event = event_of_two_words();
  event.written = {{"25", 0.1234567, 0.75}};
  EXPECT_EQ(
      json_line(deepgram_alternative(event, true)),
      R"({"transcript": "25", "confidence": 0.75, "words": [{"word": "25", "start": 0.123, "end": 0.75, "confidence": 0.75, "punctuated_word": "25"}]})");
}

TEST(DeepgramResults, ALiveResultIsOneMessage) {
  SessionEvent event;
  event.start_s = 1.5;
  event.end_s = 2.25;
  EXPECT_EQ(
      deepgram_results(event, {.is_final = true, .from_finalize = true}, kContext),
      R"({"type": "Results", "channel_index": [0, 1], "duration": 0.75, "start": 1.5, "is_final": true, "speech_final": false, "channel": {"alternatives": [{"transcript": "", "confidence": 0, "words": []}]}, "metadata": {"request_id": "id", "model_info": {"name": "en-small", "version": "4", "arch": "harpy"}, "model_uuid": "00000000-0000-0000-0000-000000000000"}, "from_finalize": true})");
}

TEST(DeepgramResults, TheOtherMessagesHaveDeepgramsFields) {
  EXPECT_EQ(deepgram_speech_started(9.54, {}),
            R"({"type": "SpeechStarted", "channel": [0, 1], "timestamp": 9.54})");
  EXPECT_EQ(deepgram_utterance_end(2.395, {}),
            R"({"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": 2.395})");
  EXPECT_EQ(
      deepgram_metadata(25.5, kContext),
      R"({"type": "Metadata", "transaction_key": "deprecated", "request_id": "id", "sha256": "", "created": "then", "duration": 25.5, "channels": 1})");
  EXPECT_EQ(
      deepgram_error("DATA-0000", "a \"b\""),
      R"({"type": "Error", "variant": "DATA-0000", "description": "a \"b\"", "message": "a \"b\""})");
}

}  // namespace
}  // namespace harpy

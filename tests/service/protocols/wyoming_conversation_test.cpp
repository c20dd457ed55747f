#include "service/protocols/wyoming_conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/service/protocols/fake_line.hpp"

namespace harpy {
namespace {

using harpy::testing::FakeLine;
using harpy::testing::FakeRecognizer;
using harpy::testing::FakeSession;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const RecognizedWord kSaidSeven{"seven", 0.1, 0.4};
const std::string kStart =
    R"({"type": "audio-start", "data": {"rate": 22050, "width": 2, "channels": 1}})"
    "\n";
const std::string kStop = "{\"type\": \"audio-stop\"}\n";

std::string chunk(std::size_t samples) {
  return R"({"type": "audio-chunk", "data": {"rate": 22050, "width": 2, "channels": 1}, "payload_length": )" +
         std::to_string(2 * samples) + "}\n" + std::string(2 * samples, '\1');
}

class WyomingConversationTest : public ::testing::Test {
 protected:
  void say(std::string_view text) { conversation_->take_bytes(std::as_bytes(std::span(text))); }
  FakeSession& session() { return recognizer_.last(); }

  FakeLine line_;
  FakeRecognizer recognizer_;
  std::unique_ptr<Conversation> conversation_ = wyoming_protocol().accept(
      {}, {.model = {.name = "en-small", .language = "en"}})(line_, recognizer_.opener());
};

TEST_F(WyomingConversationTest, ADescriptionAndAPingAreAnsweredAtOnce) {
  say("{\"type\": \"describe\"}\n{\"type\": \"ping\", \"data\": {\"text\": \"hi\"}}\n");
  EXPECT_THAT(line_.said(),
              ElementsAre(HasSubstr(R"("name": "en-small")"),
                          "text {\"type\": \"pong\", \"data\": {\"text\": \"hi\"}}\n"));
}

TEST_F(WyomingConversationTest, ARecordingGetsItsUtterancesAndThenAllOfThem) {
  say("{\"type\": \"transcribe\", \"data\": {\"language\": \"en\"}}\n" + kStart + chunk(100));
  EXPECT_EQ(session().options.sample_rate_hz, 22050.0);
  EXPECT_EQ(session().sample_count, 100);
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr("transcript-start")));
  session().send(EventKind::kFinal, {kSaidSeven});
  EXPECT_THAT(line_.said(),
              ElementsAre(AllOf(HasSubstr("transcript-chunk"), HasSubstr(R"("text": "seven")"))));
  say(kStop);
  EXPECT_TRUE(session().is_finished);
  session().send_end({kSaidSeven});
  EXPECT_THAT(line_.said(),
              ElementsAre(HasSubstr(R"("text": " seven")"),
                          "text {\"type\": \"transcript\", \"data\": {\"text\": \"seven seven\", "
                          "\"language\": \"en\"}}\n",
                          "text {\"type\": \"transcript-stop\", \"data\": {}}\n"));
}

TEST_F(WyomingConversationTest, EventsBehindAStopWaitForItsAnswer) {
  say(kStart + chunk(10) + kStop + kStart + chunk(20) + kStop + "{\"type\": \"ping\"}\n");
  EXPECT_EQ(recognizer_.session_count(), 1U);
  EXPECT_EQ(conversation_->input_room(), 0U);
  session().send_end({kSaidSeven});
  EXPECT_EQ(recognizer_.session_count(), 2U);
  EXPECT_EQ(session().sample_count, 20);
  session().send_end({});
  const auto said = line_.said();
  EXPECT_THAT(said.back(), HasSubstr("pong"));
  EXPECT_GT(conversation_->input_room(), 0U);
}

TEST_F(WyomingConversationTest, ManyEmptyRecordingsInOnePacketAreAnsweredInOrder) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += kStart + kStop;
  say(text);
  EXPECT_EQ(line_.said().size(), 3000U);
}

TEST_F(WyomingConversationTest, AudioWaitsForRoomAndTheEventsBehindItToo) {
  say(kStart + chunk(10));
  session().is_full = true;
  say(chunk(20) + chunk(30) + kStop);
  EXPECT_EQ(session().sample_count, 10);
  session().is_full = false;
  session().send(EventKind::kRoom);
  EXPECT_EQ(session().sample_count, 60);
  EXPECT_TRUE(session().is_finished);
}

TEST_F(WyomingConversationTest, WhatIsWrongIsAnErrorEventAndCloses) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"GET / HTTP/1.1\n", "an event's line: not JSON"},
      {chunk(10), "audio-chunk: expected audio-start before"},
      {kStart + chunk(1) + kStart, "audio-start: the last audio was not stopped"},
      {R"({"type": "audio-start", "data": {"rate": 16000, "width": 4, "channels": 1}})"
       "\n",
       "audio-start: width: expected 2"},
      {R"({"type": "audio-start", "data": {"rate": 16000, "width": 2, "channels": 1}})"
       "\n" +
           chunk(10),
       "expected the format of audio-start"},
  };
  for (const auto& [text, reason] : wrong) {
    line_ = FakeLine();
    conversation_ = wyoming_protocol().accept({}, {})(line_, recognizer_.opener());
    say(text);
    const auto said = line_.said();
    ASSERT_GE(said.size(), 2U);
    EXPECT_THAT(said[said.size() - 2], AllOf(HasSubstr("\"type\": \"error\""), HasSubstr(reason)));
    EXPECT_EQ(said.back(), "close 1007");
  }
}

TEST_F(WyomingConversationTest, EventsOfOtherServicesAreIgnored) {
  say("{\"type\": \"synthesize\", \"data\": {\"text\": \"hi\"}}\n" + kStop);
  EXPECT_THAT(line_.said(), IsEmpty());
}

TEST_F(WyomingConversationTest, ARefusalIsAnErrorEvent) {
  EXPECT_EQ(wyoming_protocol().word_refusal({.status = 503, .reason = "full"}, {}).body,
            "{\"type\": \"error\", \"data\": {\"text\": \"full\", \"code\": \"503\"}}\n");
}

}  // namespace
}  // namespace harpy

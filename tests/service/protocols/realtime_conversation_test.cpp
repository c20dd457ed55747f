#include "service/protocols/realtime_conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "tests/service/protocols/fake_line.hpp"

namespace harpy {
namespace {

namespace json = boost::json;

using harpy::testing::FakeLine;
using harpy::testing::FakeRecognizer;
using harpy::testing::FakeSession;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const RecognizedWord kSaidEight{"eight", 0.1, 0.4};
const std::string kCommit = R"({"type": "input_audio_buffer.commit"})";

class RealtimeConversationTest : public ::testing::Test {
 protected:
  RealtimeConversationTest() {
    ClientRequest request = parse_request_target("/v1/realtime?intent=transcription");
    request.id = "7";
    conversation_ = realtime_protocol().accept(
        request, {.model = {.name = "en-small", .language = "en"}})(line_, recognizer_.opener());
    EXPECT_THAT(types(), ElementsAre("session.created"));
  }
  void say(std::string_view text) { conversation_->take_text(text); }
  /// Two samples of 16 bits.
  void append() { say(R"({"type": "input_audio_buffer.append", "audio": "AQEBAQ=="})"); }
  FakeSession& session() { return recognizer_.last(); }

  /// The types of what was said since the last call, whose events are kept; "close CODE".
  std::vector<std::string> types() {
    std::vector<std::string> types;
    events_.clear();
    for (const std::string& what : line_.said()) {
      if (what.starts_with("close")) {
        types.push_back(what);
        continue;
      }
      events_.push_back(json::parse(what.substr(5)));
      types.emplace_back(events_.back().at("type").as_string());
    }
    return types;
  }
  std::string field(std::size_t event, const char* name) const {
    return std::string(events_.at(event).at(name).as_string());
  }

  FakeLine line_;
  FakeRecognizer recognizer_;
  std::unique_ptr<Conversation> conversation_;
  std::vector<json::value> events_;
};

TEST_F(RealtimeConversationTest, AudioIsAt24KilohertzAndTurnsAreDetectedUnlessAskedOtherwise) {
  append();
  EXPECT_EQ(session().options.sample_rate_hz, 24000.0);
  EXPECT_TRUE(session().options.endpoints);
  EXPECT_TRUE(session().options.speech_starts);
  EXPECT_EQ(session().sample_count, 2);
  EXPECT_THAT(types(), IsEmpty());
}

TEST_F(RealtimeConversationTest, AnUpdateIsAnsweredAndHoldsForTheAudioThatFollows) {
  say(R"({"type": "session.update", "session": {"audio": {"input": {
      "format": {"type": "audio/pcmu"}, "transcription": {"prompt": "Harpy, eagle"},
      "turn_detection": null}}}})");
  EXPECT_THAT(types(), ElementsAre("session.updated"));
  append();
  EXPECT_EQ(session().options.sample_rate_hz, 8000.0);
  EXPECT_EQ(session().sample_count, 4);
  EXPECT_FALSE(session().options.endpoints);
  EXPECT_THAT(session().options.steering.hot_phrases,
              ElementsAre(HotPhrase{.text = "Harpy", .is_hint = true},
                          HotPhrase{.text = "eagle", .is_hint = true}));
}

TEST_F(RealtimeConversationTest, TheOlderUpdateIsAnsweredInItsOwnForm) {
  say(R"({"type": "transcription_session.update", "session": {"turn_detection": null}})");
  EXPECT_THAT(types(), ElementsAre("transcription_session.updated"));
}

TEST_F(RealtimeConversationTest, ATurnIsToldFromItsStartToItsTranscript) {
  append();
  session().handler({.kind = EventKind::kSpeechStart, .start_s = 0.25, .error = {}});
  EXPECT_THAT(types(), ElementsAre("input_audio_buffer.speech_started"));
  const std::string item = field(0, "item_id");
  EXPECT_EQ(events_[0].at("audio_start_ms").to_number<int>(), 250);
  session().handler({.kind = EventKind::kFinal,
                     .words = {kSaidEight},
                     .start_s = 0.0,
                     .end_s = 1.5,
                     .error = {}});
  EXPECT_THAT(types(),
              ElementsAre("input_audio_buffer.speech_stopped", "input_audio_buffer.committed",
                          "conversation.item.added", "conversation.item.done",
                          "conversation.item.input_audio_transcription.delta",
                          "conversation.item.input_audio_transcription.completed"));
  EXPECT_EQ(events_[0].at("audio_end_ms").to_number<int>(), 1500);
  for (const std::size_t event : {0U, 1U, 4U, 5U}) EXPECT_EQ(field(event, "item_id"), item);
  EXPECT_TRUE(events_[1].at("previous_item_id").is_null());
  EXPECT_EQ(field(4, "delta"), "eight");
  EXPECT_EQ(field(5, "transcript"), "eight");
  EXPECT_EQ(events_[5].at("usage").at("seconds").to_number<double>(), 1.5);
  session().send(EventKind::kFinal, {kSaidEight});
  types();
  EXPECT_EQ(field(1, "previous_item_id"), item);
  EXPECT_NE(field(1, "item_id"), item);
}

TEST_F(RealtimeConversationTest, ACommitSettlesTheAudioInOneItem) {
  say(R"({"type": "session.update", "session": {"audio": {"input": {"turn_detection": null}}}})");
  append();
  types();
  say(kCommit);
  EXPECT_THAT(types(), ElementsAre("input_audio_buffer.committed", "conversation.item.added",
                                   "conversation.item.done"));
  EXPECT_TRUE(session().is_finished);
  session().send(EventKind::kFinal, {kSaidEight});
  session().send_end({kSaidEight});
  EXPECT_THAT(types(), ElementsAre("conversation.item.input_audio_transcription.delta",
                                   "conversation.item.input_audio_transcription.completed"));
  EXPECT_EQ(field(1, "transcript"), "eight eight");
  append();
  EXPECT_EQ(recognizer_.session_count(), 2U);
}

TEST_F(RealtimeConversationTest, ACommitWithoutAudioIsAnErrorAndTheSessionGoesOn) {
  say(R"({"type": "input_audio_buffer.commit", "event_id": "mine"})");
  EXPECT_THAT(types(), ElementsAre("error"));
  EXPECT_EQ(events_[0].at("error").at("code").as_string(), "input_audio_buffer_commit_empty");
  EXPECT_EQ(events_[0].at("error").at("event_id").as_string(), "mine");
  append();
  EXPECT_EQ(recognizer_.session_count(), 1U);
}

TEST_F(RealtimeConversationTest, AClearForgetsTheAudio) {
  append();
  FakeSession& forgotten = session();
  say(R"({"type": "input_audio_buffer.clear"})");
  EXPECT_THAT(types(), ElementsAre("input_audio_buffer.cleared"));
  EXPECT_TRUE(forgotten.is_cancelled);
  append();
  EXPECT_EQ(recognizer_.session_count(), 2U);
}

TEST_F(RealtimeConversationTest, EventsOfAForgottenSessionAreNotTold) {
  append();
  const EventHandler late = session().handler;
  say(R"({"type": "input_audio_buffer.clear"})");
  append();
  types();
  late({.kind = EventKind::kFinal, .words = {kSaidEight}, .error = {}});
  late({.kind = EventKind::kEnd, .words = {}, .error = {}});
  EXPECT_THAT(types(), IsEmpty());
}

TEST_F(RealtimeConversationTest, WhatIsWrongIsAnErrorAndTheSessionGoesOn) {
  for (const char* text : {"nonsense", "{}", R"({"type": "response.create"})",
                           R"({"type": "input_audio_buffer.append"})",
                           R"({"type": "input_audio_buffer.append", "audio": "*"})",
                           R"({"type": "session.update", "session": {"type": "realtime"}})"}) {
    say(text);
    EXPECT_THAT(types(), ElementsAre("error")) << text;
  }
  conversation_->take_bytes(std::vector<std::byte>(4));
  EXPECT_THAT(types(), ElementsAre("error"));
  append();
  EXPECT_EQ(session().sample_count, 2);
}

TEST_F(RealtimeConversationTest, TheFormatCannotChangeWithinTheAudio) {
  append();
  say(R"({"type": "session.update", "session": {"audio": {"input": {"format": {"type": "audio/pcmu"}}}}})");
  EXPECT_THAT(types(), ElementsAre("error"));
}

TEST_F(RealtimeConversationTest, OnlyEventsWithoutAudioCountAsCommands) {
  append();
  EXPECT_EQ(line_.command_bytes(), 0U);
  say(R"({"type": "input_audio_buffer.clear"})");
  EXPECT_EQ(line_.command_bytes(), 36U);
}

TEST_F(RealtimeConversationTest, WhatWasHeardIsToldWhenTheServerEndsTheSession) {
  append();
  conversation_->end(Ending::kShutdown);
  session().send_end({kSaidEight});
  const auto said = types();
  EXPECT_EQ(said.at(said.size() - 2), "conversation.item.input_audio_transcription.completed");
  EXPECT_EQ(said.back(), "close 1001");
}

TEST_F(RealtimeConversationTest, OtherIntentsAreRefused) {
  EXPECT_THROW(
      realtime_protocol().accept(parse_request_target("/v1/realtime?intent=conversation"), {}),
      std::runtime_error);
}

}  // namespace
}  // namespace harpy

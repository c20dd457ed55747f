#include "service/protocols/vosk_conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>

#include "tests/service/protocols/fake_line.hpp"

namespace harpy {
namespace {

using harpy::testing::FakeLine;
using harpy::testing::FakeRecognizer;
using harpy::testing::FakeSession;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const RecognizedWord kSaidZero{"zero", 0.1, 0.4};
const RecognizedWord kSaidOne{"one", 0.4, 0.7};

class VoskConversationTest : public ::testing::Test {
 protected:
  void say(std::string_view text) { conversation_->take_text(text); }
  void send_audio(std::size_t samples) {
    conversation_->take_bytes(std::vector<std::byte>(2 * samples));
  }
  void send_in_binary(std::string_view text) {
    conversation_->take_bytes(std::as_bytes(std::span(text)));
  }
  FakeSession& session() { return recognizer_.last(); }
  bool takes_input() const { return conversation_->input_room() > 0; }

  FakeLine line_;
  FakeRecognizer recognizer_;
  std::unique_ptr<VoskConversation> conversation_ = std::make_unique<VoskConversation>(
      line_, recognizer_.opener(),
      VoskConversationOptions{.settings = {.words = false}, .max_waiting_replies = 3});
};

TEST_F(VoskConversationTest, AFrameIsAnsweredOnceItIsWorkedOff) {
  send_audio(100);
  EXPECT_THAT(line_.said(), IsEmpty());
  EXPECT_TRUE(conversation_->owes_reply());
  session().send(EventKind::kPartial, {kSaidZero});
  EXPECT_THAT(line_.said(), IsEmpty());
  session().send(EventKind::kProgress);
  EXPECT_THAT(line_.said(), ElementsAre(R"(text {"partial": "zero"})"));
  EXPECT_FALSE(conversation_->owes_reply());
  send_audio(0);
  EXPECT_THAT(line_.said(), ElementsAre(R"(text {"partial": "zero"})"));
}

TEST_F(VoskConversationTest, TheConfigSaysHowTheSessionIsOpened) {
  say(R"({"config": {"sample_rate": "16000", "words": "True"}})");
  EXPECT_EQ(recognizer_.session_count(), 0U);
  send_audio(1);
  EXPECT_EQ(session().options.sample_rate_hz, 16000.0);
  EXPECT_TRUE(session().options.progress);
  say(R"({"eof": 1})");
  session().send_end({kSaidZero});
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr("partial"), HasSubstr("\"result\": [{")  //
                                        ,
                                        "close 1000"));
}

TEST_F(VoskConversationTest, EofSettlesTheUtteranceAndThenCloses) {
  send_audio(100);
  say(R"({"eof" : 1})");
  EXPECT_TRUE(session().is_finished);
  EXPECT_FALSE(takes_input());  // a close frame or FIN that follows must not hinder the result
  session().send_end({kSaidZero, kSaidOne});
  EXPECT_THAT(line_.said(),
              ElementsAre(R"(text {"partial": ""})", R"(text {"text": "zero one"})", "close 1000"));
  EXPECT_FALSE(conversation_->owes_reply());
}

TEST_F(VoskConversationTest, WhenTheServerStopsAResultThatIsMissingIsToldAsAnError) {
  for (const std::string request : {"", R"({"reset" : 1})", R"({"eof" : 1})"}) {
    FakeLine line;
    FakeRecognizer recognizer;
    VoskConversation conversation(line, recognizer.opener(), {});
    conversation.take_bytes(std::vector<std::byte>(200));
    if (!request.empty()) conversation.take_text(request);
    conversation.end(Ending::kStop);
    EXPECT_THAT(line.said(), ElementsAre(HasSubstr("\"error\": \"the server stops"), "close 1012"));
    EXPECT_TRUE(recognizer.last().is_cancelled);
    recognizer.last().send_end({kSaidZero});
    conversation.end(Ending::kShutdown);
    EXPECT_THAT(line.said(), IsEmpty());
  }
}

TEST_F(VoskConversationTest, AStopAfterTheEndWasAskedForDoesNotWaitAnyLonger) {
  send_audio(100);
  conversation_->end(Ending::kShutdown);
  EXPECT_THAT(line_.said(), IsEmpty());
  conversation_->end(Ending::kStop);
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr("error"), "close 1012"));
}

TEST_F(VoskConversationTest, WhereNothingIsOwedAStopIsACloseCodeAlone) {
  conversation_->end(Ending::kStop);
  EXPECT_THAT(line_.said(), ElementsAre("close 1012"));
}

TEST_F(VoskConversationTest, MessagesThatAreNoAudioAreCounted) {
  send_audio(100);
  EXPECT_EQ(line_.command_bytes(), 0U);
  say(R"({"config":{}})");
  EXPECT_EQ(line_.command_bytes(), 13U);
  send_in_binary(R"({"config":{}})");
  EXPECT_EQ(line_.command_bytes(), 26U);
}

TEST_F(VoskConversationTest, ALongFrameIsHeldInPartWhileTheSessionIsFull) {
  send_audio(10);
  session().most_pushes = 1;
  send_audio(150'000);
  EXPECT_FALSE(takes_input());
  EXPECT_EQ(session().sample_count, 10 + 65536);
  session().most_pushes = 100;
  session().send(EventKind::kRoom);
  EXPECT_TRUE(takes_input());
  EXPECT_EQ(session().sample_count, 10 + 150'000);
  EXPECT_THAT(line_.said(), IsEmpty());
  session().send(EventKind::kProgress);
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr("partial"), HasSubstr("partial")));
}

TEST_F(VoskConversationTest, MessagesMayComeInBinaryFrames) {
  send_in_binary(R"({"config" : {"sample_rate" : 16000}})");
  send_audio(100);
  EXPECT_EQ(session().options.sample_rate_hz, 16000.0);
  send_in_binary("{\"eof\" : 1}\n");
  EXPECT_TRUE(session().is_finished);
  EXPECT_EQ(session().sample_count, 100);
}

TEST_F(VoskConversationTest, AudioThatLooksLikeAMessageIsAudio) {
  for (const std::string_view bytes : {"{}", "{\"of\" : 1}", "{eof}", "[{\"eof\":1}]"}) {
    send_in_binary(bytes);
  }
  EXPECT_FALSE(session().is_finished);
  EXPECT_EQ(session().sample_count, (2 + 10 + 5 + 11) / 2);
}

TEST_F(VoskConversationTest, AResetIsAnsweredAndTheNextAudioHasASessionOfItsOwn) {
  send_audio(8000);
  say(R"({"reset" : 1})");
  EXPECT_FALSE(takes_input());
  session().send_end({kSaidZero});
  EXPECT_TRUE(takes_input());
  EXPECT_THAT(line_.said(), ElementsAre(R"(text {"partial": ""})", R"(text {"text": "zero"})"));
  say(R"({"config" : {"words" : 1, "sample_rate" : 16000}})");
  send_audio(8000);
  EXPECT_EQ(recognizer_.session_count(), 2U);
  say(R"({"eof" : 1})");
  session().send_end({kSaidZero});
  EXPECT_THAT(line_.said().at(1), HasSubstr(R"("start": 1.1)"));
  EXPECT_EQ(conversation_->audio_s(), 1.5);
}

TEST_F(VoskConversationTest, WithoutAudioAResetAndTheEofGiveAnEmptyText) {
  say(R"({"reset" : 1})");
  say(R"({"eof" : 1})");
  EXPECT_THAT(line_.said(),
              ElementsAre(R"(text {"text": ""})", R"(text {"text": ""})", "close 1000"));
}

TEST_F(VoskConversationTest, ASilentClientGetsTheResultOfWhatItSaidAndThenTheReason) {
  send_audio(100);
  session().send(EventKind::kPartial, {kSaidZero});
  session().send(EventKind::kProgress);
  line_.said();
  conversation_->end(Ending::kIdle);
  EXPECT_TRUE(session().is_finished);
  EXPECT_TRUE(conversation_->owes_reply());
  EXPECT_THAT(line_.said(), IsEmpty());
  session().send_end({kSaidZero});
  EXPECT_THAT(line_.said(), ElementsAre(R"(text {"text": "zero"})", "close 1008"));
}

TEST_F(VoskConversationTest, AClientThatSaidNothingGetsTheReasonAlone) {
  conversation_->end(Ending::kIdle);
  EXPECT_THAT(line_.said(), ElementsAre("close 1008"));
}

TEST_F(VoskConversationTest, AServerThatShutsDownGivesEachFrameItsReplyAndTheLastResult) {
  send_audio(100);
  send_audio(100);
  conversation_->end(Ending::kShutdown);
  session().send_end({kSaidZero});
  EXPECT_THAT(line_.said(), ElementsAre(R"(text {"partial": ""})", R"(text {"partial": ""})",
                                        R"(text {"text": "zero"})", "close 1001"));
}

TEST_F(VoskConversationTest, TheFirstReasonOfAnEndCounts) {
  send_audio(100);
  say(R"({"eof" : 1})");
  conversation_->end(Ending::kShutdown);
  conversation_->end(Ending::kIdle);
  session().send_end({});
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr("partial"), HasSubstr("text"), "close 1000"));
}

TEST_F(VoskConversationTest, AShutdownDuringAResetGivesOneResultAndCloses) {
  send_audio(100);
  say(R"({"reset" : 1})");
  conversation_->end(Ending::kShutdown);
  session().send_end({kSaidZero});
  EXPECT_THAT(line_.said(),
              ElementsAre(HasSubstr("partial"), R"(text {"text": "zero"})", "close 1001"));
}

TEST_F(VoskConversationTest, AfterAResetNothingIsHeardSoThatAnEndHasNoResult) {
  send_audio(100);
  say(R"({"reset" : 1})");
  session().send_end({kSaidZero});
  line_.said();
  conversation_->end(Ending::kIdle);
  EXPECT_THAT(line_.said(), ElementsAre("close 1008"));
}

TEST_F(VoskConversationTest, AFrameWaitsForRoomAndNothingIsTakenMeanwhile) {
  send_audio(100);
  session().is_full = true;
  send_audio(50);
  EXPECT_FALSE(takes_input());
  EXPECT_TRUE(conversation_->owes_reply());
  session().send(EventKind::kRoom);  // too early
  EXPECT_FALSE(takes_input());
  session().is_full = false;
  session().send(EventKind::kRoom);
  EXPECT_TRUE(takes_input());
  EXPECT_EQ(session().sample_count, 150);
}

TEST_F(VoskConversationTest, AnEndLosesNoFrameThatWaitsForRoom) {
  send_audio(100);
  session().is_full = true;
  send_audio(50);
  conversation_->end(Ending::kShutdown);
  EXPECT_FALSE(session().is_finished);
  session().is_full = false;
  session().send(EventKind::kRoom);
  EXPECT_EQ(session().sample_count, 150);
  EXPECT_TRUE(session().is_finished);
  session().send_end({});
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr("partial"), HasSubstr("partial"),
                                        HasSubstr("text"), "close 1001"));
}

TEST_F(VoskConversationTest, RepliesThatWaitHoldTheInputBack) {
  send_audio(10);
  send_audio(10);
  EXPECT_TRUE(takes_input());
  send_audio(10);
  EXPECT_FALSE(takes_input());
  session().send(EventKind::kProgress);
  EXPECT_FALSE(takes_input());  // the client has not taken them yet
  line_.client_takes_all();
  EXPECT_TRUE(takes_input());
}

TEST_F(VoskConversationTest, ABadMessageGetsAnErrorAndTheSessionIsCancelled) {
  send_audio(10);
  say("EOS");
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr("not JSON"), "close 1007"));
  EXPECT_TRUE(session().is_cancelled);
  session().send_end({kSaidZero});
  say(R"({"eof" : 1})");
  send_audio(10);
  EXPECT_THAT(line_.said(), IsEmpty());
  EXPECT_FALSE(takes_input());
}

TEST_F(VoskConversationTest, TheSampleRateCannotChangeWithinTheAudio) {
  send_audio(10);
  say(R"({"config" : {"sample_rate" : 16000}})");
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr("sample_rate cannot change"), "close 1007"));
}

TEST_F(VoskConversationTest, SteeringGoesToTheSessionAndChangesOnlyBetweenSessions) {
  say(R"({"config": {"phrase_list": ["one"], "endpointer": {"t_end": 2}}})");
  send_audio(10);
  EXPECT_THAT(session().options.steering.phrase_list, ElementsAre("one"));
  EXPECT_EQ(session().options.endpoint_times.end_s, 2.0);
  say(R"({"config": {"words": 1, "phrase_list": ["one"]}})");  // the same
  say(R"({"reset": 1})");
  session().send_end({});
  say(R"({"config": {"phrase_list": ["two"]}})");
  send_audio(10);
  EXPECT_THAT(session().options.steering.phrase_list, ElementsAre("two"));
  line_.said();
  say(R"({"config": {"hot_phrases": ["two"]}})");
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr("cannot change within the audio"), "close 1007"));
}

TEST_F(VoskConversationTest, TheWrittenFormIsAskedForBetweenSessions) {
  say(R"({"config": {"written": true}})");
  send_audio(10);
  EXPECT_TRUE(session().options.written);
  say(R"({"config": {"written": false}})");
  EXPECT_THAT(line_.said(),
              ElementsAre(HasSubstr("written cannot change within the audio"), "close 1007"));
}

TEST_F(VoskConversationTest, RefusedSteeringIsTheClientsFault) {
  send_audio(10);
  session().handler({.kind = EventKind::kError, .error = "grammar: bad", .is_refusal = true});
  EXPECT_THAT(line_.said(), ElementsAre(R"(text {"error": "grammar: bad"})", "close 1007"));
  EXPECT_THAT(line_.notes(), IsEmpty());
}

TEST_F(VoskConversationTest, AFailedSessionIsToldAndNoted) {
  send_audio(10);
  session().send(EventKind::kError);
  EXPECT_THAT(line_.said(), ElementsAre(R"(text {"error": "recognition failed"})", "close 1011"));
  EXPECT_THAT(line_.notes(), ElementsAre("recognition failed: broken"));
}

TEST_F(VoskConversationTest, KeysThatAreNotFollowedAreNoted) {
  say(R"({"config" : {"model" : "/etc/passwd"}})");
  EXPECT_THAT(line_.notes(), ElementsAre("config key model is not supported and ignored"));
}

TEST_F(VoskConversationTest, TheEndOfTheInputSettlesWhatWasHeard) {
  send_audio(10);
  conversation_->take_end();
  session().send_end({kSaidOne});
  EXPECT_THAT(line_.said(),
              ElementsAre(HasSubstr("partial"), R"(text {"text": "one"})", "close 1000"));
}

TEST_F(VoskConversationTest, TheEndOfTheInputWithoutAudioCloses) {
  conversation_->take_end();
  EXPECT_THAT(line_.said(), ElementsAre("close 1000"));
}

TEST_F(VoskConversationTest, AClientThatIsLostCancelsItsSession) {
  send_audio(10);
  conversation_.reset();
  EXPECT_TRUE(session().is_cancelled);
}

// Whatever happens in whatever order: each frame, reset and eof gets one reply, the close code
// comes last and once, and the conversation always ends once it was asked to.
TEST(VoskConversationLaw, EveryOrderOfEventsGivesEachMessageItsReplyAndOneClose) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    FakeLine line;
    FakeRecognizer recognizer;
    VoskConversation conversation(line, recognizer.opener(), {.max_waiting_replies = 4});
    std::size_t asked = 0;
    std::size_t replies = 0;
    bool is_ending = false, is_eof = false, has_session = false;
    std::vector<std::string> said;
    for (int step = 0; step < 200 && (said.empty() || !said.back().starts_with("close")); ++step) {
      const bool room = conversation.input_room() > 0;
      const auto choice =
          step < 100 ? static_cast<int>(random() % 12) : 20;  // then the client falls silent
      if (room && choice < 4) {
        conversation.take_bytes(std::vector<std::byte>(random() % 9));
        ++asked;
        has_session = true;
      } else if (room && choice == 4) {
        conversation.take_text(R"({"reset": 1})");
        ++asked;
        has_session = false;
      } else if (room && choice == 5 && random() % 4 == 0) {
        conversation.take_text(R"({"eof": 1})");
        ++asked;
        is_eof = true;
      } else if (choice == 6 && random() % 8 == 0) {
        conversation.end(random() % 2 == 0 ? Ending::kIdle : Ending::kShutdown);
        is_ending = true;
      } else if (step == 150) {
        conversation.end(Ending::kIdle);
        is_ending = true;
      } else if (recognizer.session_count() > 0 && !recognizer.last().has_ended) {
        FakeSession& session = recognizer.last();
        if (choice == 7) session.is_full = true;
        if (choice == 8 || choice == 20) {
          session.is_full = false;
          session.send(EventKind::kRoom);
        }
        if (choice == 9 || choice == 20) session.send(EventKind::kProgress);
        if ((choice == 10 || choice == 20) && session.is_finished) session.send_end({});
      }
      if (choice == 11 || choice == 20) line.client_takes_all();
      for (std::string& what : line.said()) {
        replies += what.starts_with("text ") ? 1 : 0;
        said.push_back(std::move(what));
      }
    }
    ASSERT_FALSE(said.empty()) << seed;
    EXPECT_THAT(said.back(), StartsWith("close 10")) << seed;
    EXPECT_TRUE(is_ending || is_eof) << seed;
    // The server's own ending adds the result of what was heard since the last reset.
    EXPECT_GE(replies, asked) << seed;
    EXPECT_LE(replies, asked + (is_ending && has_session ? 1 : 0)) << seed;
    EXPECT_EQ(std::count_if(said.begin(), said.end(),
                            [](const std::string& what) { return what.starts_with("close"); }),
              1);
  }
}

}  // namespace
}  // namespace harpy

#include "service/protocols/deepgram_conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
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

const RecognizedWord kSaidTwo{"two", 0.1, 0.4};
const RecognizedWord kSaidThree{"three", 0.4, 0.7};

class DeepgramConversationTest : public ::testing::Test {
 protected:
  void begin(const std::string& query = "", const ServedModel& model = {}) {
    ClientRequest request =
        parse_request_target("/v1/listen?encoding=linear16&sample_rate=8000" + query);
    request.id = "the-id";
    conversation_ =
        deepgram_protocol().accept(request, {.model = model})(line_, recognizer_.opener());
  }
  void say(std::string_view text) { conversation_->take_text(text); }
  void send_audio(std::size_t samples) {
    conversation_->take_bytes(std::vector<std::byte>(2 * samples));
  }
  FakeSession& session() { return recognizer_.last(); }

  FakeLine line_;
  FakeRecognizer recognizer_;
  std::unique_ptr<Conversation> conversation_;
};

TEST_F(DeepgramConversationTest, TheQuerySaysHowTheSessionIsOpened) {
  begin("&keyterm=harpy&endpointing=300&vad_events=true&interim_results=true");
  EXPECT_EQ(recognizer_.session_count(), 0U);
  send_audio(10);
  const SessionOptions& options = session().options;
  EXPECT_EQ(options.sample_rate_hz, 8000.0);
  EXPECT_TRUE(options.partials);
  EXPECT_TRUE(options.speech_starts);
  EXPECT_TRUE(options.confidences);
  EXPECT_EQ(options.endpoint_times.end_s, 0.3);
  EXPECT_THAT(options.steering.hot_phrases, ElementsAre(HotPhrase{"harpy"}));
}

TEST_F(DeepgramConversationTest, AFinalIsToldAndInterimResultsOnlyIfAskedFor) {
  begin();
  send_audio(10);
  session().send(EventKind::kPartial, {kSaidTwo});
  EXPECT_THAT(line_.said(), IsEmpty());
  session().send(EventKind::kFinal, {kSaidTwo, kSaidThree});
  EXPECT_THAT(line_.said(),
              ElementsAre(AllOf(HasSubstr(R"("is_final": true, "speech_final": true)"),
                                HasSubstr(R"("transcript": "two three")"),
                                HasSubstr(R"("request_id": "the-id")"),
                                HasSubstr(R"("from_finalize": false)"))));
}

TEST_F(DeepgramConversationTest, InterimResultsAreToldAsTheyChange) {
  begin("&interim_results=true");
  send_audio(10);
  session().send(EventKind::kPartial, {kSaidTwo});
  EXPECT_THAT(line_.said(),
              ElementsAre(AllOf(HasSubstr(R"("is_final": false, "speech_final": false)"),
                                HasSubstr(R"("transcript": "two")"))));
}

TEST_F(DeepgramConversationTest, FinalizeSettlesWhatWasHeardAndTheAudioGoesOn) {
  begin();
  send_audio(8000);
  say(R"({"type": "Finalize"})");
  EXPECT_TRUE(session().is_finished);
  session().send_end({kSaidTwo});
  EXPECT_THAT(line_.said(), ElementsAre(AllOf(HasSubstr(R"("speech_final": false)"),
                                              HasSubstr(R"("from_finalize": true)"))));
  send_audio(8000);
  EXPECT_EQ(recognizer_.session_count(), 2U);
  session().send(EventKind::kFinal, {kSaidTwo});
  EXPECT_THAT(line_.said(), ElementsAre(AllOf(HasSubstr(R"("start": 1.1, "end": 1.4)"),
                                              HasSubstr(R"("from_finalize": false)"))));
}

TEST_F(DeepgramConversationTest, CloseStreamGivesTheLastResultThenMetadataThenCloses) {
  begin();
  send_audio(12000);
  say(R"({"type": "CloseStream"})");
  session().send_end({kSaidTwo});
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr(R"("transcript": "two")"),
                                        AllOf(HasSubstr(R"("type": "Metadata")"),
                                              HasSubstr(R"("duration": 1.5)")),
                                        "close 1000"));
}

TEST_F(DeepgramConversationTest, AnEmptyFrameIsACloseStream) {
  begin();
  conversation_->take_bytes({});
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr("Metadata"), "close 1000"));
}

TEST_F(DeepgramConversationTest, AKeepAliveIsACommandWithoutAnAnswer) {
  begin();
  say(R"({"type":"KeepAlive"})");
  EXPECT_THAT(line_.said(), IsEmpty());
  EXPECT_EQ(line_.command_bytes(), 20U);
}

TEST_F(DeepgramConversationTest, TheStartOfSpeechIsToldWhereItWasAskedFor) {
  begin("&vad_events=true");
  send_audio(10);
  session().handler({.kind = EventKind::kSpeechStart, .start_s = 0.5, .error = {}});
  EXPECT_THAT(
      line_.said(),
      ElementsAre(R"(text {"type": "SpeechStarted", "channel": [0, 1], "timestamp": 0.5})"));
}

TEST_F(DeepgramConversationTest, AnUtteranceEndIsToldOnceSilenceHasLastedLongEnough) {
  begin("&utterance_end_ms=1000");
  send_audio(8000);
  EXPECT_TRUE(session().options.partials);
  session().send(EventKind::kPartial, {kSaidTwo});  // ends at 0.4 s
  session().send(EventKind::kProgress);
  EXPECT_THAT(line_.said(), IsEmpty());
  send_audio(4000);
  session().send(EventKind::kProgress);
  EXPECT_THAT(
      line_.said(),
      ElementsAre(R"(text {"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": 0.4})"));
  send_audio(4000);
  session().send(EventKind::kProgress);
  EXPECT_THAT(line_.said(), IsEmpty());
}

TEST_F(DeepgramConversationTest, WithoutEndpointingNothingIsASpeechFinal) {
  begin("&endpointing=false");
  send_audio(10);
  session().send(EventKind::kFinal, {kSaidTwo});
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr(R"("is_final": true, "speech_final": false)")));
}

TEST_F(DeepgramConversationTest, ChannelsAreMixed) {
  begin("&channels=2");
  send_audio(2 * 8000);
  say(R"({"type": "CloseStream"})");
  EXPECT_EQ(session().sample_count, 8000);
}

TEST_F(DeepgramConversationTest, TheWrittenFormIsAskedForIfTheModelHasOne) {
  begin("&smart_format=true", {.has_written_form = true});
  send_audio(1);
  EXPECT_TRUE(session().options.written);
  begin("&smart_format=true");
  send_audio(1);
  EXPECT_FALSE(session().options.written);
}

TEST_F(DeepgramConversationTest, WhatIsNoMessageIsAnErrorAndCloses) {
  for (const char* text : {"EOS", "[]", R"({"type": 1})", R"({"type": "Sing"})"}) {
    line_ = FakeLine();
    begin();
    send_audio(10);
    say(text);
    EXPECT_THAT(line_.said(), ElementsAre(HasSubstr(R"("variant": "DATA-0000")"), "close 1008"));
    EXPECT_EQ(line_.reason(), "DATA-0000");
    EXPECT_TRUE(session().is_cancelled);
  }
}

TEST_F(DeepgramConversationTest, ASilentClientGetsItsResultAndDeepgramsReason) {
  begin();
  send_audio(10);
  conversation_->end(Ending::kIdle);
  session().send_end({kSaidTwo});
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr("two"), HasSubstr("Metadata"), "close 1011"));
  EXPECT_EQ(line_.reason(), "NET-0001");
}

TEST_F(DeepgramConversationTest, ParametersThatAreNotFollowedAreNoted) {
  begin("&tag=a&punctuate=true");
  EXPECT_THAT(line_.notes(), ElementsAre("parameter tag is not supported and ignored",
                                         "parameter punctuate is not supported and ignored"));
}

TEST_F(DeepgramConversationTest, RawAudioNeedsASampleRateUnlessTheListenerHasOne) {
  const ClientRequest request = parse_request_target("/v1/listen?encoding=mulaw");
  EXPECT_THROW(deepgram_protocol().accept(request, {}), std::runtime_error);
  conversation_ =
      deepgram_protocol().accept(request, {.sample_rate_hz = 8000.0})(line_, recognizer_.opener());
  conversation_->take_bytes(std::vector<std::byte>(5));
  EXPECT_EQ(session().options.sample_rate_hz, 8000.0);
  EXPECT_EQ(session().sample_count, 5);
}

}  // namespace
}  // namespace harpy

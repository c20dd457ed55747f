#include "service/protocols/sherpa_conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
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

const RecognizedWord kSaidFour{"four", 0.1, 0.4};

class SherpaTest : public ::testing::Test {
 protected:
  void begin(const Protocol& protocol) {
    conversation_ = protocol.accept({}, {.model = {.language = "en"}})(line_, recognizer_.opener());
  }
  void send_samples(const std::vector<float>& samples) {
    conversation_->take_bytes(std::as_bytes(std::span(samples)));
  }
  void send_bytes(std::string_view bytes) {
    conversation_->take_bytes(std::as_bytes(std::span(bytes)));
  }
  FakeSession& session() { return recognizer_.last(); }

  FakeLine line_;
  FakeRecognizer recognizer_;
  std::unique_ptr<Conversation> conversation_;
};

TEST_F(SherpaTest, WordsAreToldWithTheNumberOfTheirSegment) {
  begin(sherpa_protocol());
  send_samples({0.5F, -0.5F});
  EXPECT_EQ(session().options.sample_rate_hz, 16000.0);
  EXPECT_EQ(session().sample_count, 2);
  session().send(EventKind::kPartial, {kSaidFour});
  EXPECT_THAT(
      line_.said(),
      ElementsAre(
          R"(text {"text": "four", "tokens": ["four"], "timestamps": [0.1], "ys_probs": [], "lm_probs": [], "context_scores": [], "segment": 0, "words": [], "start_time": 0, "is_final": false, "is_eof": false})"));
  session().send(EventKind::kFinal, {kSaidFour});
  session().send(EventKind::kPartial, {kSaidFour});
  EXPECT_THAT(line_.said(),
              ElementsAre(AllOf(HasSubstr(R"("segment": 0)"), HasSubstr(R"("is_final": true)"),
                                HasSubstr(R"("is_eof": false)")),
                          AllOf(HasSubstr(R"("segment": 1)"), HasSubstr(R"("is_final": false)"))));
}

TEST_F(SherpaTest, TimesOfTokensCountFromTheStartOfTheirSegment) {
  SessionEvent event;
  event.words = {{"four", 5.1, 5.4}};
  event.start_s = 5.0;
  EXPECT_THAT(sherpa_result(event, {}),
              AllOf(HasSubstr(R"("timestamps": [0.1])"), HasSubstr(R"("start_time": 5)")));
}

TEST_F(SherpaTest, TheLastFinalAfterDoneIsTheEnd) {
  begin(sherpa_protocol());
  send_samples({0.5F});
  conversation_->take_text("Done");
  EXPECT_TRUE(session().is_finished);
  session().send(EventKind::kFinal, {kSaidFour});
  EXPECT_THAT(line_.said(), IsEmpty());
  session().send_end({});
  EXPECT_THAT(line_.said(),
              ElementsAre(AllOf(HasSubstr("four"), HasSubstr(R"("is_eof": false)")),
                          AllOf(HasSubstr(R"("text": "")"), HasSubstr(R"("is_eof": true)")),
                          "text Done!", "close 1000"));
}

TEST_F(SherpaTest, DoneWithoutAudioIsAnsweredToo) {
  begin(sherpa_protocol());
  conversation_->take_text("Done");
  EXPECT_THAT(line_.said(),
              ElementsAre(HasSubstr(R"("is_eof": true)"), "text Done!", "close 1000"));
}

TEST_F(SherpaTest, OtherTextsAndSamplesThatAreNoneAreRefused) {
  begin(sherpa_protocol());
  conversation_->take_text(R"({"eof": 1})");
  EXPECT_THAT(line_.said(), ElementsAre("close 1007"));
  EXPECT_EQ(line_.reason(), "a text message must be \"Done\"");
  line_ = FakeLine();
  begin(sherpa_protocol());
  send_samples({std::numeric_limits<float>::quiet_NaN()});
  EXPECT_THAT(line_.said(), ElementsAre("close 1007"));
}

TEST_F(SherpaTest, AWholeRecordingIsAnsweredOnceItIsThere) {
  begin(sherpa_offline_protocol());
  const std::string head("\x40\x1f\x00\x00\x10\x00\x00\x00", 8);  // 8000 Hz, 16 bytes
  send_bytes(head.substr(0, 3));
  send_bytes(head.substr(3) + std::string(5, '\0'));
  EXPECT_EQ(session().options.sample_rate_hz, 8000.0);
  EXPECT_FALSE(session().is_finished);
  send_bytes(std::string(11, '\0'));
  EXPECT_EQ(session().sample_count, 4);
  EXPECT_TRUE(session().is_finished);
  session().send_end({kSaidFour});
  EXPECT_THAT(
      line_.said(),
      ElementsAre(
          R"(text {"lang": "en", "emotion": "", "event": "", "text": "four", "tokens": ["four"], "timestamps": [0.1], "words": []})"));
  send_bytes(head);
  send_bytes(std::string(16, '\0'));
  EXPECT_EQ(recognizer_.session_count(), 2U);
  session().send_end({kSaidFour});
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr(R"("timestamps": [0.1])")));
  conversation_->take_text("Done");
  EXPECT_THAT(line_.said(), ElementsAre("close 1000"));
}

TEST_F(SherpaTest, AnEmptyRecordingHasAnEmptyText) {
  begin(sherpa_offline_protocol());
  send_bytes(std::string("\x40\x1f\x00\x00\x00\x00\x00\x00", 8));
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr(R"("text": "")")));
}

TEST_F(SherpaTest, AHeadThatLiesIsRefused) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {std::string("\x01\x00\x00\x00\x10\x00\x00\x00", 8), "sample rate: expected"},
      {std::string("\x40\x1f\x00\x00\xff\xff\xff\xff", 8), "length: expected"},
      {std::string("\x40\x1f\x00\x00\x03\x00\x00\x00", 8), "length: expected"},
      {std::string("\x40\x1f\x00\x00\x04\x00\x00\x00"
                   "five!",
                   13),
       "more bytes than the head"},
  };
  for (const auto& [bytes, reason] : wrong) {
    line_ = FakeLine();
    begin(sherpa_offline_protocol());
    send_bytes(bytes);
    EXPECT_THAT(line_.said(), ElementsAre("close 1007"));
    EXPECT_THAT(line_.reason(), HasSubstr(reason));
  }
}

TEST_F(SherpaTest, DoneWithinARecordingIsRefused) {
  begin(sherpa_offline_protocol());
  send_bytes(
      std::string("\x40\x1f\x00\x00\x10\x00\x00\x00"
                  "four",
                  12));
  conversation_->take_text("Done");
  EXPECT_THAT(line_.said(), ElementsAre("close 1007"));
}

}  // namespace
}  // namespace harpy

#include "service/protocols/kaldi_tcp_conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/service/protocols/fake_line.hpp"

namespace harpy {
namespace {

using harpy::testing::FakeLine;
using harpy::testing::FakeRecognizer;
using harpy::testing::FakeSession;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const RecognizedWord kSaidFive{"five", 0.1, 0.4};
const RecognizedWord kSaidSix{"six", 0.4, 0.7};

class KaldiTcpConversationTest : public ::testing::Test {
 protected:
  void send_audio(std::size_t samples) {
    conversation_->take_bytes(std::vector<std::byte>(2 * samples));
  }
  FakeSession& session() { return recognizer_.last(); }

  FakeLine line_;
  FakeRecognizer recognizer_;
  std::unique_ptr<Conversation> conversation_ =
      kaldi_tcp_protocol().accept({}, {})(line_, recognizer_.opener());
};

TEST_F(KaldiTcpConversationTest, AudioIsAt16KilohertzUnlessTheListenerSaysOtherwise) {
  send_audio(1);
  EXPECT_EQ(session().options.sample_rate_hz, 16000.0);
  conversation_ =
      kaldi_tcp_protocol().accept({}, {.sample_rate_hz = 8000.0})(line_, recognizer_.opener());
  send_audio(1);
  EXPECT_EQ(session().options.sample_rate_hz, 8000.0);
}

TEST_F(KaldiTcpConversationTest, PartialsComeOnceASecondOfAudioAndEndInACarriageReturn) {
  send_audio(15999);
  session().send(EventKind::kPartial, {kSaidFive});
  session().send(EventKind::kProgress);
  EXPECT_THAT(line_.said(), IsEmpty());
  send_audio(1);
  session().send(EventKind::kProgress);
  EXPECT_THAT(line_.said(), ElementsAre("text five \r"));
  session().send(EventKind::kPartial, {kSaidFive, kSaidSix});
  send_audio(8000);
  session().send(EventKind::kProgress);
  EXPECT_THAT(line_.said(), IsEmpty());
  send_audio(8000);
  session().send(EventKind::kProgress);
  EXPECT_THAT(line_.said(), ElementsAre("text five six \r"));
}

TEST_F(KaldiTcpConversationTest, FinalsEndInALineFeedAndLeaveNoPartial) {
  send_audio(16000);
  session().send(EventKind::kPartial, {kSaidFive});
  session().send(EventKind::kFinal, {kSaidFive, kSaidSix});
  session().send(EventKind::kProgress);
  EXPECT_THAT(line_.said(), ElementsAre("text five six \n"));
}

TEST_F(KaldiTcpConversationTest, TheEndOfTheInputGivesTheLastLineAndCloses) {
  send_audio(100);
  conversation_->take_end();
  session().send_end({});
  EXPECT_THAT(line_.said(), ElementsAre("text \n", "close 1000"));
}

TEST_F(KaldiTcpConversationTest, ErrorsAreNoWords) {
  send_audio(100);
  session().send(EventKind::kError);
  EXPECT_THAT(line_.said(), ElementsAre("close 1011"));
  EXPECT_EQ(kaldi_tcp_protocol().word_refusal({.reason = "full"}, {}).body, "");
}

}  // namespace
}  // namespace harpy

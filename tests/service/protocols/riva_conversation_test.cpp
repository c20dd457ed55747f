#include "service/protocols/riva_conversation.hpp"

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "riva.pb.h"
#include "tests/service/protocols/fake_line.hpp"

namespace harpy {
namespace {

namespace riva = nvidia::riva::asr;
using harpy::testing::FakeLine;
using harpy::testing::FakeRecognizer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class RivaConversationTest : public ::testing::Test {
 protected:
  void hear(const riva::StreamingRecognizeRequest& request) {
    const std::string message = request.SerializeAsString();
    conversation_.take_bytes(std::as_bytes(std::span(message)));
  }
  void hear_config(riva::AudioEncoding encoding, int rate_hz, bool interim_results = false) {
    riva::StreamingRecognizeRequest request;
    riva::StreamingRecognitionConfig& streaming = *request.mutable_streaming_config();
    streaming.set_interim_results(interim_results);
    streaming.mutable_config()->set_encoding(encoding);
    streaming.mutable_config()->set_sample_rate_hertz(rate_hz);
    hear(request);
  }
  void hear_audio(std::size_t bytes) {
    riva::StreamingRecognizeRequest request;
    request.set_audio_content(std::string(bytes, '\1'));
    hear(request);
  }

  FakeLine line_;
  FakeRecognizer recognizer_;
  RivaConversation conversation_{line_, recognizer_.opener(), {.model = {.name = "small"}}};
};

TEST_F(RivaConversationTest, SettingsThenAudioThenTheEndGiveResults) {
  hear_config(riva::LINEAR_PCM, 8000, true);
  hear_audio(320);
  EXPECT_EQ(recognizer_.last().options.sample_rate_hz, 8000.0);
  EXPECT_EQ(recognizer_.last().options.model, "small");
  EXPECT_EQ(recognizer_.last().sample_count, 160);
  EXPECT_THAT(line_.said(), IsEmpty());
  recognizer_.last().send(EventKind::kPartial, {{"one", 0.0, 0.1}});
  EXPECT_THAT(line_.said(), ElementsAre(StartsWith("bytes ")));
  conversation_.take_end();
  EXPECT_TRUE(recognizer_.last().is_finished);
  recognizer_.last().send_end({{"one", 0.0, 0.1}});
  EXPECT_THAT(line_.said(), ElementsAre(StartsWith("bytes "), "close 1000"));
}

TEST_F(RivaConversationTest, InterimResultsComeOnlyIfAskedFor) {
  hear_config(riva::MULAW, 8000);
  hear_audio(320);
  EXPECT_EQ(recognizer_.last().sample_count, 320);
  EXPECT_FALSE(recognizer_.last().options.partials);
  recognizer_.last().send(EventKind::kPartial, {{"one", 0.0, 0.1}});
  recognizer_.last().send(EventKind::kFinal, {});
  EXPECT_THAT(line_.said(), IsEmpty());
}

TEST_F(RivaConversationTest, AudioBeforeTheSettingsIsAnError) {
  hear_audio(320);
  EXPECT_THAT(line_.said(), ElementsAre("close 1007"));
  EXPECT_EQ(recognizer_.session_count(), 0U);
}

TEST_F(RivaConversationTest, SettingsComeOnce) {
  hear_config(riva::LINEAR_PCM, 8000);
  hear_config(riva::LINEAR_PCM, 8000);
  EXPECT_THAT(line_.said(), ElementsAre("close 1007"));
}

TEST_F(RivaConversationTest, LiveAudioIsRawAndHasARate) {
  hear_config(riva::FLAC, 8000);
  EXPECT_THAT(line_.said(), ElementsAre("close 1007"));
  FakeLine line;
  RivaConversation other(line, recognizer_.opener(), {});
  riva::StreamingRecognizeRequest request;
  request.mutable_streaming_config()->mutable_config()->set_encoding(riva::LINEAR_PCM);
  const std::string message = request.SerializeAsString();
  other.take_bytes(std::as_bytes(std::span(message)));
  EXPECT_THAT(line.said(), ElementsAre("close 1007"));
}

TEST_F(RivaConversationTest, AListenersRateStandsInForAMissingOne) {
  FakeLine line;
  RivaConversation other(line, recognizer_.opener(), {.sample_rate_hz = 8000.0});
  riva::StreamingRecognizeRequest request;
  request.mutable_streaming_config()->mutable_config()->set_encoding(riva::LINEAR_PCM);
  const std::string settings = request.SerializeAsString();
  other.take_bytes(std::as_bytes(std::span(settings)));
  request.set_audio_content("abcd");
  const std::string audio = request.SerializeAsString();
  other.take_bytes(std::as_bytes(std::span(audio)));
  EXPECT_EQ(recognizer_.last().options.sample_rate_hz, 8000.0);
}

TEST_F(RivaConversationTest, TheServersEndGivesTheResultOfWhatCame) {
  hear_config(riva::LINEAR_PCM, 8000);
  hear_audio(320);
  conversation_.end(Ending::kShutdown);
  recognizer_.last().send_end({{"one", 0.0, 0.1}});
  EXPECT_THAT(line_.said(), ElementsAre(StartsWith("bytes "), "close 1001"));
}

}  // namespace
}  // namespace harpy

#include "service/protocols/deepgram_channels.hpp"

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

class DeepgramChannelsTest : public ::testing::Test {
 protected:
  DeepgramChannelsTest() {
    conversation_ = deepgram_protocol().accept(
        parse_request_target("/v1/listen?encoding=linear16&sample_rate=8000&channels=2"
                             "&multichannel=true&vad_events=true"),
        {})(line_, recognizer_.opener());
  }
  void send_audio(std::size_t bytes) { conversation_->take_bytes(std::vector<std::byte>(bytes)); }
  FakeSession& session(std::size_t channel) { return *recognizer_.sessions().at(channel); }

  FakeLine line_;
  FakeRecognizer recognizer_;
  std::unique_ptr<Conversation> conversation_;
};

TEST_F(DeepgramChannelsTest, EachChannelGetsItsSamplesHoweverTheyAreCut) {
  send_audio(3);
  EXPECT_EQ(recognizer_.session_count(), 0U);
  send_audio(2);  // the first sample of each, and a byte
  ASSERT_EQ(recognizer_.session_count(), 2U);
  send_audio(7);
  EXPECT_EQ(session(0).sample_count, 3);
  EXPECT_EQ(session(1).sample_count, 3);
}

TEST_F(DeepgramChannelsTest, SamplesAreTakenApart) {
  // The session hears silence in the first channel and a loud sample in the second one.
  class Heard : public Session {
   public:
    PushResult push(std::span<const float> samples) override {
      all.insert(all.end(), samples.begin(), samples.end());
      return PushResult::kAccepted;
    }
    void finish() override {}
    void cancel() override {}
    std::vector<float> all;
  };
  std::vector<std::shared_ptr<Heard>> heard;
  DeepgramLive live;
  live.format = {.coding = PcmCoding::kS16, .sample_rate_hz = 8000, .channel_count = 2};
  DeepgramChannels channels(
      line_,
      [&heard](const SessionOptions&, const EventHandler&) {
        heard.push_back(std::make_shared<Heard>());
        return heard.back();
      },
      live);
  const std::string bytes("\0\0\0\x40\0\0\0\x20", 8);
  channels.take_bytes(std::as_bytes(std::span(bytes)));
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_THAT(heard[0]->all, ElementsAre(0.0F, 0.0F));
  EXPECT_THAT(heard[1]->all, ElementsAre(0.5F, 0.25F));
}

TEST_F(DeepgramChannelsTest, MessagesTellOfWhichChannelTheyAre) {
  send_audio(40);
  session(1).send(EventKind::kSpeechStart);
  session(1).send(EventKind::kFinal, {{"two", 0.1, 0.4}});
  session(0).send(EventKind::kFinal, {{"one", 0.1, 0.4}});
  EXPECT_THAT(line_.said(),
              ElementsAre(AllOf(HasSubstr("SpeechStarted"), HasSubstr(R"("channel": [1, 2])")),
                          AllOf(HasSubstr(R"("channel_index": [1, 2])"), HasSubstr("two")),
                          AllOf(HasSubstr(R"("channel_index": [0, 2])"), HasSubstr("one"))));
}

TEST_F(DeepgramChannelsTest, ThereIsOneEndOnceAllChannelsAreSettled) {
  send_audio(40);
  const std::string close_stream = R"({"type": "CloseStream"})";
  conversation_->take_text(close_stream);
  EXPECT_EQ(line_.command_bytes(), close_stream.size());
  session(1).send_end({{"two", 0.1, 0.4}});
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr("two")));
  EXPECT_TRUE(conversation_->owes_reply());
  EXPECT_EQ(conversation_->input_room(), 0U);
  session(0).send_end({{"one", 0.1, 0.4}});
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr("one"),
                                        AllOf(HasSubstr("Metadata"), HasSubstr(R"("channels": 2)")),
                                        "close 1000"));
  EXPECT_FALSE(conversation_->owes_reply());
}

TEST_F(DeepgramChannelsTest, FinalizeIsOfAllChannels) {
  send_audio(40);
  conversation_->take_text(R"({"type": "Finalize"})");
  EXPECT_TRUE(session(0).is_finished);
  EXPECT_TRUE(session(1).is_finished);
  session(0).send_end({});
  EXPECT_EQ(conversation_->input_room(), 0U);
  session(1).send_end({});
  EXPECT_GT(conversation_->input_room(), 0U);
}

TEST_F(DeepgramChannelsTest, WhatIsWrongIsToldOnce) {
  conversation_->take_text("nonsense");
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr(R"("type": "Error")"), "close 1008"));
  EXPECT_EQ(conversation_->input_room(), 0U);
}

TEST_F(DeepgramChannelsTest, AFailureOfOneChannelEndsAll) {
  send_audio(40);
  session(1).send(EventKind::kError);
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr(R"("type": "Error")"), "close 1011"));
  session(0).send(EventKind::kFinal, {{"one", 0.1, 0.4}});
  EXPECT_THAT(line_.said(), IsEmpty());
}

TEST_F(DeepgramChannelsTest, AStopIsToldOnce) {
  send_audio(40);
  conversation_->take_text(R"({"type": "CloseStream"})");
  conversation_->end(Ending::kStop);
  EXPECT_THAT(line_.said(), ElementsAre(HasSubstr(R"("type": "Error")"), "close 1012"));
}

TEST_F(DeepgramChannelsTest, TheLossOfTheClientCancelsAllSessions) {
  send_audio(40);
  conversation_.reset();
  EXPECT_TRUE(session(0).is_cancelled);
  EXPECT_TRUE(session(1).is_cancelled);
}

}  // namespace
}  // namespace harpy

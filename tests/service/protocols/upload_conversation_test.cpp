#include "service/protocols/upload_conversation.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/protocols/fake_line.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using testing::FakeLine;
using testing::FakeRecognizer;
using testing::FakeSession;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Writes what is asked of the carrier into the line, so that the order shows.
class FakeCarrier : public UploadCarrier {
 public:
  explicit FakeCarrier(FakeLine& line) : line_(line) {}

  void begin_recording(const UploadedFile& file) override { decoded_ += "<" + file.name + ">"; }
  void decode(std::string_view bytes) override { decoded_ += bytes; }
  void end_recording() override { decoded_ += "</>"; }
  void take_sessions(int count) override {
    if (count > free_sessions) throw RequestFault(503, "all sessions are in use");
  }
  std::size_t undecoded_bytes() const override { return waiting_bytes; }
  void send_head(const HttpAnswer& answer, bool is_streamed) override {
    line_.send_text(std::to_string(answer.status) + (is_streamed ? " streamed" : ""));
  }

  const std::string& decoded() const { return decoded_; }
  std::size_t waiting_bytes = 0;
  int free_sessions = 3;

 private:
  FakeLine& line_;
  std::string decoded_;
};

/// Takes bodies that are the recording, where "#" is a fault, and answers with the words.
class FakeProtocol : public UploadProtocol {
 public:
  explicit FakeProtocol(bool streamed) : is_streamed_(streamed) {}

  void take_body(std::string_view bytes, const Recording& recording) override {
    if (bytes == "#") throw RequestFault(422, "a number sign");
    if (!has_begun_) recording.begin({.name = "a.wav"});
    has_begun_ = true;
    if (bytes == "again") recording.begin({});
    recording.take(bytes);
  }
  SessionOptions end_body() override { return {.confidences = true}; }
  bool is_streamed() const override { return is_streamed_; }
  std::string streamed_piece(const SessionEvent& event) override { return event.text() + ";"; }
  HttpAnswer answer(const UploadTranscript& transcript) override {
    std::string words;
    for (const std::vector<SessionEvent>& channel : transcript.channels) {
      if (!words.empty()) words += '|';
      for (const SessionEvent& event : channel) words += event.text() + ".";
    }
    return {.body = words + " in " + std::to_string(static_cast<int>(transcript.audio_s)) + " s"};
  }
  HttpAnswer answer(const RequestFault& fault) const override {
    return {.status = fault.status(), .body = fault.what()};
  }
  std::string streamed_fault(const RequestFault& fault) const override {
    return std::string("broken: ") + fault.what();
  }

 private:
  bool is_streamed_;
  bool has_begun_ = false;
};

class UploadConversations : public ::testing::Test {
 protected:
  explicit UploadConversations(bool streamed = false) {
    conversation_ = std::make_unique<UploadConversation>(
        line_, carrier_, recognizer_.opener(), std::make_unique<FakeProtocol>(streamed),
        UploadConversation::Options{.most_audio_s = 60.0, .max_waiting_replies = 2});
  }

  void take_body(std::string_view bytes) {
    conversation_->take_bytes(std::as_bytes(std::span(bytes)));
  }
  /// A whole body, and a decoder that says 8000 Hz.
  void begin_sound(int channel_count = 1) {
    take_body("sound");
    conversation_->take_end();
    conversation_->take_format(8000, channel_count);
  }
  FakeSession& session(std::size_t channel) { return *recognizer_.sessions().at(channel); }
  void take_samples(int count) {
    conversation_->take_samples(std::vector<float>(static_cast<std::size_t>(count)));
  }
  void end_sound(DecodingEnd end = DecodingEnd::kDone, const std::string& reason = "") {
    conversation_->take_decoding_end(end, reason);
  }

  FakeLine line_;
  FakeCarrier carrier_{line_};
  FakeRecognizer recognizer_;
  std::unique_ptr<UploadConversation> conversation_;
};

class StreamedUploads : public UploadConversations {
 protected:
  StreamedUploads() : UploadConversations(true) {}
};

TEST_F(UploadConversations, ARecordingIsDecodedRecognisedAndAnswered) {
  EXPECT_GT(conversation_->input_room(), 0U);
  take_body("so");
  take_body("und");
  EXPECT_FALSE(conversation_->owes_reply());
  conversation_->take_end();
  EXPECT_EQ(carrier_.decoded(), "<a.wav>sound</>");
  EXPECT_TRUE(conversation_->owes_reply());
  EXPECT_EQ(recognizer_.session_count(), 0U);
  conversation_->take_format(8000, 1);
  EXPECT_EQ(recognizer_.last().options.sample_rate_hz, 8000.0);
  EXPECT_TRUE(recognizer_.last().options.confidences);
  EXPECT_FALSE(recognizer_.last().options.partials);
  take_samples(8000);
  take_samples(16000);
  EXPECT_EQ(conversation_->audio_s(), 3.0);
  recognizer_.last().send(EventKind::kFinal, {{"TURN"}});
  EXPECT_FALSE(recognizer_.last().is_finished);
  end_sound();
  EXPECT_TRUE(recognizer_.last().is_finished);
  EXPECT_EQ(conversation_->input_room(), 0U);
  EXPECT_THAT(line_.said(), IsEmpty());
  recognizer_.last().send_end({{"LEFT"}});
  EXPECT_THAT(line_.said(), ElementsAre("text 200", "text TURN.LEFT. in 3 s", "close 1000"));
  EXPECT_FALSE(conversation_->owes_reply());
}

TEST_F(UploadConversations, EachChannelHasASessionForItself) {
  begin_sound(2);
  ASSERT_EQ(recognizer_.session_count(), 2U);
  take_samples(16000);
  EXPECT_EQ(session(0).sample_count, 8000);
  EXPECT_EQ(session(1).sample_count, 8000);
  EXPECT_EQ(conversation_->audio_s(), 1.0);
  session(1).send(EventKind::kFinal, {{"LEFT"}});
  end_sound();
  session(1).send_end({{"NOW"}});
  EXPECT_THAT(line_.said(), IsEmpty());
  session(0).send_end({{"TURN"}});
  EXPECT_THAT(line_.said(), ElementsAre("text 200", "text TURN.|LEFT.NOW. in 1 s", "close 1000"));
}

TEST_F(UploadConversations, AFullChannelHoldsTheOthers) {
  begin_sound(2);
  session(1).is_full = true;
  take_samples(2000);
  EXPECT_EQ(session(0).sample_count, 1000);
  EXPECT_EQ(conversation_->input_room(), 0U);
  end_sound();
  EXPECT_FALSE(session(0).is_finished);
  session(1).is_full = false;
  session(1).send(EventKind::kRoom);
  EXPECT_EQ(session(0).sample_count, 1000);
  EXPECT_EQ(session(1).sample_count, 1000);
  EXPECT_TRUE(session(0).is_finished);
  EXPECT_TRUE(session(1).is_finished);
}

TEST_F(UploadConversations, ChannelsWithoutFreeSessionsAreRefused) {
  begin_sound(4);
  EXPECT_EQ(recognizer_.session_count(), 0U);
  EXPECT_THAT(line_.said(), ElementsAre("text 503", "text all sessions are in use", "close 1008"));
  take_samples(4);
}

TEST_F(UploadConversations, AFailureOfOneChannelCancelsTheOthers) {
  begin_sound(2);
  session(1).send(EventKind::kError);
  EXPECT_TRUE(session(0).is_cancelled);
  EXPECT_THAT(line_.said(), ElementsAre("text 500", "text recognition failed", "close 1008"));
}

TEST_F(UploadConversations, SilenceIsAnswered) {
  begin_sound();
  take_samples(8000);
  end_sound();
  recognizer_.last().send_end({});
  EXPECT_THAT(line_.said(), ElementsAre("text 200", "text  in 1 s", "close 1000"));
}

TEST_F(StreamedUploads, EachUtteranceIsAPiece) {
  begin_sound();
  EXPECT_THAT(line_.said(), ElementsAre("text 200 streamed"));
  take_samples(8000);
  recognizer_.last().send(EventKind::kFinal, {{"TURN"}});
  EXPECT_THAT(line_.said(), ElementsAre("text TURN;"));
  end_sound();
  recognizer_.last().send_end({{"LEFT"}});
  EXPECT_THAT(line_.said(), ElementsAre("text LEFT;", "text TURN.LEFT. in 1 s", "close 1000"));
}

TEST_F(StreamedUploads, AFaultBehindTheHeadIsTheLastPiece) {
  begin_sound();
  end_sound(DecodingEnd::kBadAudio, "is cut off");
  EXPECT_THAT(line_.said(),
              ElementsAre("text 200 streamed", "text broken: is cut off", "close 1008"));
}

TEST_F(StreamedUploads, AFaultBeforeTheHeadHasAStatus) {
  take_body("sound");
  conversation_->take_end();
  end_sound(DecodingEnd::kBadAudio, "is no sound");
  EXPECT_THAT(line_.said(), ElementsAre("text 400", "text is no sound", "close 1008"));
}

TEST_F(StreamedUploads, NothingIsDecodedWhileTheClientDoesNotRead) {
  begin_sound();
  EXPECT_GT(conversation_->input_room(), 0U);
  recognizer_.last().send(EventKind::kFinal, {{"TURN"}});
  EXPECT_EQ(conversation_->input_room(), 0U);
  line_.client_takes_all();
  EXPECT_GT(conversation_->input_room(), 0U);
}

TEST_F(UploadConversations, TheBodyIsReadNoFasterThanItIsDecoded) {
  take_body("sound");
  carrier_.waiting_bytes = 1 << 20;
  EXPECT_EQ(conversation_->input_room(), 0U);
  carrier_.waiting_bytes = 1000;
  EXPECT_GT(conversation_->input_room(), 0U);
}

TEST_F(UploadConversations, SamplesWaitUntilTheSessionHasRoom) {
  begin_sound();
  recognizer_.last().is_full = true;
  take_samples(4000);
  EXPECT_EQ(conversation_->input_room(), 0U);
  end_sound();
  EXPECT_FALSE(recognizer_.last().is_finished);
  recognizer_.last().send(EventKind::kRoom);
  EXPECT_FALSE(recognizer_.last().is_finished);
  recognizer_.last().is_full = false;
  recognizer_.last().send(EventKind::kRoom);
  EXPECT_EQ(recognizer_.last().sample_count, 4000);
  EXPECT_TRUE(recognizer_.last().is_finished);
}

TEST_F(UploadConversations, FaultsOfTheRequestAreAnswered) {
  take_body("#");
  EXPECT_THAT(line_.said(), ElementsAre("text 422", "text a number sign", "close 1008"));
  EXPECT_EQ(conversation_->input_room(), 0U);
  take_body("more");
  conversation_->take_end();
  EXPECT_THAT(line_.said(), IsEmpty());
}

TEST_F(UploadConversations, ARequestHasOneRecording) {
  take_body("again");
  EXPECT_THAT(line_.said(), ElementsAre("text 400", "text expected one recording", "close 1008"));
}

TEST_F(UploadConversations, ARequestWithoutARecordingIsRefused) {
  conversation_->take_end();
  EXPECT_THAT(line_.said(),
              ElementsAre("text 400", "text expected a recording, got none", "close 1008"));
}

TEST_F(UploadConversations, ADecoderThatFailsIsTheServersFault) {
  take_body("sou");
  end_sound(DecodingEnd::kFailed, "was killed");
  EXPECT_THAT(line_.said(), ElementsAre("text 500", "text was killed", "close 1008"));
  EXPECT_THAT(line_.notes(), ElementsAre("was killed"));
}

TEST_F(UploadConversations, ADecoderThatFailsInTheMiddleCancelsTheSession) {
  begin_sound();
  take_samples(8000);
  end_sound(DecodingEnd::kFailed, "was killed");
  EXPECT_TRUE(recognizer_.last().is_cancelled);
  recognizer_.last().send_end({{"LATE"}});
  EXPECT_THAT(line_.said(), ElementsAre("text 500", "text was killed", "close 1008"));
}

TEST_F(UploadConversations, WhatTheDecoderNotesGoesToTheLog) {
  begin_sound();
  end_sound(DecodingEnd::kDone, "a.wav: is cut off");
  EXPECT_THAT(line_.notes(), ElementsAre("a.wav: is cut off"));
}

TEST_F(UploadConversations, ARecordingThatIsTooLongIsRefused) {
  begin_sound();
  take_samples(60 * 8000);
  EXPECT_THAT(line_.said(), IsEmpty());
  take_samples(1);
  EXPECT_THAT(line_.said(),
              ElementsAre("text 413", "text the recording is longer than 60 s", "close 1008"));
  EXPECT_TRUE(recognizer_.last().is_cancelled);
}

TEST_F(UploadConversations, FaultsOfTheSessionAreAnswered) {
  begin_sound();
  recognizer_.last().send(EventKind::kError);
  EXPECT_THAT(line_.said(), ElementsAre("text 500", "text recognition failed", "close 1008"));
  EXPECT_THAT(line_.notes(), ElementsAre(HasSubstr("broken")));
}

TEST_F(UploadConversations, ShutdownWaitsForARecordingThatIsHere) {
  begin_sound();
  take_samples(8000);
  conversation_->end(Ending::kShutdown);
  EXPECT_THAT(line_.said(), IsEmpty());
  conversation_->end(Ending::kStop);
  EXPECT_THAT(line_.said(), ElementsAre("text 503", "text the server stops", "close 1008"));
  EXPECT_TRUE(recognizer_.last().is_cancelled);
}

TEST_F(UploadConversations, WhatIsNotHereIsNotWaitedFor) {
  take_body("sou");
  conversation_->end(Ending::kShutdown);
  EXPECT_THAT(line_.said(), ElementsAre("text 503", "text the server shuts down", "close 1008"));
}

TEST_F(UploadConversations, ASlowClientIsToldSo) {
  take_body("sou");
  conversation_->end(Ending::kSlow);
  EXPECT_THAT(line_.said(),
              ElementsAre("text 408", "text a message came too slowly", "close 1008"));
}

TEST_F(UploadConversations, TheEndOfTheConversationCancelsItsSession) {
  begin_sound();
  conversation_.reset();
  EXPECT_TRUE(recognizer_.last().is_cancelled);
}

TEST(UploadsInRandomOrder, HaveOneAnswerEach) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    FakeLine line;
    FakeCarrier carrier(line);
    FakeRecognizer recognizer;
    const bool streamed = random() % 2 == 0;
    UploadConversation conversation(line, carrier, recognizer.opener(),
                                    std::make_unique<FakeProtocol>(streamed),
                                    {.most_audio_s = 1.0});
    bool is_body_done = false;
    bool is_decoded = false;
    int close_count = 0;
    int head_count = 0;
    for (int step = 0; step < 60; ++step) {
      const auto has_session = [&] {
        return recognizer.session_count() > 0 && !recognizer.last().has_ended;
      };
      switch (random() % 9) {
        case 0:
          if (!is_body_done) conversation.take_text(random() % 20 == 0 ? "#" : "sound");
          break;
        case 1:
          if (!is_body_done) conversation.take_end();
          is_body_done = true;
          break;
        case 2:
          if (is_body_done && recognizer.session_count() == 0) conversation.take_format(8000, 1);
          break;
        case 3:
          if (has_session() && !is_decoded && conversation.input_room() > 0) {
            conversation.take_samples(std::vector<float>(random() % 2000));
          }
          break;
        case 4:
          if (!is_decoded && random() % 4 == 0) {
            is_decoded = true;
            conversation.take_decoding_end(static_cast<DecodingEnd>(random() % 3), "ended");
          }
          break;
        case 5:
          if (has_session()) recognizer.last().is_full = random() % 2 == 0;
          if (has_session()) recognizer.last().send(EventKind::kRoom);
          break;
        case 6:
          if (has_session()) recognizer.last().send(EventKind::kFinal, {{"WORD"}});
          break;
        case 7:
          if (has_session() && recognizer.last().is_finished) recognizer.last().send_end({});
          break;
        case 8:
          if (random() % 8 == 0) conversation.end(static_cast<Ending>(random() % 6));
          break;
      }
    }
    conversation.end(Ending::kStop);
    for (const std::string& text : line.said()) {
      if (text.starts_with("close")) ++close_count;
      if (text.starts_with("text 2") || text.starts_with("text 4") || text.starts_with("text 5")) {
        ++head_count;
      }
    }
    ASSERT_EQ(close_count, 1) << seed;
    ASSERT_EQ(head_count, 1) << seed;
  }
}

}  // namespace
}  // namespace harpy

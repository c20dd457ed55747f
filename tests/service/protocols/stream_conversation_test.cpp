// What holds of every protocol in the table, whatever its messages mean.
#include "service/protocols/stream_conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "service/protocols/protocol_table.hpp"
#include "tests/service/protocols/fake_line.hpp"

namespace harpy {
namespace {

using harpy::testing::FakeLine;
using harpy::testing::FakeRecognizer;
using harpy::testing::FakeSession;
using ::testing::ElementsAre;
using ::testing::StartsWith;

/// How a client of each protocol speaks.
struct Speaker {
  std::string protocol;
  std::string target = "/";
  std::vector<std::string> texts = {};       ///< that may be sent
  std::vector<std::string> beginnings = {};  ///< sent first, as bytes
  std::string audio = std::string(64, '\1');
  bool is_audio_text = false;
  std::string asks_for_end = "";  ///< as text; empty: the end of input
};

std::vector<Speaker> speakers() {
  const std::string wyoming_audio =
      R"({"type": "audio-chunk", "data": {"rate": 16000, "width": 2, "channels": 1}, "payload_length": 4})"
      "\nabcd";
  return {
      {.protocol = "vosk", .texts = {R"({"reset": 1})"}, .asks_for_end = R"({"eof": 1})"},
      {.protocol = "deepgram",
       .target = "/v1/listen?encoding=linear16&sample_rate=8000&interim_results=true",
       .texts = {R"({"type": "Finalize"})", R"({"type": "KeepAlive"})"},
       .asks_for_end = R"({"type": "CloseStream"})"},
      {.protocol = "openai-realtime",
       .target = "/v1/realtime?intent=transcription",
       .texts = {R"({"type": "input_audio_buffer.commit"})",
                 R"({"type": "input_audio_buffer.clear"})", "nonsense"},
       .audio = R"({"type": "input_audio_buffer.append", "audio": "AQEBAQ=="})",
       .is_audio_text = true},
      {.protocol = "sherpa", .audio = std::string(64, '\0'), .asks_for_end = "Done"},
      {.protocol = "kaldi"},
      {.protocol = "wyoming",
       .beginnings =
           {R"({"type": "audio-start", "data": {"rate": 16000, "width": 2, "channels": 1}})"
            "\n"},
       .audio = wyoming_audio},
  };
}

class EveryProtocol : public ::testing::TestWithParam<Speaker> {
 protected:
  void begin() {
    const ClientRequest request = parse_request_target(GetParam().target);
    const ProtocolSettings settings{.limits = {.max_waiting_replies = 6}};
    conversation_ =
        find_protocol(GetParam().protocol).accept(request, settings)(line_, recognizer_.opener());
    for (const std::string& text : GetParam().beginnings) send_bytes(text);
    line_.said();
    line_.client_takes_all();
  }
  void send_bytes(std::string_view text) {
    conversation_->take_bytes(std::as_bytes(std::span(text)));
  }
  void send_audio() {
    if (GetParam().is_audio_text) return conversation_->take_text(GetParam().audio);
    send_bytes(GetParam().audio);
  }
  bool takes_input() const { return conversation_->input_room() > 0; }

  FakeLine line_;
  FakeRecognizer recognizer_;
  std::unique_ptr<Conversation> conversation_;
};

TEST_P(EveryProtocol, AClientThatIsLostCancelsItsSession) {
  begin();
  send_audio();
  EXPECT_FALSE(recognizer_.last().is_cancelled);
  conversation_.reset();
  EXPECT_TRUE(recognizer_.last().is_cancelled);
}

TEST_P(EveryProtocol, TheEndOfTheInputSettlesWhatWasHeard) {
  begin();
  send_audio();
  conversation_->take_end();
  EXPECT_TRUE(recognizer_.last().is_finished);
  EXPECT_TRUE(conversation_->owes_reply());
  EXPECT_FALSE(takes_input());
  recognizer_.last().send_end({{"zero", 0.1, 0.4}});
  const std::vector<std::string> said = line_.said();
  ASSERT_GE(said.size(), 2U);
  EXPECT_TRUE(std::any_of(said.begin(), said.end(), [](const std::string& what) {
    return what.find("zero") != std::string::npos;
  }));
  EXPECT_EQ(said.back(), "close 1000");
}

TEST_P(EveryProtocol, NothingIsTakenWhileTheSessionIsFullAndNothingIsLost) {
  begin();
  send_audio();
  FakeSession& session = recognizer_.last();
  const std::int64_t once = session.sample_count;
  EXPECT_GT(once, 0);
  session.is_full = true;
  send_audio();
  EXPECT_FALSE(takes_input());
  EXPECT_TRUE(conversation_->owes_reply());
  conversation_->end(Ending::kShutdown);
  EXPECT_FALSE(session.is_finished);
  session.is_full = false;
  session.send(EventKind::kRoom);
  EXPECT_EQ(session.sample_count, 2 * once);
  EXPECT_TRUE(session.is_finished);
  session.send_end({});
  EXPECT_EQ(line_.said().back(), "close 1001");
}

TEST_P(EveryProtocol, RepliesThatTheClientDoesNotTakeHoldItsInputBack) {
  begin();
  for (int i = 0; i < 6; ++i) line_.send_text("");
  EXPECT_FALSE(takes_input());
  line_.client_takes_all();
  EXPECT_TRUE(takes_input());
}

TEST_P(EveryProtocol, AStopWaitsForNothing) {
  begin();
  send_audio();
  conversation_->end(Ending::kShutdown);
  conversation_->end(Ending::kStop);
  EXPECT_EQ(line_.said().back(), "close 1012");
  EXPECT_TRUE(recognizer_.last().is_cancelled);
  recognizer_.last().send_end({{"zero", 0.1, 0.4}});
  EXPECT_THAT(line_.said(), ElementsAre());
}

TEST_P(EveryProtocol, AFailedSessionClosesAndIsNoted) {
  begin();
  send_audio();
  recognizer_.last().send(EventKind::kError);
  EXPECT_EQ(line_.said().back(), "close 1011");
  EXPECT_THAT(line_.notes(), ElementsAre("recognition failed: broken"));
}

// Whatever happens in whatever order: the close comes last and once, and always once it was asked
// for; what was heard is settled before, however the conversation ends.
TEST_P(EveryProtocol, EveryOrderOfEventsEndsInOneClose) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    begin();
    std::vector<std::string> said;
    for (int step = 0; step < 200 && (said.empty() || !said.back().starts_with("close")); ++step) {
      const bool room = takes_input();
      const auto choice = step < 100 ? static_cast<int>(random() % 12) : 20;
      const std::vector<std::string>& texts = GetParam().texts;
      if (room && choice < 4) {
        send_audio();
      } else if (room && choice == 4 && !texts.empty()) {
        conversation_->take_text(texts[random() % texts.size()]);
      } else if (room && choice == 5 && random() % 4 == 0) {
        if (GetParam().asks_for_end.empty()) {
          conversation_->take_end();
        } else {
          conversation_->take_text(GetParam().asks_for_end);
        }
      } else if ((choice == 6 && random() % 8 == 0) || step == 150) {
        conversation_->end(random() % 2 == 0 ? Ending::kIdle : Ending::kShutdown);
      } else if (recognizer_.session_count() > 0 && !recognizer_.last().has_ended &&
                 !recognizer_.last().is_cancelled) {
        FakeSession& session = recognizer_.last();
        if (choice == 7) session.is_full = true;
        if (choice == 8 || choice == 20) {
          session.is_full = false;
          session.send(EventKind::kRoom);
        }
        if (choice == 9) session.send(EventKind::kPartial, {{"zero", 0.1, 0.4}});
        if (choice == 9 || choice == 20) session.send(EventKind::kProgress);
        if (choice == 10) session.send(EventKind::kFinal, {{"one", 0.1, 0.4}});
        if (choice == 20 && session.is_finished) session.send_end({});
      }
      if (choice == 11 || choice == 20) line_.client_takes_all();
      for (std::string& what : line_.said()) said.push_back(std::move(what));
    }
    ASSERT_FALSE(said.empty()) << seed;
    EXPECT_THAT(said.back(), StartsWith("close 10")) << seed;
    EXPECT_FALSE(conversation_->owes_reply()) << seed;
    if (recognizer_.session_count() > 0) {
      EXPECT_TRUE(recognizer_.last().has_ended || recognizer_.last().is_cancelled) << seed;
    }
    line_ = FakeLine();
    recognizer_ = FakeRecognizer();
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, EveryProtocol, ::testing::ValuesIn(speakers()),
                         [](const auto& speaker) {
                           std::string name = speaker.param.protocol;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace harpy

#include "service/protocols/realtime.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "service/json/json_text.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

RealtimeSettings updated(const std::string& text) {
  return updated_settings(parse_realtime_event(text), {});
}

/// "param: code" of what is wrong.
std::string update_error(const std::string& text) {
  try {
    updated(text);
  } catch (const RealtimeError& error) {
    return error.param() + ": " + error.code();
  }
  return "";
}

std::string session_update(const std::string& input) {
  return R"({"type": "session.update", "session": {"type": "transcription", "audio": {"input": )" +
         input + "}}}";
}

TEST(RealtimeEvents, AnEventHasATypeAndPerhapsAName) {
  const RealtimeEvent event = parse_realtime_event(R"({"type": "x", "event_id": "e1", "a": 2})");
  EXPECT_EQ(event.type, "x");
  EXPECT_EQ(event.id, "e1");
  EXPECT_EQ(event.fields.at("a").to_number<int>(), 2);
  for (const char* text : {"", "[]", "{}", R"({"type": 1})", R"({"type": ""})"}) {
    EXPECT_THROW(parse_realtime_event(text), RealtimeError) << text;
  }
}

TEST(RealtimeEvents, AnUpdateOfTheSessionIsRead) {
  const RealtimeSettings settings = updated(session_update(
      R"({"format": {"type": "audio/pcm", "rate": 16000},
          "transcription": {"model": "gpt-4o-transcribe", "language": "en", "prompt": "Harpy",
                            "keywords": ["eagle"]},
          "turn_detection": {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 700}})"));
  EXPECT_EQ(settings.format.sample_rate_hz, 16000);
  EXPECT_EQ(settings.model, "gpt-4o-transcribe");
  EXPECT_EQ(settings.language, "en");
  EXPECT_EQ(settings.prompt, "Harpy");
  EXPECT_THAT(settings.keywords, ElementsAre("eagle"));
  EXPECT_TRUE(settings.detects_turns);
  EXPECT_EQ(settings.turn_silence_s, 0.7);
}

TEST(RealtimeEvents, TheFormatsOfTelephonesAreKnown) {
  const RealtimeSettings mu_law = updated(session_update(R"({"format": {"type": "audio/pcmu"}})"));
  EXPECT_EQ(mu_law.format.coding, PcmCoding::kMuLaw);
  EXPECT_EQ(mu_law.format.sample_rate_hz, 8000);
  EXPECT_EQ(updated(session_update(R"({"format": {"type": "audio/pcma"}})")).format.coding,
            PcmCoding::kALaw);
}

TEST(RealtimeEvents, NullTurnsTurnDetectionOffAndWhatIsNotNamedStays) {
  EXPECT_FALSE(updated(session_update(R"({"turn_detection": null})")).detects_turns);
  EXPECT_TRUE(updated(session_update("{}")).detects_turns);
  const RealtimeSettings current{.prompt = "kept", .detects_turns = false};
  EXPECT_EQ(updated_settings(parse_realtime_event(session_update("{}")), current), current);
}

TEST(RealtimeEvents, TheOlderFormOfAnUpdateIsRead) {
  const RealtimeSettings settings = updated(
      R"({"type": "transcription_session.update", "session": {"input_audio_format": "g711_alaw",
          "input_audio_transcription": {"model": "whisper-1", "prompt": "Harpy"},
          "turn_detection": null}})");
  EXPECT_EQ(settings.format.coding, PcmCoding::kALaw);
  EXPECT_EQ(settings.prompt, "Harpy");
  EXPECT_FALSE(settings.detects_turns);
}

TEST(RealtimeEvents, TheFieldThatIsWrongIsNamed) {
  EXPECT_EQ(update_error(R"({"type": "session.update"})"), "session: invalid_value");
  EXPECT_EQ(update_error(R"({"type": "session.update", "session": {"type": "realtime"}})"),
            "session.type: invalid_value");
  EXPECT_EQ(update_error(session_update(R"({"format": {"type": "audio/opus"}})")),
            "session.audio.input.format.type: invalid_value");
  EXPECT_EQ(update_error(session_update(R"({"format": {"type": "audio/pcm", "rate": 1}})")),
            "session.audio.input.format.rate: invalid_value");
  EXPECT_EQ(update_error(session_update(R"({"turn_detection": {"silence_duration_ms": 1}})")),
            "session.audio.input.turn_detection.silence_duration_ms: invalid_value");
  EXPECT_EQ(update_error(session_update(R"({"transcription": {"prompt": 1}})")),
            "session.audio.input.transcription.prompt: invalid_value");
}

TEST(RealtimeEvents, TheSessionIsToldInTheFormOfItsUpdate) {
  const RealtimeSettings settings{.format = {.coding = PcmCoding::kMuLaw, .sample_rate_hz = 8000},
                                  .prompt = "Harpy",
                                  .turn_silence_s = 0.7};
  const boost::json::object session = realtime_session("7", settings);
  EXPECT_EQ(session.at("id").as_string(), "sess_7");
  RealtimeEvent event{.type = "session.update", .fields = {{"session", session}}};
  EXPECT_EQ(updated_settings(event, {}), settings);
  event.fields = {{"session", realtime_session("7", {.detects_turns = false})}};
  EXPECT_FALSE(updated_settings(event, {}).detects_turns);
}

TEST(RealtimeEvents, TheServersEventsHaveNames) {
  EXPECT_EQ(realtime_event("a.b", 3, {{"x", 1}}),
            R"({"type": "a.b", "event_id": "event_3", "x": 1})");
}

TEST(RealtimeEvents, ErrorsHaveOpenAisForm) {
  EXPECT_EQ(
      json_line(realtime_error(RealtimeError("bad", "invalid_value", "audio"), "e1")),
      R"({"type": "invalid_request_error", "code": "invalid_value", "message": "bad", "param": "audio", "event_id": "e1"})");
  EXPECT_THAT(json_line(realtime_error(RealtimeError("bad", "x"), "")),
              HasSubstr(R"("param": null, "event_id": null)"));
  EXPECT_THAT(word_openai_refusal({.status = 503, .reason = "full"}, {}).body,
              HasSubstr(R"("type": "server_error")"));
}

}  // namespace
}  // namespace harpy

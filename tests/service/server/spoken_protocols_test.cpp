// Every protocol over a port: the words are those of a session that gets the same samples at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "tests/service/server/server_fixture.hpp"

namespace harpy::testing {
namespace {

namespace json = boost::json;

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string bytes_of(std::span<const std::int16_t> samples) {
  const auto bytes = std::as_bytes(samples);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string in_base64(std::string_view bytes) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t begin = 0; begin < bytes.size(); begin += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - begin);
    unsigned bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < count ? static_cast<unsigned char>(bytes[begin + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= count ? kLetters[bits >> (18 - 6 * i) & 63] : '=';
    }
  }
  return text;
}

void add_words(std::string_view words, std::string& text) {
  if (words.empty()) return;
  if (!text.empty()) text += ' ';
  text += words;
}

/// The lines that end in "\n" among those that Kaldi's clients get, as one text.
std::string finals_of_kaldi(const std::string& output) {
  std::string text;
  std::size_t begin = 0;
  for (std::size_t end = 0; end < output.size(); ++end) {
    if (output[end] == '\n' && end > begin) {
      add_words(std::string_view(output).substr(begin, end - begin - 1), text);
    }
    if (output[end] == '\n' || output[end] == '\r') begin = end + 1;
  }
  return text;
}

class SpokenProtocolsTest : public ServerTest {
 protected:
  SpokenProtocolsTest() : samples_(example_audio(kRateHz, 9.0)) {}

  /// Starts a server with one more listener, which speaks that protocol at the tests' rate.
  void start_with(const std::string& protocol, const ServerLimits& limits = {}) {
    options().listeners.push_back({.where = {},
                                   .protocols = {&find_protocol(protocol)},
                                   .sample_rate_hz = static_cast<double>(kRateHz)});
    start(limits);
    extra_port_ = server().port(1);
  }
  std::string expected() const { return recognized_text(samples_, kRateHz); }
  /// That no session is left: a server that drains ends.
  void expect_nobody_left() {
    server().drain();
    EXPECT_TRUE(ends());
    EXPECT_THAT(stop(), HasSubstr("stopped: drained"));
  }
  template <typename Send>
  void in_frames(std::size_t frame_samples, const Send& send) const {
    for (std::size_t begin = 0; begin < samples_.size(); begin += frame_samples) {
      send(std::span(samples_).subspan(begin, std::min(frame_samples, samples_.size() - begin)));
    }
  }

  const std::vector<std::int16_t> samples_;
  std::uint16_t extra_port_ = 0;
};

TEST_F(SpokenProtocolsTest, DeepgramLive) {
  start();
  TestClient client(port(),
                    {.path = "/v1/listen?encoding=linear16&sample_rate=8000&interim_results=true",
                     .subprotocol = "token, KEY"});
  EXPECT_EQ(client.subprotocol(), "token");
  in_frames(800, [&](auto frame) { client.send_audio(frame); });
  client.send_text(R"({"type": "CloseStream"})");
  std::string text;
  int interim_count = 0;
  double last_end_s = 0.0;
  for (json::value message; message.is_null() || message.at("type").as_string() == "Results";) {
    message = json::parse(client.receive());
    if (message.at("type").as_string() != "Results") {
      EXPECT_EQ(message.at("type").as_string(), "Metadata");
      EXPECT_EQ(message.at("duration").to_number<double>(), 9.0);
      break;
    }
    if (!message.at("is_final").as_bool()) {
      ++interim_count;
      continue;
    }
    EXPECT_GE(message.at("start").to_number<double>(), last_end_s - 0.002);
    last_end_s =
        message.at("start").to_number<double>() + message.at("duration").to_number<double>();
    add_words(message.at("channel").at("alternatives").at(0).at("transcript").as_string(), text);
  }
  EXPECT_EQ(client.wait_for_close(), 1000);
  EXPECT_EQ(text, expected());
  EXPECT_GT(interim_count, 0);
}

TEST_F(SpokenProtocolsTest, OpenAiRealtime) {
  start();
  TestClient client(port(), {.path = "/v1/realtime?intent=transcription",
                             .subprotocol = "realtime, openai-insecure-api-key.x"});
  EXPECT_EQ(client.subprotocol(), "realtime");
  EXPECT_THAT(client.receive(), HasSubstr("session.created"));
  client.send_text(
      R"({"type": "session.update", "session": {"type": "transcription", "audio": {"input":
          {"format": {"type": "audio/pcm", "rate": 8000}}}}})");
  EXPECT_THAT(client.receive(), HasSubstr("session.updated"));
  in_frames(4000, [&](auto frame) {
    client.send_text(R"({"type": "input_audio_buffer.append", "audio": ")" +
                     in_base64(bytes_of(frame)) + "\"}");
  });
  client.send_text(R"({"type": "input_audio_buffer.commit"})");
  // What follows a commit is read once its transcript is told.
  client.send_text(R"({"type": "session.update", "session": {"type": "transcription"}})");
  std::string text;
  for (std::string type; type != "session.updated";) {
    const json::value event = json::parse(client.receive());
    type = event.at("type").as_string();
    ASSERT_NE(type, "error");
    if (type != "conversation.item.input_audio_transcription.completed") continue;
    add_words(event.at("transcript").as_string(), text);
  }
  EXPECT_EQ(text, expected());
  client.close();
}

TEST_F(SpokenProtocolsTest, SherpaStreaming) {
  start_with("sherpa");
  TestClient client(extra_port_);
  in_frames(1234, [&](auto frame) {
    std::vector<float> floats(frame.size());
    std::transform(frame.begin(), frame.end(), floats.begin(),
                   [](std::int16_t sample) { return static_cast<float>(sample) / 32768.0F; });
    client.send_bytes(std::as_bytes(std::span(floats)));
  });
  client.send_text("Done");
  std::string text;
  for (std::string message = client.receive(); message != "Done!"; message = client.receive()) {
    const json::value result = json::parse(message);
    if (result.at("is_final").as_bool()) add_words(result.at("text").as_string(), text);
  }
  EXPECT_EQ(client.wait_for_close(), 1000);
  EXPECT_EQ(text, expected());
}

TEST_F(SpokenProtocolsTest, SherpaOffline) {
  start_with("sherpa-offline");
  TestClient client(extra_port_);
  std::vector<float> floats(samples_.size());
  std::transform(samples_.begin(), samples_.end(), floats.begin(),
                 [](std::int16_t sample) { return static_cast<float>(sample) / 32768.0F; });
  const std::vector<std::int32_t> head{kRateHz, static_cast<std::int32_t>(floats.size() * 4)};
  for (int round = 0; round < 2; ++round) {
    client.send_bytes(std::as_bytes(std::span(head)));
    for (std::size_t begin = 0; begin < floats.size(); begin += 20'000) {
      client.send_bytes(std::as_bytes(
          std::span(floats).subspan(begin, std::min<std::size_t>(20'000, floats.size() - begin))));
    }
    EXPECT_EQ(json::parse(client.receive()).at("text").as_string(), expected());
  }
  client.send_text("Done");
  EXPECT_EQ(client.wait_for_close(), 1000);
}

TEST_F(SpokenProtocolsTest, KaldiOverTcp) {
  start_with("kaldi");
  for (const std::size_t frame_samples : {samples_.size(), std::size_t{333}}) {
    RawClient client(extra_port_);
    in_frames(frame_samples, [&](auto frame) { client.send(bytes_of(frame)); });
    client.shut_down();
    const std::string output = client.read_to_end();
    EXPECT_EQ(finals_of_kaldi(output), expected());
    EXPECT_THAT(output, HasSubstr("\r"));
  }
}

TEST_F(SpokenProtocolsTest, WyomingOverTcp) {
  start_with("wyoming");
  RawClient client(extra_port_);
  client.send("{\"type\": \"describe\"}\n");
  EXPECT_THAT(client.read_until("\n"), StartsWith(R"({"type": "info")"));
  const std::string format = R"("data": {"rate": 8000, "width": 2, "channels": 1})";
  for (int round = 0; round < 2; ++round) {
    client.send("{\"type\": \"transcribe\"}\n{\"type\": \"audio-start\", " + format + "}\n");
    in_frames(1024, [&](auto frame) {
      client.send("{\"type\": \"audio-chunk\", " + format + ", \"payload_length\": " +
                  std::to_string(2 * frame.size()) + "}\n" + bytes_of(frame));
    });
    client.send("{\"type\": \"audio-stop\"}\n");
    std::string chunks;
    for (bool is_done = false; !is_done;) {
      const json::value event = json::parse(client.read_until("\n"));
      const std::string_view type = event.at("type").as_string();
      if (type == "transcript-chunk") chunks += event.at("data").at("text").as_string();
      if (type != "transcript") continue;
      EXPECT_EQ(event.at("data").at("text").as_string(), expected());
      EXPECT_EQ(chunks, expected());
      is_done = true;
    }
    EXPECT_THAT(client.read_until("\n"), HasSubstr("transcript-stop"));
  }
}

TEST_F(SpokenProtocolsTest, PathsThatNobodyHasAreRefusedInTheFormOfTheirProtocol) {
  start_with("deepgram");
  const auto upgrade = [](std::uint16_t port, const std::string& target) {
    std::string request = kUpgradeRequest;
    return request_of(port, request.replace(4, 1, target));
  };
  const std::string bad = upgrade(port(), "/v1/listen?encoding=opus");
  EXPECT_THAT(bad, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(bad, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(bad, HasSubstr(R"({"err_code": "Bad Request", "err_msg": "encoding: live audio)"));
  EXPECT_THAT(upgrade(port(), "/v1/other"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(upgrade(extra_port_, "/"), StartsWith("HTTP/1.1 404 "));
  const std::string elsewhere = upgrade(extra_port_, "/v1/realtime");
  EXPECT_THAT(elsewhere, StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(elsewhere, HasSubstr(R"({"error": {"message": "no protocol is spoken at )"));
  EXPECT_THAT(upgrade(port(), "/%zz"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(SpokenProtocolsTest, AListenerHasItsOwnRateForClientsThatDoNotTellTheirs) {
  options().listeners.push_back({.where = {}, .sample_rate_hz = 16000.0});
  start();
  const auto samples = example_audio(16000, 4.0);
  TestClient client(server().port(1));
  EXPECT_EQ(stream_in_lockstep(client, samples, 1600), recognized_text(samples, 16000));
}

TEST_F(SpokenProtocolsTest, AListenerMayHaveFewerSessionsThanTheServer) {
  options().listeners.push_back(
      {.where = {}, .protocols = {&find_protocol("wyoming")}, .max_sessions = 1});
  start();
  const std::uint16_t limited = server().port(1);
  RawClient first(limited);
  first.send("{\"type\": \"ping\"}\n");
  EXPECT_THAT(first.read_until("\n"), HasSubstr("pong"));
  const std::string refused = RawClient(limited).read_to_end();
  EXPECT_THAT(refused, HasSubstr("all sessions of this listener are in use"));
  EXPECT_THAT(refused, HasSubstr("\"code\": \"503\""));
  TestClient elsewhere(port());
  elsewhere.send_text(R"({"eof" : 1})");
  EXPECT_EQ(elsewhere.wait_for_close(), 1000);
}

}  // namespace
}  // namespace harpy::testing

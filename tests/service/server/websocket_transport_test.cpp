#include "tests/service/server/server_fixture.hpp"

#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::size_t kFrameSamples = 1600;

class WebSocketTransportTest : public ServerTest {
 protected:
  WebSocketTransportTest() : samples_(example_audio(kRateHz, 6.0)) {}

  std::span<const std::int16_t> frame(std::size_t index) const {
    return std::span(samples_).subspan(index * kFrameSamples, kFrameSamples);
  }

  const std::vector<std::int16_t> samples_;
};

TEST_F(WebSocketTransportTest, ALockstepClientGetsOneReplyPerFrameAndTheTextOfOnePush) {
  start();
  const std::string whole = recognized_text(samples_, kRateHz);
  ASSERT_FALSE(whole.empty());
  for (const std::size_t frame_samples : {std::size_t{1600}, std::size_t{331}, samples_.size()}) {
    TestClient client(port());
    EXPECT_EQ(stream_in_lockstep(client, samples_, frame_samples), whole) << frame_samples;
    EXPECT_EQ(client.wait_for_close(), 1000);
  }
}

TEST_F(WebSocketTransportTest, AClientThatSendsAllBeforeItReadsGetsAsManyReplies) {
  start();
  TestClient client(port());
  client.send_text(R"({ "config" : { "sample_rate" : 8000 } })");
  const std::size_t frame_count = samples_.size() / kFrameSamples;
  for (std::size_t index = 0; index < frame_count; ++index) client.send_audio(frame(index));
  client.send_text(R"({"eof" : 1})");
  std::string text;
  for (std::size_t reply = 0; reply < frame_count + 1; ++reply) add_final(client.receive(), text);
  EXPECT_EQ(text, recognized_text(samples_, kRateHz));
  EXPECT_EQ(client.wait_for_close(), 1000);
}

TEST_F(WebSocketTransportTest, OddCutsAndEmptyFramesAreAnsweredToo) {
  start();
  TestClient client(port());
  const auto bytes = std::as_bytes(std::span(samples_));
  std::string text;
  std::size_t begin = 0;
  for (std::size_t size = 1; begin < bytes.size(); size = size * 3 + 2) {
    const std::size_t count = std::min(size, bytes.size() - begin);
    client.send_bytes(bytes.subspan(begin, count));
    add_final(client.receive(), text);
    client.send_bytes({});
    add_final(client.receive(), text);
    begin += count;
  }
  client.send_text(R"({"eof":1})");
  add_final(client.receive(), text);
  EXPECT_EQ(text, recognized_text(samples_, kRateHz));
}

TEST_F(WebSocketTransportTest, TheConfigSetsTheSampleRateAndWhatResultsHold) {
  start();
  const std::vector<std::int16_t> wide = example_audio(16000, 2.0);
  for (const std::string rate : {"16000", "16000.000000"}) {
    TestClient client(port());
    client.send_text(R"({"config" : {"sample_rate" : )" + rate + R"(, "words" : 0}})");
    client.send_audio(wide);
    EXPECT_THAT(client.receive(), HasSubstr("\"partial\": \""));
    client.send_text(R"({"eof" : 1})");
    const std::string result = client.receive();
    EXPECT_THAT(result, Not(HasSubstr("\"result\"")));
    std::string text;
    add_final(result, text);
    EXPECT_EQ(text, recognized_text(wide, 16000));
  }
  TestClient client(port());
  client.send_text(R"({"config" : {"sample_rate" : 16000, "max_alternatives" : 1}})");
  client.send_text(R"({"config" : {"partial_words" : true}})");
  client.send_audio(wide);
  EXPECT_THAT(client.receive(), HasSubstr("\"partial_result\": [{\"conf\": 1, "));
  client.send_text(R"({"eof" : 1})");
  EXPECT_THAT(client.receive(), HasSubstr(R"({"alternatives": [{"confidence": -)"));
}

TEST_F(WebSocketTransportTest, WordsHaveTimesUnlessTheClientSaysNo) {
  start();
  TestClient client(port());
  client.send_audio(samples_);
  client.receive();
  client.send_text(R"({"eof" : 1})");
  const boost::json::value result = boost::json::parse(client.receive());
  double last_end_s = 0.0;
  for (const boost::json::value& word : result.at("result").as_array()) {
    EXPECT_GE(word.at("start").to_number<double>(), last_end_s);
    last_end_s = word.at("end").to_number<double>();
  }
  EXPECT_LE(last_end_s, 6.1);
}

TEST_F(WebSocketTransportTest, AResetSettlesTheUtteranceAndTheSessionGoesOn) {
  start();
  TestClient client(port());
  const std::vector<std::int16_t> spoken = example_audio(kRateHz, 2.0);
  const std::string expected = recognized_text(spoken, kRateHz);
  for (int round = 0; round < 3; ++round) {
    client.send_audio(spoken);
    client.receive();
    client.send_text(R"({"reset" : 1})");
    const std::string reply = client.receive();
    std::string text;
    add_final(reply, text);
    EXPECT_EQ(text, expected);
    const boost::json::value result = boost::json::parse(reply);
    for (const boost::json::value& word : result.at("result").as_array()) {
      EXPECT_GE(word.at("start").to_number<double>(), 2.0 * round);
      EXPECT_LE(word.at("end").to_number<double>(), 2.0 * (round + 1) + 0.1);
    }
  }
  client.send_text(R"({"config" : {"sample_rate" : 16000}, "reset" : 1})");
  EXPECT_EQ(client.receive(), R"({"text": ""})");
  client.send_text(R"({"eof" : 1})");
  EXPECT_EQ(client.receive(), R"({"text": ""})");
  EXPECT_EQ(client.wait_for_close(), 1000);
}

TEST_F(WebSocketTransportTest, EofWithoutAudioIsAnEmptyResult) {
  start();
  TestClient client(port());
  client.send_text(R"({"eof" : 1})");
  EXPECT_EQ(client.receive(), R"({"text": ""})");
  EXPECT_EQ(client.wait_for_close(), 1000);
}

TEST_F(WebSocketTransportTest, NothingIsSentUnasked) {
  start();
  TestClient client(port());
  client.send_text(R"({"config" : {"sample_rate" : 8000}})");
  EXPECT_FALSE(client.receives_within(std::chrono::milliseconds(50)));
  client.send_audio(samples_);
  client.receive();
  EXPECT_FALSE(client.receives_within(std::chrono::milliseconds(50)));
  client.close();
}

TEST_F(WebSocketTransportTest, AnyPathAndTheOfferedSubprotocolAreTaken) {
  start();
  TestClient asterisk(port(), {.path = "/any/path?x=1", .subprotocol = "ws"});
  EXPECT_EQ(asterisk.subprotocol(), "ws");
  asterisk.send_audio(frame(0));
  EXPECT_EQ(asterisk.receive(), R"({"partial": ""})");
  EXPECT_EQ(TestClient(port(), {.subprotocol = "a, b"}).subprotocol(), "a");
}

TEST_F(WebSocketTransportTest, ABadMessageGetsOneErrorAndACloseCode) {
  start();
  const std::vector<std::pair<std::string, std::string>> cases{
      {"EOS", "not JSON"},
      {"{}", "config, reset or eof"},
      {R"({"config" : {"sample_rate" : 0}})", "sample_rate: expected a number"},
      {R"({"config" : [1, 2]})", "config: expected an object"},
  };
  for (const auto& [message, expected] : cases) {
    TestClient client(port());
    client.send_audio(frame(0));
    client.receive();
    client.send_text(message);
    EXPECT_THAT(client.receive(), HasSubstr(R"({"error": ")")) << message;
    EXPECT_EQ(client.wait_for_close(), 1007) << message;
    EXPECT_THAT(stop(), HasSubstr(expected));
    start();
  }
}

TEST_F(WebSocketTransportTest, TheSampleRateCannotChangeWithinTheAudio) {
  start();
  TestClient client(port());
  client.send_audio(frame(0));
  client.receive();
  client.send_text(R"({"config" : {"sample_rate" : 8000, "words" : false}})");
  client.send_text(R"({"config" : {"sample_rate" : 16000}})");
  EXPECT_THAT(client.receive(), HasSubstr("sample_rate cannot change within the audio"));
  EXPECT_EQ(client.wait_for_close(), 1007);
}

TEST_F(WebSocketTransportTest, AMessageOverTheLimitClosesWith1009) {
  ServerLimits limits;
  limits.max_message_bytes = 4096;
  start(limits);
  TestClient client(port());
  client.send_bytes(std::vector<std::byte>(4096));
  EXPECT_THAT(client.receive(), HasSubstr("\"partial\""));
  client.send_bytes(std::vector<std::byte>(4098));
  EXPECT_EQ(client.wait_for_close(), 1009);
}

TEST_F(WebSocketTransportTest, ASilentClientIsClosed) {
  ServerLimits limits;
  limits.idle_timeout = std::chrono::milliseconds(150);
  start(limits);
  EXPECT_EQ(TestClient(port()).wait_for_close(), 1008);
}

TEST_F(WebSocketTransportTest, AClientThatFallsSilentGetsItsResultBeforeTheCloseCode) {
  ServerLimits limits;
  limits.idle_timeout = std::chrono::milliseconds(300);
  start(limits);
  TestClient client(port());  // which answers pings, as browsers do, but says nothing
  const std::vector<std::int16_t> spoken = example_audio(kRateHz, 2.0);
  client.send_audio(spoken);
  EXPECT_THAT(client.receive(), HasSubstr("\"partial\""));
  std::string text;
  add_final(client.receive(), text);
  EXPECT_EQ(text, recognized_text(spoken, kRateHz));
  EXPECT_EQ(client.wait_for_close(), 1008);
}

TEST_F(WebSocketTransportTest, ClientsThatSendNothingArePinged) {
  ServerLimits limits;
  limits.idle_timeout = std::chrono::milliseconds(300);
  limits.handshake_timeout = std::chrono::milliseconds(200);  // the client answers no close frame
  start(limits);
  RawClient client(port());
  client.send(kUpgradeRequest);
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read_until(std::string("\x89\0", 2)), std::string("\x89\0", 2));
  EXPECT_THAT(client.read_to_end(), HasSubstr("nothing received for too long"));
}

TEST_F(WebSocketTransportTest, AClientThatAnswersNoPingsIsGivenUpAfterItsResultIsSettled) {
  ServerLimits limits;
  limits.idle_timeout = std::chrono::milliseconds(600);
  limits.handshake_timeout = std::chrono::milliseconds(200);  // it answers no close frame either
  start(limits);
  const std::vector<std::int16_t> spoken = example_audio(kRateHz, 2.0);
  RawClient client(port());
  client.send(kUpgradeRequest);
  client.read_until("\r\n\r\n");
  client.send(client_frame(2, {reinterpret_cast<const char*>(spoken.data()), 2 * spoken.size()}));
  const std::string received = client.read_to_end();
  const std::size_t ping = received.find(std::string("\x89\0", 2));
  const std::size_t result =
      received.find("\"text\": \"" + recognized_text(spoken, kRateHz) + "\"", ping);
  const std::size_t end = received.find("nothing received for too long", result);
  EXPECT_NE(end, std::string::npos) << received;
  EXPECT_THAT(stop(), HasSubstr("with 2.0 s of audio: nothing received for too long"));
}

TEST_F(WebSocketTransportTest, PingsOfTheClientAreASignOfLife) {
  ServerLimits limits;
  limits.idle_timeout = std::chrono::milliseconds(300);
  limits.handshake_timeout = std::chrono::milliseconds(200);  // the client answers no close frame
  start(limits);
  RawClient client(port());
  client.send(kUpgradeRequest);
  for (int round = 0; round < 6; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    client.send(client_frame(9, ""));
  }
  client.send(client_frame(1, R"({"eof" : 1})"));
  EXPECT_THAT(client.read_to_end(), HasSubstr("end of audio"));
}

TEST_F(WebSocketTransportTest, WhatHasArrivedIsHandledBeforeATimeThatIsOver) {
  ServerLimits limits;
  limits.idle_timeout = std::chrono::milliseconds(250);
  start(limits);
  log().stall_at("config key model", std::chrono::milliseconds(600));
  TestClient client(port());
  TestClient other(port());
  other.send_text(R"({"config" : {"model" : "x"}})");  // keeps the server busy for longer than that
  client.send_audio(samples_);                         // too long to be read at once
  EXPECT_THAT(client.receive(), HasSubstr("{\""));
  client.send_text(R"({"eof" : 1})");
  client.receive();
  EXPECT_EQ(client.wait_for_close(), 1000);
}

TEST_F(WebSocketTransportTest, MessagesInBinaryFramesAndStringsForNumbersAreTaken) {
  start();
  TestClient client(port());
  const auto send_in_binary = [&client](std::string_view text) {
    client.send_bytes(std::as_bytes(std::span(text)));
  };
  send_in_binary(R"({"config" : {"sample_rate" : "16000", "words" : "False"}})");
  const std::vector<std::int16_t> wide = example_audio(16000, 2.0);
  client.send_audio(wide);
  EXPECT_THAT(client.receive(), HasSubstr("\"partial\""));
  send_in_binary(R"({"eof" : 1})");
  std::string text;
  add_final(client.receive(), text);
  EXPECT_EQ(text, recognized_text(wide, 16000));
  EXPECT_EQ(client.wait_for_close(), 1000);
}

TEST_F(WebSocketTransportTest, AClientFasterThanTheRecogniserIsSlowedDownAndLosesNothing) {
  start({}, {.device = {}, .max_pending_s = 0.3, .turn_s = 0.1});
  TestClient client(port());
  for (std::size_t begin = 0; begin < samples_.size(); begin += kFrameSamples) {
    client.send_audio(frame(begin / kFrameSamples));
  }
  std::string text;
  for (std::size_t begin = 0; begin < samples_.size(); begin += kFrameSamples) {
    add_final(client.receive(), text);
  }
  client.send_text(R"({"eof" : 1})");
  add_final(client.receive(), text);
  EXPECT_EQ(text, recognized_text(samples_, kRateHz));
}

}  // namespace
}  // namespace harpy::testing

// What one client may take: however much it asks for, the others are served.
#include <chrono>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/server/server_fixture.hpp"

namespace harpy::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ServerLimitsTest : public ServerTest {
 protected:
  ServerLimitsTest() : samples_(example_audio(kRateHz, 2.0)) {}

  /// A client whose upgrade has been answered.
  std::unique_ptr<RawClient> upgraded() const {
    auto client = std::make_unique<RawClient>(port());
    client->send(kUpgradeRequest);
    EXPECT_THAT(client->read_until("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
    return client;
  }
  std::string audio_frame() const {
    return client_frame(2, {reinterpret_cast<const char*>(samples_.data()), 2 * samples_.size()});
  }

  const std::vector<std::int16_t> samples_;
};

TEST_F(ServerLimitsTest, OneAddressCannotTakeAllConnections) {
  start({.max_connections_per_address = 3});
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int index = 0; index < 3; ++index) {
    idle.push_back(std::make_unique<RawClient>(port()));
    idle.back()->send("GET /livez HTTP/1.1\r\n\r\n");
    idle.back()->read_until("ok\n");
  }
  EXPECT_THAT(
      RawClient(port()).read_to_end(),
      AllOf(StartsWith("HTTP/1.1 429 "), EndsWith("too many connections from this address\n")));
  idle.clear();
  std::string answer;
  while (!answer.starts_with("HTTP/1.1 200 ")) answer = get("/livez");
}

TEST_F(ServerLimitsTest, TheOperatorIsAnsweredHoweverManyConnectionsClientsHold) {
  start({.max_connections = 2});
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int index = 0; index < 2; ++index) {
    idle.push_back(std::make_unique<RawClient>(port()));
    idle.back()->send("GET /livez HTTP/1.1\r\n\r\n");
    idle.back()->read_until("ok\n");
  }
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(get_of(admin_port(), "/livez"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get_of(admin_port(), "/readyz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerLimitsTest, TheAdminListenerHasALimitOfItsOwnAndNoSpeech) {
  start({.max_admin_connections = 1});
  EXPECT_THAT(request_of(admin_port(), kUpgradeRequest.substr(0, kUpgradeRequest.size() - 2) +
                                           "Connection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 404 "));
  RawClient first(admin_port());
  std::string answer;
  while (!answer.starts_with("HTTP/1.1 503 ")) answer = RawClient(admin_port()).read_to_end();
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerLimitsTest, StatusAndMetricsAreToldToTheOperatorAlone) {
  start({.max_sessions = 7, .max_load = 1e9});
  TestClient client(port());
  client.send_audio(samples_);
  client.receive();
  // A turn's audio is counted at its end, after its replies.
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  boost::json::value status;
  do {
    const std::string page = get_of(admin_port(), "/v1/status");
    EXPECT_THAT(page, HasSubstr("Content-Type: application/json\r\n"));
    status = boost::json::parse(page.substr(page.find("\r\n\r\n") + 4));
  } while (status.at("audio_s_total").to_number<double>() < 2.0 &&
           std::chrono::steady_clock::now() < give_up);
  EXPECT_EQ(status.at("audio_s_total").to_number<double>(), 2.0);
  EXPECT_EQ(status.at("sessions").to_number<int>(), 1);
  EXPECT_EQ(status.at("capacity").to_number<int>(), 7);
  EXPECT_TRUE(status.at("ready").as_bool());
  const std::string metrics = get_of(admin_port(), "/metrics");
  EXPECT_THAT(
      metrics,
      HasSubstr("# TYPE asr_sessions_active gauge\nasr_sessions_active{protocol=\"vosk\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("\nasr_audio_seconds_total 2\n"));
  EXPECT_THAT(get("/metrics"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(get("/v1/status"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(ServerLimitsTest, AFullServerIsNotReady) {
  start({.max_sessions = 1});
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200 "));
  TestClient client(port());
  for (const std::uint16_t listener : {port(), admin_port()}) {
    EXPECT_THAT(get_of(listener, "/readyz"),
                AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("all sessions are in use\n")));
  }
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerLimitsTest, NoMoreSessionsAreTakenThanRecognitionCanKeepUpWith) {
  start({.max_load = 1e-9});  // less than any session needs: what has cost anything fills it
  TestClient client(port());
  for (int second = 0; second < 24; second += 2) client.send_audio(samples_);
  for (int second = 0; second < 24; second += 2) client.receive();
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(request(kUpgradeRequest), StartsWith("HTTP/1.1 503 "));
  client.send_text(R"({"eof" : 1})");
  EXPECT_EQ(client.wait_for_close(), 1000);
  std::string answer;  // one session is always taken
  while (!answer.starts_with("HTTP/1.1 200 ")) answer = get("/readyz");
}

TEST_F(ServerLimitsTest, HoweverMuchLoadIsAllowedTheLimitOfSessionsHolds) {
  start({.max_sessions = 7, .max_load = 1e12});
  TestClient client(port());
  for (int second = 0; second < 24; second += 2) client.send_audio(samples_);
  for (int second = 0; second < 24; second += 2) client.receive();
  const std::string page = get_of(admin_port(), "/v1/status");
  const auto status = boost::json::parse(page.substr(page.find("\r\n\r\n") + 4));
  EXPECT_EQ(status.at("capacity").to_number<int>(), 7);
}

TEST_F(ServerLimitsTest, OneAddressCannotTakeAllSessions) {
  start({.max_sessions_per_address = 1});
  const TestClient client(port());
  EXPECT_THAT(request(kUpgradeRequest), AllOf(StartsWith("HTTP/1.1 429 "),
                                              EndsWith("too many sessions from this address\n")));
}

TEST_F(ServerLimitsTest, ATextOverItsLimitIsRefusedBeforeItIsRead) {
  start();
  const std::string long_text = R"({"config" : {"x" : ")" + std::string(65536, 'x') + "\"}}";
  TestClient client(port());
  client.send_text(long_text);
  EXPECT_THAT(client.receive(), HasSubstr("a text message may have 65536 bytes"));
  EXPECT_EQ(client.wait_for_close(), 1009);
  // The first half of a message that is never completed is enough.
  const auto half = upgraded();
  const std::string frame = client_frame(1, std::string(1'000'000, ' '));
  half->send(std::string_view(frame).substr(0, 200'000));
  EXPECT_THAT(half->read_until("too long"), HasSubstr("a text message may have 65536 bytes"));
}

TEST_F(ServerLimitsTest, ATextInABinaryFrameHasTheSameLimit) {
  start();
  TestClient client(port());
  const std::string text = R"({"eof" : 1, "x" : ")" + std::string(70'000, 'x') + "\"}";
  client.send_bytes(std::as_bytes(std::span(text)));  // is audio, of whatever sound
  EXPECT_THAT(client.receive(), HasSubstr("\"partial\""));
}

TEST_F(ServerLimitsTest, ManyTextsAreSlowedDownAndNoneIsLost) {
  start({.max_text_bytes = 1024, .texts_per_s = 10.0, .text_burst = 4.0});
  TestClient flooding(port());
  const auto began = std::chrono::steady_clock::now();
  for (int index = 0; index < 20; ++index) flooding.send_text(R"({"reset" : 1})");
  TestClient other(port());
  EXPECT_EQ(stream_in_lockstep(other, samples_, 1600), recognized_text(samples_, kRateHz));
  for (int index = 0; index < 20; ++index) EXPECT_EQ(flooding.receive(), R"({"text": ""})");
  EXPECT_GT(std::chrono::steady_clock::now() - began, milliseconds(1400));
}

TEST_F(ServerLimitsTest, AFloodOfPingsEndsTheSession) {
  start({.controls_per_s = 1.0, .control_burst = 20.0});
  const auto client = upgraded();
  for (int index = 0; index < 19; ++index) client->send(client_frame(9, ""));
  client->send(audio_frame());
  EXPECT_THAT(client->read_until("partial"), HasSubstr("\x8a"));  // pongs, and a reply
  for (int index = 0; index < 5; ++index) client->send(client_frame(9, ""));
  EXPECT_THAT(client->read_until("too many pings"), HasSubstr("\x03\xf0"));
}

TEST_F(ServerLimitsTest, AMessageThatComesByteByByteIsNotWaitedFor) {
  start({.handshake_timeout = milliseconds(200),
         .idle_timeout = milliseconds(300),
         .least_bytes_per_s = 1e6});
  const auto client = upgraded();
  const std::string frame = audio_frame();
  client->send(std::string_view(frame).substr(0, 20));
  for (std::size_t index = 20; index < 50; ++index) {
    std::this_thread::sleep_for(milliseconds(20));
    client->send(std::string_view(frame).substr(index, 1));
  }
  EXPECT_THAT(client->read_to_end(), HasSubstr("a message came too slowly"));
}

TEST_F(ServerLimitsTest, ALongMessageOverASlowConnectionIsTaken) {
  start({.idle_timeout = milliseconds(300)});
  const auto client = upgraded();
  const std::string frame = audio_frame();
  constexpr std::size_t kPieceBytes = 1000;
  for (std::size_t begin = 0; begin < frame.size(); begin += kPieceBytes) {
    client->send(std::string_view(frame).substr(begin, kPieceBytes));
    std::this_thread::sleep_for(milliseconds(20));
  }
  EXPECT_THAT(client->read_until("}"), HasSubstr("{\"partial\": \""));
  client->send(client_frame(1, R"({"eof" : 1})"));
  EXPECT_THAT(client->read_until("end of audio"),
              HasSubstr("\"text\": \"" + recognized_text(samples_, kRateHz) + "\""));
}

TEST_F(ServerLimitsTest, PingsAloneKeepNoSession) {
  start({.handshake_timeout = milliseconds(200),
         .idle_timeout = milliseconds(300),
         .silence_timeout = milliseconds(700)});
  const auto client = upgraded();
  for (int round = 0; round < 10; ++round) {
    std::this_thread::sleep_for(milliseconds(100));
    client->send(client_frame(9, ""));
  }
  EXPECT_THAT(client->read_to_end(), HasSubstr("no audio for too long"));
}

TEST_F(ServerLimitsTest, ASessionThatLastsTooLongGetsItsResult) {
  start({.idle_timeout = milliseconds(600), .session_timeout = milliseconds(400)});
  TestClient client(port());
  client.send_audio(samples_);
  client.receive();
  std::string text;
  add_final(client.receive(), text);
  EXPECT_EQ(text, recognized_text(samples_, kRateHz));
  EXPECT_EQ(client.wait_for_close(), 1008);
  EXPECT_THAT(stop(), HasSubstr("the session has lasted too long"));
}

TEST_F(ServerLimitsTest, PagesOfOtherOriginsAreRefusedAndSaidWhy) {
  options().access.origins = {"https://example.org"};
  start();
  const auto answer_to = [&](const std::string& field, const std::string& value) {
    std::string text = kUpgradeRequest;
    const std::size_t host = text.find("Host: localhost\r\n");
    if (field == "Host") text.erase(host, std::string("Host: localhost\r\n").size());
    return text.insert(host, field + ": " + value + "\r\n");
  };
  EXPECT_THAT(request(answer_to("Origin", "https://evil.org")),
              AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("--allow-origin")));
  EXPECT_THAT(request(answer_to("Host", "evil.org")),
              AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("--allow-host")));
  EXPECT_THAT(request_of(admin_port(),
                         "GET /livez HTTP/1.1\r\nHost: evil.org\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 403 "));
  RawClient allowed(port());
  allowed.send(answer_to("Origin", "https://example.org"));
  EXPECT_THAT(allowed.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
}

TEST_F(ServerLimitsTest, ALiveClientTakesASessionForEachChannel) {
  start({.max_sessions = 4});
  const auto with_channels = [](int count) {
    return TestClient::Options{.path =
                                   "/v1/listen?encoding=linear16&sample_rate=8000&"
                                   "multichannel=true&channels=" +
                                   std::to_string(count)};
  };
  std::optional<TestClient> three(std::in_place, port(), with_channels(3));
  EXPECT_THAT(get_of(admin_port(), "/metrics"),
              AllOf(HasSubstr("\nasr_sessions_active{protocol=\"deepgram\"} 3\n"),
                    HasSubstr("\nasr_load_ratio 0.75\n")));
  EXPECT_THROW(TestClient(port(), with_channels(2)), std::runtime_error);
  EXPECT_TRUE(log_tells("2 free sessions are needed, and there are 1"));
  {
    TestClient one(port(), with_channels(1));
    EXPECT_THAT(get("/readyz"), HasSubstr("all sessions are in use"));
    one.close();
  }
  three->send_text(R"({"type": "CloseStream"})");
  EXPECT_EQ(three->wait_for_close(), 1000);
  EXPECT_TRUE(log_tells("session 1: ended") && log_tells("session 4: ended"));
  TestClient again(port(), with_channels(4));
  EXPECT_THAT(get("/readyz"), HasSubstr("all sessions are in use"));
}

TEST_F(ServerLimitsTest, WhatClientsCauseInTheLogIsLimitedAndCounted) {
  start({.log_lines_per_s = 0.001, .log_line_burst = 5.0});
  for (int index = 0; index < 50; ++index) {
    request("GET /livez HTTP/1.1\r\nHost: evil.org\r\nConnection: close\r\n\r\n");
  }
  const std::string page = get_of(admin_port(), "/v1/status");
  EXPECT_THAT(page, HasSubstr("\"left_out_log_lines_total\": 45"));
  const std::string log = stop();
  int line_count = 0;
  for (std::size_t at = log.find("refused:"); at != std::string::npos; ++line_count) {
    at = log.find("refused:", at + 1);
  }
  EXPECT_EQ(line_count, 5) << log;
}

TEST_F(ServerLimitsTest, WhatAClientWritesIsEscapedInTheLog) {
  start();
  TestClient client(port());
  client.send_text("{\"config\" : {\"sample_rate\" : \"\xc2\x9b\xe2\x80\xae\x7f\"}}");
  EXPECT_EQ(client.wait_for_close(), 1007);
  EXPECT_THAT(stop(), AllOf(HasSubstr("\\u009B\\u202E\\x7F"), Not(HasSubstr("\xc2\x9b")),
                            Not(HasSubstr("\xe2\x80\xae"))));
}

}  // namespace
}  // namespace harpy::testing

#include "service/server/server.hpp"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/server/server_fixture.hpp"

namespace harpy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(ServerTest, DrainingTakesNoSessionsAndLetsTheRunningOnesFinish) {
  start();
  const std::vector<std::int16_t> samples = example_audio(kRateHz, 3.0);
  TestClient client(port());
  client.send_audio(std::span(samples).first(8000));
  client.receive();
  server().drain();
  std::string ready;
  while (ready.find("503") == std::string::npos) ready = get("/readyz");
  EXPECT_THAT(ready, HasSubstr("shutting down"));
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200 "));
  try {
    TestClient late(port());
    ADD_FAILURE() << "a session was opened";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "refused with status 503");
  }
  EXPECT_EQ(stream_in_lockstep(client, std::span(samples).subspan(8000), 1600),
            recognized_text(samples, kRateHz));
  EXPECT_EQ(client.wait_for_close(), 1000);
  EXPECT_TRUE(ends());
  EXPECT_THAT(stop(), HasSubstr("stopped: drained"));
  EXPECT_THROW(RawClient{port()}, std::system_error);
}

TEST_F(ServerTest, DrainingWithoutSessionsEndsAtOnceDespiteOpenConnections) {
  start();
  RawClient idle(port());
  idle.send("GET /livez HTTP/1.1\r\n\r\n");
  idle.read_until("ok\n");
  server().drain();
  EXPECT_TRUE(ends());
  EXPECT_EQ(idle.read_to_end(), "");
}

TEST_F(ServerTest, AfterTheDrainTimeoutSessionsGetTheirLastResult) {
  ServerLimits limits;
  limits.drain_timeout = std::chrono::milliseconds(100);
  start(limits);
  const std::vector<std::int16_t> samples = example_audio(kRateHz, 2.0);
  TestClient talking(port());
  TestClient silent(port());
  talking.send_audio(samples);
  talking.receive();
  server().drain();
  std::string text;
  add_final(talking.receive(), text);
  EXPECT_EQ(text, recognized_text(samples, kRateHz));
  EXPECT_EQ(talking.wait_for_close(), 1001);
  EXPECT_EQ(silent.wait_for_close(), 1001);
  EXPECT_TRUE(ends());
}

TEST_F(ServerTest, AClientThatDoesNotCloseCannotHoldADrainedServer) {
  ServerLimits limits;
  limits.handshake_timeout = std::chrono::milliseconds(100);
  limits.drain_timeout = std::chrono::milliseconds(50);
  start(limits);
  TestClient deaf(port());
  server().drain();
  EXPECT_TRUE(ends());
}

TEST_F(ServerTest, StoppingTellsSessionsThatNoResultComesAndEnds) {
  start();
  TestClient client(port());
  client.send_audio(example_audio(kRateHz, 6.0));
  RawClient half(port());
  half.send("GET /");
  server().stop();
  EXPECT_EQ(client.wait_for_close(), 1012);
  EXPECT_TRUE(ends());
  EXPECT_EQ(half.read_to_end(), "");
}

TEST_F(ServerTest, ASignalDrainsAndASecondOneStops) {
  start();
  server().follow_signals();
  TestClient client(port());
  std::raise(SIGTERM);
  std::string ready;
  while (ready.find("503") == std::string::npos) ready = get("/readyz");
  std::raise(SIGTERM);
  EXPECT_EQ(client.wait_for_close(), 1012);
  EXPECT_TRUE(ends());
  EXPECT_THAT(stop(), HasSubstr("stopping: second signal"));
}

TEST_F(ServerTest, AnAddressThatCannotBeListenedOnIsNamed) {
  start();
  ServerOptions options;
  EXPECT_THROW(Server{options}, std::invalid_argument);
  options.log = std::make_shared<spdlog::logger>("test");
  const auto error = [&]() -> std::string {
    try {
      Server another(options);
    } catch (const std::runtime_error& thrown) {
      return thrown.what();
    }
    return "";
  };
  options.listeners.front().where.port = port();
  EXPECT_THAT(error(), HasSubstr("cannot listen on 127.0.0.1 port " + std::to_string(port())));
  options.listeners.front().where.address = "nowhere";
  EXPECT_THAT(error(), HasSubstr("cannot listen on nowhere"));
}

TEST_F(ServerTest, AnAddressMayBeAName) {
  options().listeners.front().where.address = "localhost";
  start();
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, MoreConnectionsThanAllowedAreClosed) {
  ServerLimits limits;
  limits.max_connections = 2;
  start(limits);
  {
    RawClient first(port());
    RawClient second(port());
    first.send("GET /livez HTTP/1.1\r\n\r\n");
    first.read_until("ok\n");
    second.send("GET /livez HTTP/1.1\r\n\r\n");
    second.read_until("ok\n");
    EXPECT_THAT(RawClient(port()).read_to_end(), StartsWith("HTTP/1.1 503 "));
  }
  std::string response;
  while (!response.starts_with("HTTP/1.1 200 ")) response = get("/livez");
}

TEST_F(ServerTest, ItsLogTellsOfEverySession) {
  start();
  {
    TestClient client(port());
    client.send_audio(example_audio(kRateHz, 1.5));
    client.receive();
    client.send_text(R"({"config":{"model":"/etc/passwd"},"eof":1})");
    client.receive();
    EXPECT_EQ(client.wait_for_close(), 1000);
  }
  server().drain();
  EXPECT_TRUE(ends());
  const std::string log = stop();
  EXPECT_THAT(log, HasSubstr("session 1: opened by 127.0.0.1 port "));
  EXPECT_THAT(log, HasSubstr("session 1: config key model is not supported and ignored"));
  EXPECT_THAT(log, HasSubstr(" with 1.5 s of audio: end of audio"));
}

}  // namespace
}  // namespace harpy::testing

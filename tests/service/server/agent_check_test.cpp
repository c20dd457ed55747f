#include "service/server/agent_check.hpp"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/server/server_fixture.hpp"

namespace harpy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class AgentCheckTest : public ServerTest {
 protected:
  void start_with_agent(const ServerLimits& limits) {
    options().agent = ListenAddress{};
    start(limits);
  }
  /// What a load balancer is told, which sends something first or nothing.
  std::string line(const std::string& sent = "") { return request_of(server().agent_port(), sent); }
  /// The line once it is this one, or after ten seconds.
  std::string line_once(const std::string& expected) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    std::string told = line();
    while (told != expected && std::chrono::steady_clock::now() < give_up) told = line();
    return told;
  }
};

TEST_F(AgentCheckTest, TheShareOfFreeSessionsIsToldInWholePerCentRoundedUp) {
  start_with_agent({.max_sessions = 3});
  EXPECT_EQ(line(), "up ready 100% maxconn:3\n");
  const TestClient first(port());
  EXPECT_EQ(line(), "up ready 67% maxconn:3\n");
  const TestClient second(port());
  EXPECT_EQ(line(), "up ready 34% maxconn:3\n");
  {
    const TestClient third(port());
    EXPECT_EQ(line(), "up ready 1% maxconn:3\n");
  }
  EXPECT_EQ(line_once("up ready 34% maxconn:3\n"), "up ready 34% maxconn:3\n");
}

TEST_F(AgentCheckTest, WhatIsFreeFollowsFromWhatRecognitionHasCost) {
  start_with_agent({.max_load = 1e-9});  // less than any session needs
  EXPECT_EQ(line(), "up ready 100% maxconn:200\n");
  const auto samples = example_audio(kRateHz, 2.0);
  TestClient client(port());
  for (int second = 0; second < 24; second += 2) client.send_audio(samples);
  for (int second = 0; second < 24; second += 2) client.receive();
  EXPECT_EQ(line_once("up ready 1% maxconn:1\n"), "up ready 1% maxconn:1\n");
}

TEST_F(AgentCheckTest, AServerThatDrainsSaysSoUntilItsLastSessionHasEnded) {
  start_with_agent({});
  TestClient client(port());
  server().drain();
  EXPECT_TRUE(log_tells("draining"));
  EXPECT_EQ(line(), "drain\n");
  client.send_text(R"({"eof" : 1})");
  EXPECT_EQ(client.wait_for_close(), 1000);
  EXPECT_TRUE(ends());
}

TEST_F(AgentCheckTest, WhateverTheLoadBalancerSendsIsIgnored) {
  start_with_agent({.max_sessions = 5});
  EXPECT_EQ(line("state of speech\r\n"), "up ready 100% maxconn:5\n");
  EXPECT_EQ(line(std::string(100'000, 'x')), "up ready 100% maxconn:5\n");
}

TEST_F(AgentCheckTest, WhoNeverClosesIsCutOffAndHoldsNothingUp) {
  start_with_agent(
      {.max_admin_connections = 2, .handshake_timeout = std::chrono::milliseconds(50)});
  RawClient first(server().agent_port());
  RawClient second(server().agent_port());
  EXPECT_THAT(line_once("up ready 100% maxconn:200\n"), StartsWith("up ready 100%"));
  RawClient third(server().agent_port());
  EXPECT_THAT(stop(), HasSubstr("agent checks on 127.0.0.1 port "));
}

TEST_F(AgentCheckTest, WithoutAPortNobodyIsTold) {
  start();
  EXPECT_EQ(server().agent_port(), 0);
}

}  // namespace
}  // namespace harpy::testing

#include "tests/service/server/server_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using HttpSessionTest = ServerTest;

TEST_F(HttpSessionTest, HealthIsToldOnTheSamePort) {
  start();
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(get("/livez"), EndsWith("\r\n\r\nok\n"));
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200 OK\r\n"));
  const std::string head = request("HEAD /livez HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(head, EndsWith("\r\n\r\n"));
}

TEST_F(HttpSessionTest, ARequestMayComeInPiecesAndSeveralInOne) {
  start();
  RawClient client(port());
  for (const char letter : std::string("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
    client.send(std::string(1, letter));
  }
  client.read_until("ok\n");
  client.send(
      "GET /livez HTTP/1.1\r\n\r\nGET /other HTTP/1.1\r\n\r\n"
      "GET /readyz HTTP/1.1\r\nConnection: close\r\n\r\n");
  const std::string responses = client.read_to_end();
  EXPECT_THAT(responses, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(responses, HasSubstr("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(responses, EndsWith("\r\n\r\nok\n"));
}

TEST_F(HttpSessionTest, OtherPathsAndMethodsAreRefused) {
  start();
  EXPECT_THAT(get("/nothing"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(get("/livez/../etc/passwd"), StartsWith("HTTP/1.1 404 "));
  const std::string post =
      request("POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(post, StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(post, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(HttpSessionTest, TheWebPageIsAtTheRootOfListenersThatHaveIt) {
  options().listeners.front().protocols = {&find_protocol("deepgram"), &find_protocol("page")};
  options().listeners.push_back({.where = {}, .protocols = {&find_protocol("deepgram")}});
  start();
  EXPECT_THAT(get("/"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get("/?x=1"), HasSubstr("<!doctype html>"));
  EXPECT_THAT(get("/page/page.js"), HasSubstr("Content-Security-Policy: default-src 'none'"));
  EXPECT_THAT(get_of(server().port(1), "/"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(HttpSessionTest, AConnectionMayAskSeveralTimes) {
  start();
  RawClient client(port());
  for (int round = 0; round < 3; ++round) {
    client.send("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(client.read_until("ok\n"), HasSubstr("200 OK"));
  }
}

TEST_F(HttpSessionTest, WhatIsNotHttpIsRefused) {
  start();
  EXPECT_THAT(request("garbage\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(request(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15)),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(request("GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpSessionTest, AHeaderOverTheLimitIsRefused) {
  start();
  EXPECT_THAT(request("GET / HTTP/1.1\r\nX: " + std::string(20000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpSessionTest, AHeaderThatDoesNotComeIsNotWaitedFor) {
  ServerLimits limits;
  limits.header_timeout = std::chrono::milliseconds(100);
  start(limits);
  RawClient silent(port());
  RawClient half(port());
  half.send("GET /livez HTT");
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_EQ(half.read_to_end(), "");
}

TEST_F(HttpSessionTest, AnUpgradeWithoutAKeyIsRefused) {
  start();
  const std::string response = request(
      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\n\r\n");
  EXPECT_THAT(response, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(
      request("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              "Sec-WebSocket-Version: 7\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"),
      StartsWith("HTTP/1.1 426 "));
}

TEST_F(HttpSessionTest, AKeyThatIsNoneIsRefused) {
  start();
  EXPECT_THAT(
      request("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAA\r\n\r\n"),
      StartsWith("HTTP/1.1 400 "));
}

TEST_F(HttpSessionTest, FramesBehindAnUpgradeAreServed) {
  start();
  RawClient client(port());
  client.send(kUpgradeRequest + client_frame(9, "early") + client_frame(1, R"({"eof" : 1})"));
  const std::string replies = client.read_until("end of audio");
  EXPECT_THAT(replies, StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(replies, HasSubstr("early"));
  EXPECT_THAT(replies, HasSubstr(R"({"text": ""})"));
}

TEST_F(HttpSessionTest, ABodyThatIsTooLongIsNamed) {
  start();
  EXPECT_THAT(request("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpSessionTest, AQueryIsNoPartOfThePath) {
  start();
  EXPECT_THAT(get("/livez?x=1"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get("/livezx"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(HttpSessionTest, MoreSessionsThanAllowedAreRefusedUntilOneEnds) {
  ServerLimits limits;
  limits.max_sessions = 2;
  start(limits);
  TestClient first(port());
  TestClient second(port());
  const std::string refused = request(kUpgradeRequest);
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("Retry-After: 5\r\n"));
  EXPECT_THAT(refused, EndsWith("all sessions are in use\n"));
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200 "));
  first.send_text(R"({"eof" : 1})");
  EXPECT_EQ(first.wait_for_close(), 1000);
  for (;;) {
    try {
      TestClient third(port());
      third.send_text(R"({"eof" : 1})");
      EXPECT_EQ(third.receive(), R"({"text": ""})");
      break;
    } catch (const std::runtime_error& error) {
      ASSERT_STREQ(error.what(), "refused with status 503");
    }
  }
}

}  // namespace
}  // namespace harpy::testing

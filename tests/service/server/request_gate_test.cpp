// For whom a request is served, and under which name.
#include "service/server/request_gate.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/server/server_fixture.hpp"

namespace harpy::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

class RequestGateTest : public ServerTest {
 protected:
  static std::string with_fields(std::string request, const std::string& fields) {
    return request.insert(request.size() - 2, fields);
  }
  static std::string get_with(const std::string& path, const std::string& fields) {
    return with_fields("GET " + path + " HTTP/1.1\r\nConnection: close\r\n\r\n", fields);
  }
  /// A client whose upgrade with these fields was answered, and the answer.
  std::unique_ptr<RawClient> upgraded(const std::string& fields, std::string& answer) const {
    auto client = std::make_unique<RawClient>(port());
    client->send(with_fields(kUpgradeRequest, fields));
    answer = client->read_until("\r\n\r\n");
    return client;
  }
};

const std::string kTraceField =
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";

TEST_F(RequestGateTest, EveryAnswerHasTheNameOfItsRequest) {
  start();
  for (const char* const path : {"/livez", "/nothing", "/v1/models", "/v1/models/none"}) {
    EXPECT_THAT(request(get_with(path, "X-Request-Id: mine\r\n" + kTraceField)),
                AllOf(HasSubstr("X-Request-Id: mine\r\n"), HasSubstr(kTraceField)));
    EXPECT_THAT(get(path), AllOf(HasSubstr("X-Request-Id: "), Not(HasSubstr("traceparent"))));
  }
  std::string answer;
  upgraded("X-Request-Id: mine\r\n" + kTraceField, answer);
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 101 "), HasSubstr("X-Request-Id: mine\r\n"),
                            HasSubstr(kTraceField)));
  EXPECT_THAT(request(get_with("/livez", "X-Request-Id: not mine\r\n")), Not(HasSubstr("mine")));
}

TEST_F(RequestGateTest, AProxyThatIsTrustedSaysWhoseTheSessionIs) {
  options().trusted_proxies = {"127.0.0.0/8"};
  start({.max_sessions_per_address = 1, .max_connections_per_address = 1});
  std::string answer;
  const auto one = upgraded("X-Forwarded-For: 203.0.113.1\r\n", answer);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 101 "));
  const auto other = upgraded("X-Forwarded-For: 203.0.113.2\r\n", answer);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 101 "));
  // The client's own word comes before the proxy's.
  upgraded("X-Forwarded-For: 203.0.113.3\r\nX-Forwarded-For: 203.0.113.1\r\n", answer);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 429 "));
  // The proxy itself, which looks after the server, may have any number of connections.
  const RawClient idle(port());
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(stop(), HasSubstr(" for 203.0.113.2\n"));
}

TEST_F(RequestGateTest, OneConnectionOfAProxyServesManyClients) {
  options().trusted_proxies = {"127.0.0.1"};
  start({.requests_per_s = 0.1});
  RawClient proxy(port());
  const auto ask_for = [&](const std::string& client) {
    proxy.send("GET /v1/models HTTP/1.1\r\nX-Forwarded-For: " + client + "\r\n\r\n");
    const std::string head = proxy.read_until("\r\n\r\n");
    proxy.read_until("}\n");
    return head;
  };
  EXPECT_THAT(ask_for("203.0.113.1"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(ask_for("203.0.113.1"), StartsWith("HTTP/1.1 429 "));
  EXPECT_THAT(ask_for("203.0.113.2"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(RequestGateTest, NobodyElseIsBelieved) {
  options().trusted_proxies = {"192.0.2.1"};
  start({.max_sessions_per_address = 1});
  std::string answer;
  const auto one = upgraded("X-Forwarded-For: 203.0.113.1\r\n", answer);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 101 "));
  upgraded("X-Forwarded-For: 203.0.113.2\r\n", answer);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 429 "));
  EXPECT_THAT(stop(), Not(HasSubstr("203.0.113")));
}

}  // namespace
}  // namespace harpy::testing

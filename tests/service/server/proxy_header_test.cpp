// How a proxy says whose connection it passes on: the header itself, and listeners that take it.
#include "service/server/proxy_header.hpp"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fuzz/fuzzing.hpp"
#include "tests/service/server/server_fixture.hpp"

namespace harpy::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A header of version 2: its command and family, and what follows.
std::string binary_header(int command, int family, const std::string& rest) {
  return std::string("\r\n\r\n\0\r\nQUIT\n", 12) + static_cast<char>(command) +
         static_cast<char>(family) + static_cast<char>(rest.size() >> 8U) +
         static_cast<char>(rest.size() & 0xFFU) + rest;
}

/// From 203.0.113.7 port 0x1234 to 192.0.2.1 port 443.
const std::string kBinaryV4 =
    binary_header(0x21, 0x11, std::string("\xCB\0\x71\x07\xC0\0\x02\x01\x12\x34\x01\xBB", 12));

std::string ends_of(const ProxyHeader& header) {
  if (header.missing_bytes > 0) return "incomplete";
  if (!header.ends) return "the proxy's own";
  const auto text = [](const boost::asio::ip::tcp::endpoint& end) {
    return end.address().to_string() + " " + std::to_string(end.port());
  };
  return text(header.ends->client) + " to " + text(header.ends->server);
}

/// Reads a header as a connection does, which gives as many bytes as are asked for.
std::string read_from(const std::string& connection) {
  std::string bytes;
  for (;;) {
    const ProxyHeader header = read_proxy_header(bytes);
    if (header.missing_bytes == 0) {
      return ends_of(header) + ", left: " + connection.substr(bytes.size());
    }
    if (bytes.size() + header.missing_bytes > connection.size()) return "incomplete";
    bytes += connection.substr(bytes.size(), header.missing_bytes);
  }
}

TEST(ProxyHeader, TextAndBinaryHeadersTellBothEndsAndNoByteBehindThemIsRead) {
  EXPECT_EQ(read_from("PROXY TCP4 203.0.113.7 192.0.2.1 4660 443\r\nGET"),
            "203.0.113.7 4660 to 192.0.2.1 443, left: GET");
  EXPECT_EQ(read_from("PROXY TCP6 2001:db8::7 2001:db8::1 1 65535\r\n\r\n"),
            "2001:db8::7 1 to 2001:db8::1 65535, left: \r\n");
  EXPECT_EQ(read_from("PROXY UNKNOWN\r\nGET"), "the proxy's own, left: GET");
  EXPECT_EQ(read_from("PROXY UNKNOWN ff:: ff:: 1 2\r\nGET"), "the proxy's own, left: GET");
  EXPECT_EQ(read_from(kBinaryV4 + "GET"), "203.0.113.7 4660 to 192.0.2.1 443, left: GET");
  EXPECT_EQ(read_from(binary_header(0x20, 0x00, "") + "GET"), "the proxy's own, left: GET");
  EXPECT_EQ(read_from(binary_header(0x21, 0x00, "abc") + "GET"), "the proxy's own, left: GET");
}

TEST(ProxyHeader, WhatAProxyAddsBehindTheAddressesIsPassedOver) {
  std::string addresses(32, '\0');
  addresses[15] = 1;
  addresses[31] = 2;
  EXPECT_EQ(read_from(binary_header(
                          0x21, 0x21,
                          addresses + std::string("\0\1\0\2", 4) + std::string("\x04\0\1x", 4)) +
                      "GET"),
            "::1 1 to ::2 2, left: GET");
}

TEST(ProxyHeader, EveryBeginningOfAHeaderIsIncomplete) {
  for (const std::string& whole :
       {kBinaryV4, std::string("PROXY TCP4 203.0.113.7 192.0.2.1 4660 443\r\n")}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::size_t missing = read_proxy_header(whole.substr(0, size)).missing_bytes;
      EXPECT_GT(missing, 0U) << size;
      EXPECT_LE(size + missing, whole.size()) << size;
    }
    EXPECT_EQ(read_proxy_header(whole).missing_bytes, 0U);
  }
}

TEST(ProxyHeader, WhatIsNoneIsRefused) {
  for (const std::string& bytes : {std::string("GET / HTTP/1.1\r\n"),
                                   std::string("PROXI"),
                                   std::string("\r\n\r\nX"),
                                   std::string("PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n"),
                                   std::string("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n"),
                                   std::string("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n"),
                                   std::string("PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n"),
                                   std::string("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n"),
                                   std::string("PROXY TCP4 1.2.3.4 1.2.3.4  1 2\r\n"),
                                   std::string("PROXY TCP4 ::1 1.2.3.4 1 2\r\n"),
                                   std::string("PROXY TCP6 1.2.3.4 ::1 1 2\r\n"),
                                   std::string("PROXY TCP4 1.2.3.4 host 1 2\r\n"),
                                   "PROXY " + std::string(101, 'x'),
                                   binary_header(0x11, 0x11, std::string(12, '\0')),
                                   binary_header(0x22, 0x11, std::string(12, '\0')),
                                   binary_header(0x21, 0x11, std::string(11, '\0')),
                                   binary_header(0x21, 0x21, std::string(35, '\0')),
                                   binary_header(0x21, 0x12, std::string(12, '\0')),
                                   binary_header(0x21, 0x31, std::string(216, '\0')),
                                   binary_header(0x21, 0x11, std::string(4096, '\0'))}) {
    EXPECT_THROW(read_proxy_header(bytes), std::runtime_error) << bytes;
  }
}

/// Malformed headers: each is refused, or read alike at once and byte by byte, and what is complete
/// was not complete before.
TEST(MalformedProxyHeaders, AreReadOrRefused) {
  const std::vector<std::string> samples{
      kBinaryV4,
      binary_header(0x20, 0x00, ""),
      binary_header(0x21, 0x21, std::string(36, '\1') + std::string("\x04\0\1x", 4)),
      "PROXY TCP4 203.0.113.7 192.0.2.1 4660 443\r\n",
      "PROXY TCP6 2001:db8::7 ::1 1 65535\r\n",
      "PROXY UNKNOWN\r\n"};
  int read_count = 0;
  int refused_count = 0;
  fuzz(samples, [&](const std::string& connection) -> std::string {
    std::string bytes;
    try {
      ProxyHeader header = read_proxy_header(bytes);
      while (header.missing_bytes > 0 && bytes.size() + header.missing_bytes <= connection.size()) {
        for (std::size_t left = header.missing_bytes; left > 0; --left) {
          EXPECT_GE(read_proxy_header(bytes).missing_bytes, left > 1 ? 1U : 0U);
          bytes += connection[bytes.size()];
        }
        header = read_proxy_header(bytes);
      }
      ++read_count;
      return ends_of(header);
    } catch (const std::runtime_error& refused) {
      ++refused_count;
      return refused.what();
    }
  });
  EXPECT_GT(read_count, 100);
  EXPECT_GT(refused_count, 100);
}

class ProxyHandshakeTest : public ServerTest {
 protected:
  void start_behind(const std::string& proxy, const ServerLimits& limits = {}) {
    options().trusted_proxies = {proxy};
    options().listeners[0].proxy_protocol = true;
    start(limits);
  }
};

constexpr const char* kHealthRequest = "GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n";
constexpr const char* kFromOneClient = "PROXY TCP4 203.0.113.7 192.0.2.1 4660 443\r\n";

TEST_F(ProxyHandshakeTest, AConnectionIsItsClients) {
  start_behind("127.0.0.1", {.max_sessions_per_address = 1});
  RawClient first(port());
  first.send(kFromOneClient + kUpgradeRequest);
  EXPECT_THAT(first.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
  EXPECT_THAT(request(kFromOneClient + kUpgradeRequest), StartsWith("HTTP/1.1 429 "));
  RawClient other(port());
  other.send(kBinaryV4.substr(0, 20));
  other.send(kBinaryV4.substr(20) + kHealthRequest);
  EXPECT_THAT(other.read_to_end(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(stop(), HasSubstr("opened by 203.0.113.7 port 4660\n"));
}

TEST_F(ProxyHandshakeTest, AProxySpeaksForItselfToo) {
  start_behind("127.0.0.1");
  EXPECT_THAT(request(binary_header(0x20, 0x00, "") + kHealthRequest), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ProxyHandshakeTest, TooManyConnectionsOfAClientAreClosed) {
  start_behind("127.0.0.1", {.max_connections_per_address = 1});
  RawClient first(port());
  first.send(std::string(kFromOneClient) + "GET /livez HTTP/1.1\r\n\r\n");
  EXPECT_THAT(first.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(request(std::string(kFromOneClient) + kHealthRequest), "");
}

TEST_F(ProxyHandshakeTest, WithoutAHeaderATrustedProxyIsNotServed) {
  start_behind("127.0.0.1", {.handshake_timeout = std::chrono::milliseconds(100)});
  EXPECT_EQ(request(kHealthRequest), "");
  EXPECT_EQ(request("PROXY TCP4 203.0.113.7"), "");  // is not waited for
  EXPECT_THAT(stop(), AllOf(HasSubstr("begins with something else"),
                            HasSubstr("the header takes too long")));
}

TEST_F(ProxyHandshakeTest, NobodyElseIsBelieved) {
  start_behind("192.0.2.9");
  EXPECT_THAT(request(std::string(kFromOneClient) + kHealthRequest), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(request(kHealthRequest), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ProxyHandshakeTest, AListenerNeedsAProxyThatIsTrusted) {
  options().listeners[0].proxy_protocol = true;
  EXPECT_THROW(start(), std::invalid_argument);
}

}  // namespace
}  // namespace harpy::testing

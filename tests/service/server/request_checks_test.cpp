#include "service/server/request_checks.hpp"

#include <gtest/gtest.h>

namespace harpy {
namespace {

const BrowserAccess kAccess{.origins = {"https://Example.org"}, .hosts = {"speech.example.org"}};

bool may(const RequestSource& source, const BrowserAccess& access = {}) {
  return refusal_of_source(source, access).empty();
}

TEST(RequestChecks, ProgramsMayConnectWithoutAnOrigin) {
  EXPECT_TRUE(may({.host = "192.168.1.5:2700"}));
  EXPECT_TRUE(may({.host = "anything"}));
  EXPECT_TRUE(may({.host = "", .is_on_loopback = true}));
}

TEST(RequestChecks, OnLoopbackTheHostMustBeLoopback) {
  for (const char* host :
       {"localhost", "LocalHost:2700", "127.0.0.1:2700", "127.1.2.3", "[::1]:2700"}) {
    EXPECT_TRUE(may({.host = host, .is_on_loopback = true})) << host;
  }
  for (const char* host :
       {"evil.org", "evil.org:2700", "localhost.evil.org", "10.0.0.1", "[::2]", "["}) {
    EXPECT_FALSE(may({.host = host, .is_on_loopback = true})) << host;
  }
  EXPECT_TRUE(may({.host = "speech.example.org", .is_on_loopback = true}, kAccess));
  EXPECT_TRUE(may({.host = "evil.org", .is_on_loopback = true}, {.hosts = {"*"}}));
}

TEST(RequestChecks, PagesOfOtherOriginsMayNotConnectUnlessTheyAreListed) {
  EXPECT_FALSE(
      may({.host = "localhost:2700", .origin = "https://evil.org", .is_on_loopback = true}));
  EXPECT_FALSE(may({.host = "192.168.1.5:2700", .origin = "https://evil.org"}));
  EXPECT_FALSE(may({.host = "localhost:2700", .origin = "null", .is_on_loopback = true}));
  EXPECT_TRUE(may({.host = "10.0.0.1", .origin = "https://example.org"}, kAccess));
  EXPECT_FALSE(may({.host = "10.0.0.1", .origin = "https://example.org.evil.org"}, kAccess));
  EXPECT_FALSE(may({.host = "10.0.0.1", .origin = "http://example.org"}, kAccess));
  EXPECT_TRUE(may({.host = "10.0.0.1", .origin = "https://evil.org"}, {.origins = {"*"}}));
}

TEST(RequestChecks, TheServersOwnPagesMayConnectUnlessItsNameMayBeAnybodys) {
  EXPECT_TRUE(
      may({.host = "localhost:2700", .origin = "http://localhost:2700", .is_on_loopback = true}));
  EXPECT_TRUE(may({.host = "192.168.1.5:2700", .origin = "http://192.168.1.5:2700"}));
  EXPECT_FALSE(may({.host = "192.168.1.5:2700", .origin = "http://192.168.1.5:80"}));
  // A name that its owner has made to mean the server's address.
  EXPECT_FALSE(may({.host = "evil.org:2700", .origin = "http://evil.org:2700"}));
  EXPECT_TRUE(may({.host = "speech.example.org", .origin = "https://speech.example.org"}, kAccess));
}

TEST(RequestChecks, AKeyIsSixteenBytesInBase64) {
  EXPECT_TRUE(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ=="));  // RFC 6455, section 1.3
  for (const char* key :
       {"", "AAA", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=a",
        "dGhlIHNhbXBsZSBub25j-Q==", "dGhlIHNhbXBsZSBub25jZQAA==", "dGhlIHNhbXBsZSBub2 jZQ=="}) {
    EXPECT_FALSE(is_websocket_key(key)) << key;
  }
}

TEST(RequestChecks, AQueryIsNoPartOfThePath) {
  EXPECT_EQ(path_of("/livez"), "/livez");
  EXPECT_EQ(path_of("/livez?x=1"), "/livez");
  EXPECT_EQ(path_of("?"), "");
}

}  // namespace
}  // namespace harpy

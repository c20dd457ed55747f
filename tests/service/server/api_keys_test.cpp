#include "service/server/api_keys.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/server/server_fixture.hpp"

namespace harpy::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// The examples of FIPS 180-2.
constexpr const char* kAbcDigest =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const std::string kLongKey = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
constexpr const char* kLongDigest =
    "248D6A61D20638B8E5C026930C3E6039A33CE45964FF2167F6ECEDD419DB06C1";

std::string line_of(const std::string& name, const std::string& digest,
                    const std::string& limits = "") {
  return name + ",sha256=" + digest + limits + "\n";
}

class ApiKeysTest : public ServerTest {
 protected:
  ApiKeysTest() { options().api_keys = directory_.path() / "keys"; }

  void write_keys(const std::string& text) const { std::ofstream(options_file()) << text; }
  std::filesystem::path options_file() const { return directory_.path() / "keys"; }
  std::string error_of(const std::string& text) const {
    write_keys(text);
    try {
      read_api_keys(options_file());
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }
  static std::string upgrade(const std::string& path, const std::string& fields) {
    std::string text = kUpgradeRequest;
    text.replace(text.find("GET / "), 6, "GET " + path + " ");
    return text.insert(text.size() - 2, fields);
  }
  /// Asks with these fields until the answer begins so; ten seconds at most.
  bool gets(const std::string& fields, const std::string& answer) const {
    for (int round = 0; round < 1000; ++round) {
      if (request("GET /v1/models HTTP/1.1\r\nConnection: close\r\n" + fields + "\r\n")
              .starts_with(answer)) {
        return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  TemporaryDirectory directory_;
};

TEST_F(ApiKeysTest, AFileGivesNamesDigestsAndLimits) {
  write_keys("# keys\n\n" + line_of("phone", kAbcDigest, ",max-sessions=2") +
             line_of("site", kLongDigest, ",requests-per-second=0.5"));
  const std::vector<ApiKey> keys = read_api_keys(options_file());
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].name, "phone");
  EXPECT_EQ(keys[0].digest[0], 0xba);
  EXPECT_EQ(keys[0].max_sessions, 2);
  EXPECT_EQ(keys[1].digest[31], 0xc1);
  EXPECT_EQ(keys[1].requests_per_s, 0.5);
}

TEST_F(ApiKeysTest, ABadLineIsNamedAndNotShown) {
  for (const std::string& line :
       {std::string("secret"), std::string("se cret,sha256=") + kAbcDigest, line_of("", kAbcDigest),
        line_of("a", "secret"), line_of("a", std::string(64, 'g')),
        line_of("a", kAbcDigest, ",secret=1"), line_of("a", kAbcDigest, ",max-sessions=0"),
        line_of("a", kAbcDigest, ",requests-per-second=nan"),
        line_of("a", std::string(kAbcDigest) + "0")}) {
    EXPECT_THAT(error_of("# keys\n" + line),
                AllOf(HasSubstr("keys:2: "), HasSubstr("expected"), Not(HasSubstr("secret"))));
  }
  EXPECT_THAT(error_of(line_of("a", kAbcDigest) + line_of("a", kLongDigest)),
              HasSubstr("keys:2: a name comes twice"));
  EXPECT_THAT(error_of(line_of("a", kAbcDigest) + line_of("b", kAbcDigest)),
              HasSubstr("keys:2: a key comes twice"));
  EXPECT_THAT(error_of("# none\n"), HasSubstr("expected a key"));
}

TEST_F(ApiKeysTest, AKeyIsFoundByItsDigestAlone) {
  write_keys(line_of("phone", kAbcDigest) + line_of("site", kLongDigest));
  KeyTable table;
  EXPECT_FALSE(table.needs_key());
  table.replace(read_api_keys(options_file()));
  EXPECT_TRUE(table.needs_key());
  EXPECT_EQ(table.find("abc")->key.name, "phone");
  EXPECT_EQ(table.find(kLongKey)->key.name, "site");
  for (const std::string& wrong : {std::string(), std::string("ab"), std::string("abcd"),
                                   std::string(kAbcDigest), std::string(513, 'a')}) {
    EXPECT_EQ(table.find(wrong), nullptr);
  }
}

TEST_F(ApiKeysTest, WhatIsCountedUnderANameOutlivesOtherKeysOfTheName) {
  write_keys(line_of("phone", kAbcDigest));
  KeyTable table;
  table.replace(read_api_keys(options_file()));
  table.find("abc")->session_count = 3;
  write_keys(line_of("phone", kLongDigest, ",max-sessions=3"));
  table.replace(read_api_keys(options_file()));
  EXPECT_EQ(table.find("abc"), nullptr);
  EXPECT_EQ(table.find(kLongKey)->session_count, 3);
  EXPECT_EQ(table.find(kLongKey)->key.max_sessions, 3);
}

TEST_F(ApiKeysTest, KeysArePresentedInTheWaysOfOfficialClients) {
  EXPECT_EQ(presented_key("Bearer abc", ""), "abc");
  EXPECT_EQ(presented_key("token  abc ", ""), "abc");
  EXPECT_EQ(presented_key("Basic abc", "token, abc"), "");
  EXPECT_EQ(presented_key("Bearer", ""), "");
  EXPECT_EQ(presented_key("", "token, abc"), "abc");
  EXPECT_EQ(presented_key("", "bearer,abc"), "abc");
  EXPECT_EQ(presented_key("", "realtime, openai-insecure-api-key.abc"), "abc");
  EXPECT_EQ(presented_key("", "token"), "");
  EXPECT_EQ(presented_key("", "ws"), "");
}

TEST_F(ApiKeysTest, NoKeyIsChosenAsTheSubprotocol) {
  EXPECT_EQ(chosen_subprotocol(""), "");
  EXPECT_EQ(chosen_subprotocol(" , "), "");
  EXPECT_EQ(chosen_subprotocol("ws"), "ws");
  EXPECT_EQ(chosen_subprotocol(" a,b"), "a");
  EXPECT_EQ(chosen_subprotocol("token, abc"), "token");
  EXPECT_EQ(chosen_subprotocol("openai-insecure-api-key.abc, realtime"), "realtime");
  EXPECT_EQ(chosen_subprotocol("openai-insecure-api-key.abc"), "");
}

TEST_F(ApiKeysTest, RequestsWithoutAKeyAreRefusedInTheFormOfTheirProtocol) {
  write_keys(line_of("phone", kAbcDigest));
  start();
  EXPECT_THAT(request(kUpgradeRequest),
              AllOf(StartsWith("HTTP/1.1 401 "), HasSubstr("WWW-Authenticate: Bearer\r\n"),
                    HasSubstr("an API key is needed")));
  EXPECT_THAT(request(upgrade("/v1/listen", "Authorization: Token wrong-key\r\n")),
              AllOf(StartsWith("HTTP/1.1 401 "), HasSubstr(R"("err_code": "INVALID_AUTH")"),
                    Not(HasSubstr("wrong-key"))));
  EXPECT_THAT(request(upgrade("/v1/realtime",
                              "Sec-WebSocket-Protocol: realtime, "
                              "openai-insecure-api-key.wrong-key\r\n")),
              AllOf(StartsWith("HTTP/1.1 401 "), HasSubstr(R"("code": "invalid_api_key")"),
                    Not(HasSubstr("wrong-key"))));
  EXPECT_THAT(get("/v1/models"), AllOf(StartsWith("HTTP/1.1 401 "), HasSubstr("invalid_api_key")));
  EXPECT_THAT(request("POST /v1/listen HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n"
                      "Authorization: Bearer wrong-key\r\n\r\n"),
              StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get_of(admin_port(), "/metrics"),
              HasSubstr("asr_sessions_rejected_total{reason=\"unauthorized\"} 5\n"));
  EXPECT_THAT(stop(), AllOf(HasSubstr("the API key is not known"), Not(HasSubstr("wrong-key"))));
}

TEST_F(ApiKeysTest, RequestsWithAKeyAreFollowedAndTheKeyIsToldToNobody) {
  write_keys(line_of("phone", kAbcDigest) + line_of("site", kLongDigest));
  start();
  EXPECT_TRUE(gets("Authorization: Bearer abc\r\n", "HTTP/1.1 200 "));
  TestClient by_field(port(), {.authorization = "Token abc"});
  TestClient by_subprotocol(port(), {.subprotocol = "token, " + kLongKey});
  EXPECT_EQ(by_subprotocol.subprotocol(), "token");
  for (TestClient* const client : {&by_field, &by_subprotocol}) {
    client->send_text(R"({"eof" : 1})");
    EXPECT_EQ(client->wait_for_close(), 1000);
  }
  EXPECT_THAT(stop(), AllOf(HasSubstr("with the key phone\n"), HasSubstr("with the key site\n"),
                            Not(HasSubstr(kLongKey))));
}

TEST_F(ApiKeysTest, AKeyHasLimitsOfItsOwn) {
  write_keys(line_of("phone", kAbcDigest, ",max-sessions=1") +
             line_of("site", kLongDigest, ",requests-per-second=0.1"));
  start();
  const TestClient first(port(), {.authorization = "Bearer abc"});
  EXPECT_THAT(request(upgrade("/", "Authorization: Bearer abc\r\n")),
              AllOf(StartsWith("HTTP/1.1 429 "), HasSubstr("too many sessions with this key"),
                    HasSubstr("Retry-After: ")));
  EXPECT_TRUE(gets("Authorization: Bearer " + kLongKey + "\r\n", "HTTP/1.1 200 "));
  EXPECT_TRUE(gets("Authorization: Bearer " + kLongKey + "\r\n", "HTTP/1.1 429 "));
}

TEST_F(ApiKeysTest, AKeyThatIsTakenOutIsRefusedAndItsSessionsGoOn) {
  write_keys(line_of("phone", kAbcDigest));
  start();
  TestClient running(port(), {.authorization = "Bearer abc"});
  write_keys(line_of("phone", kLongDigest));
  server().reload_credentials();
  EXPECT_TRUE(gets("Authorization: Bearer abc\r\n", "HTTP/1.1 401 "));
  EXPECT_TRUE(gets("Authorization: Bearer " + kLongKey + "\r\n", "HTTP/1.1 200 "));
  write_keys("nonsense\n");
  EXPECT_THROW(server().reload_credentials(), std::runtime_error);
  EXPECT_TRUE(gets("Authorization: Bearer " + kLongKey + "\r\n", "HTTP/1.1 200 "));
  running.send_text(R"({"eof" : 1})");
  EXPECT_EQ(running.wait_for_close(), 1000);
}

TEST_F(ApiKeysTest, ProtocolsThatCarryNoKeyNeedAWordOfTheOperator) {
  write_keys(line_of("phone", kAbcDigest));
  options().listeners.push_back({.protocols = {&find_protocol("kaldi")}});
  EXPECT_THROW(start(), std::invalid_argument);
  options().listeners.back().needs_key = false;
  start();
  RawClient client(server().port(1));
  client.shut_down();
  client.read_to_end();
  EXPECT_TRUE(log_tells("session 1: ended"));
}

TEST_F(ApiKeysTest, OneAddressMayAskOnlySoOften) {
  options().api_keys.clear();
  start({.requests_per_s = 0.1});
  EXPECT_TRUE(gets("", "HTTP/1.1 200 "));
  EXPECT_TRUE(gets("", "HTTP/1.1 429 "));
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace harpy::testing

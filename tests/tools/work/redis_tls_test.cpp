#include "tools/work/redis_tls.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/server/tls_client.hpp"
#include "tests/support/is_installed.hpp"
#include "tests/support/redis_server.hpp"
#include "tools/work/redis_connection.hpp"
#include "tools/work/redis_work.hpp"

namespace harpy::tools {
namespace {

using harpy::testing::RedisServer;
using harpy::testing::TemporaryDirectory;
using harpy::testing::write_certificate;
using ::testing::HasSubstr;

/// A port that was free a moment ago.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(socket);
  return ntohs(address.sin_port);
}

class RedisTlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!harpy::testing::is_installed("redis-server")) GTEST_SKIP() << "needs redis-server";
    write_certificate(file("server.pem"), file("server-key.pem"), "localhost");
    write_certificate(file("client.pem"), file("client-key.pem"), "worker");
  }

  /// `asks`: whether the server wants to see a certificate of its clients.
  void start(bool asks) {
    const int port = free_port();
    server_ = std::make_unique<RedisServer>(std::vector<std::string>{
        "--tls-port", std::to_string(port), "--tls-cert-file", file("server.pem"), "--tls-key-file",
        file("server-key.pem"), "--tls-ca-cert-file", file("client.pem"), "--tls-auth-clients",
        asks ? "yes" : "no"});
    port_ = ":" + std::to_string(port);
  }
  std::string address(const std::string& host = "localhost") const {
    return "rediss://" + host + port_;
  }
  std::string file(const std::string& name) const { return (directory_.path() / name).string(); }

  static std::string error_of(const std::string& address, const RedisTlsFiles& files) {
    try {
      RedisConnection(address, files).command({"PING"});
      return "none";
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  TemporaryDirectory directory_;
  std::unique_ptr<RedisServer> server_;
  std::string port_;
};

TEST_F(RedisTlsTest, RecordingsAreTakenAndAnsweredByTls) {
  start(false);
  RedisConnection plain(server_->address());
  for (int i = 0; i < 20; ++i) {
    plain.command({"XADD", "harpy", "*", "recording",
                   R"({"audio": "x.wav", "id": "r)" + std::to_string(i) + "\"}"});
  }
  const std::string words(100'000, 'w');  // of many records
  work_on_redis(
      {.server = address(),
       .tls = {.authorities = file("server.pem"), .certificate = {}, .key = {}},
       .until_empty = true,
       .thread_count = 2},
      [&](const std::string& line, const std::string&) {
        return LineAnswer{.id = recording_id(line), .text = words};
      },
      [] { return false; });
  EXPECT_EQ(plain.command({"HLEN", "harpy:results"}).number, 20);
  RedisConnection encrypted(address(),
                            {.authorities = file("server.pem"), .certificate = {}, .key = {}});
  EXPECT_TRUE(encrypted.command({"HGET", "harpy:results", "r7"}).text == words);
}

TEST_F(RedisTlsTest, AServerMayAskForACertificate) {
  start(true);
  RedisTlsFiles files{.authorities = file("server.pem"), .certificate = {}, .key = {}};
  EXPECT_THAT(error_of(address(), files), HasSubstr("is lost: "));
  files.certificate = file("client.pem");
  files.key = file("client-key.pem");
  EXPECT_EQ(error_of(address(), files), "none");
}

TEST_F(RedisTlsTest, ACertificateThatNobodyVouchesForIsRefused) {
  start(false);
  const std::string place = "Redis at localhost" + port_ + ": its certificate is not trusted: ";
  EXPECT_EQ(error_of(address(), {}), place + "self-signed certificate");
  EXPECT_EQ(error_of(address(), {.authorities = file("client.pem"), .certificate = {}, .key = {}}),
            place + "self-signed certificate");
  EXPECT_THAT(error_of(address("127.0.0.1"),
                       {.authorities = file("server.pem"), .certificate = {}, .key = {}}),
              HasSubstr("IP address mismatch"));
}

TEST_F(RedisTlsTest, WhatIsWrongWithFilesAndServersIsSaid) {
  start(false);
  std::ofstream(file("nonsense.pem")) << "nonsense";
  EXPECT_THAT(
      error_of(address(), {.authorities = file("absent.pem"), .certificate = {}, .key = {}}),
      HasSubstr("absent.pem: expected certificates in PEM"));
  EXPECT_THAT(
      error_of(address(), {.authorities = {}, .certificate = file("client.pem"), .key = {}}),
      HasSubstr("expected both or neither"));
  EXPECT_THAT(
      error_of(address(),
               {.authorities = {}, .certificate = file("client.pem"), .key = file("nonsense.pem")}),
      HasSubstr("nonsense.pem: expected the private key of "));
  EXPECT_THAT(error_of(address(), {.authorities = {},
                                   .certificate = file("client.pem"),
                                   .key = file("server-key.pem")}),
              HasSubstr("server-key.pem: expected the private key of "));
  EXPECT_THAT(error_of("redis://localhost" + port_, {}), HasSubstr("is lost: "));
}

}  // namespace
}  // namespace harpy::tools

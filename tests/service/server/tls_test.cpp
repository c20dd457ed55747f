// Listeners that speak TLS: the same protocols, over connections that are encrypted.
#include <openssl/ssl.h>

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/server/tls_channel.hpp"
#include "tests/service/server/server_fixture.hpp"
#include "tests/service/server/tls_client.hpp"

namespace harpy::testing {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class TlsTest : public ServerTest {
 protected:
  TlsTest() {
    write_certificate(files_.certificate, files_.key, "first");
    options().listeners.front().tls = files_;
  }

  std::string audio_bytes() const {
    return {reinterpret_cast<const char*>(samples_.data()), 2 * samples_.size()};
  }

  const TemporaryDirectory directory_;
  const TlsFiles files_{.certificate = directory_.path() / "certificate.pem",
                        .key = directory_.path() / "key.pem"};
  const std::vector<std::int16_t> samples_ = example_audio(kRateHz, 2.0);
};

constexpr const char* kGetLive = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_F(TlsTest, RequestsAreAnsweredAndTheEndIsSaid) {
  start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(port(), {.highest_version = version, .protocol = "http/1.1"});
    EXPECT_EQ(client.protocol(), "http/1.1");
    EXPECT_EQ(client.certificate_name(), "first");
    client.send(kGetLive);
    EXPECT_THAT(client.read_until("ok\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
    client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(client.read_to_end(), EndsWith("ok\n"));
  }
}

TEST_F(TlsTest, AWebSocketSessionHasTheWordsOfOneThatIsNotEncrypted) {
  start();
  TlsClient client(port());
  client.send(kUpgradeRequest);
  EXPECT_THAT(client.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
  const std::string audio = audio_bytes();
  for (std::size_t begin = 0; begin < audio.size(); begin += 3200) {
    client.send(client_frame(2, std::string_view(audio).substr(begin, 3200)));
    client.read_until("}");
  }
  client.send(client_frame(1, R"({"eof" : 1})"));
  EXPECT_THAT(client.read_until("end of audio"),
              HasSubstr("\"text\": \"" + recognized_text(samples_, kRateHz) + "\""));
  client.send(client_frame(8, "\x03\xe8"));
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(TlsTest, AMessageOfManyRecordsIsTaken) {
  start();
  TlsClient client(port());
  client.send(kUpgradeRequest);
  client.read_until("\r\n\r\n");
  const std::string noise(300'000, '\0');
  client.send(client_frame(2, noise));
  EXPECT_THAT(client.read_until("}"), HasSubstr("partial"));
}

TEST_F(TlsTest, AProtocolOverTcpIsCarriedToo) {
  options().listeners.push_back({.protocols = {&find_protocol("kaldi")}, .tls = files_});
  start();
  TlsClient client(server().port(1));
  client.send(audio_bytes());
  client.shut_down();
  EXPECT_THAT(client.read_to_end(), EndsWith("\n"));
}

TEST_F(TlsTest, OldVersionsAndOtherProtocolsAreRefused) {
  start();
  EXPECT_THROW(TlsClient(port(), {.highest_version = TLS1_1_VERSION}), std::runtime_error);
  EXPECT_EQ(TlsClient(port(), {.protocol = "h2"}).protocol(), "");
  EXPECT_THAT(get("/livez"), ::testing::Not(HasSubstr("200")));
  EXPECT_TRUE(log_tells("refused: TLS: "));
  EXPECT_THAT(get_of(admin_port(), "/metrics"),
              HasSubstr("asr_connections_rejected_total{reason=\"tls\"} 2\n"));
}

TEST_F(TlsTest, AHandshakeThatDoesNotComeIsNotWaitedFor) {
  start({.handshake_timeout = std::chrono::milliseconds(100)});
  RawClient silent(port());
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_TRUE(log_tells("TLS: it takes too long"));
}

TEST_F(TlsTest, AServerThatEndsWaitsForNoHandshake) {
  start({.handshake_timeout = std::chrono::minutes(5)});  // longer than the test may take
  RawClient silent(port());
  while (get_of(admin_port(), "/metrics").find("asr_ready 1") == std::string::npos) {
  }
  stop();
  EXPECT_EQ(silent.read_to_end(), "");
}

TEST_F(TlsTest, HandshakesCountAsRequests) {
  start({.requests_per_s = 0.1});
  const TlsClient first(port());
  EXPECT_THROW(TlsClient{port()}, std::runtime_error);
}

TEST_F(TlsTest, ANewCertificateIsShownToNewClientsAndOldSessionsGoOn) {
  start();
  TlsClient old(port());
  old.send(kGetLive);
  old.read_until("ok\n");
  write_certificate(files_.certificate, files_.key, "second");
  server().reload_credentials();
  std::string shown;
  while (shown != "second") shown = TlsClient(port()).certificate_name();
  old.send(kGetLive);
  EXPECT_THAT(old.read_until("ok\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
  // A key of another certificate changes nothing.
  write_certificate(directory_.path() / "other.pem", files_.key, "third");
  EXPECT_THROW(server().reload_credentials(), std::runtime_error);
  EXPECT_EQ(TlsClient(port()).certificate_name(), "second");
}

TEST_F(TlsTest, FilesThatCannotBeUsedAreNamed) {
  const auto error_of = [](const TlsFiles& files) {
    try {
      load_tls_context(files);
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(error_of({.certificate = "/no/such.pem", .key = files_.key}),
              StartsWith("/no/such.pem: no certificate in PEM: "));
  EXPECT_THAT(error_of({.certificate = files_.certificate, .key = "/no/such.pem"}),
              StartsWith("/no/such.pem: no private key in PEM for this certificate: "));
  const auto other_key = directory_.path() / "other-key.pem";
  write_certificate(directory_.path() / "other.pem", other_key, "other");
  EXPECT_THAT(error_of({.certificate = files_.certificate, .key = other_key}),
              StartsWith(other_key.string() + ": no private key"));
  std::ofstream(other_key) << "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  EXPECT_THAT(error_of({.certificate = files_.certificate, .key = other_key}),
              StartsWith(other_key.string() + ": no private key"));
}

}  // namespace
}  // namespace harpy::testing

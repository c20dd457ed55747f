#include "tests/service/server/server_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class TcpTransportTest : public ServerTest {
 protected:
  TcpTransportTest() : samples_(example_audio(kRateHz, 3.0)) {}

  void start_kaldi(const ServerLimits& limits = {}) {
    options().listeners.push_back({.where = {},
                                   .protocols = {&find_protocol("kaldi")},
                                   .sample_rate_hz = static_cast<double>(kRateHz)});
    start(limits);
  }
  std::uint16_t kaldi_port() { return server().port(1); }
  std::string audio() const {
    const auto bytes = std::as_bytes(std::span(samples_));
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  /// The last line of an output that ends with one.
  static std::string last_line(const std::string& output) {
    const std::size_t before = output.find_last_of("\r\n", output.size() - 2);
    return output.substr(before == std::string::npos ? 0 : before + 1);
  }
  std::string expected() const { return recognized_text(samples_, kRateHz) + " \n"; }
  void expect_nobody_left() {
    server().drain();
    EXPECT_TRUE(ends());
    EXPECT_THAT(stop(), HasSubstr("stopped: drained"));
  }

  const std::vector<std::int16_t> samples_;
};

TEST_F(TcpTransportTest, ASilentClientGetsItsResultAndIsClosed) {
  ServerLimits limits;
  limits.idle_timeout = std::chrono::milliseconds(300);
  start_kaldi(limits);
  RawClient client(kaldi_port());
  client.send(audio());
  EXPECT_EQ(last_line(client.read_to_end()), expected());
  RawClient silent(kaldi_port());
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_TRUE(log_tells("nothing received for too long"));
}

TEST_F(TcpTransportTest, ADrainGivesTheResultOfWhatWasSent) {
  ServerLimits limits;
  limits.drain_timeout = std::chrono::milliseconds(100);
  start_kaldi(limits);
  RawClient client(kaldi_port());
  client.send(audio());
  ASSERT_THAT(client.read_until("\r"), EndsWith("\r"));
  server().drain();
  EXPECT_EQ(last_line(client.read_to_end()), expected());
  EXPECT_TRUE(ends());
}

TEST_F(TcpTransportTest, WhileItDrainsNobodyIsServed) {
  start_kaldi();
  RawClient running(kaldi_port());
  running.send(audio());
  ASSERT_THAT(running.read_until("\r"), EndsWith("\r"));
  server().drain();
  ASSERT_TRUE(log_tells("draining"));
  EXPECT_EQ(RawClient(kaldi_port()).read_to_end(), "");
  running.shut_down();
  EXPECT_EQ(last_line(running.read_to_end()), expected());
  EXPECT_TRUE(ends());
}

TEST_F(TcpTransportTest, ClientsThatVanishLeaveNothingBehind) {
  start_kaldi();
  for (int round = 0; round < 20; ++round) {
    RawClient client(kaldi_port());
    if (round % 3 > 0) client.send(audio());
    if (round % 3 > 1) client.shut_down();
  }
  expect_nobody_left();
}

TEST_F(TcpTransportTest, AudioFasterThanItsRecognitionWaitsInTheConnection) {
  RecognizerOptions recognizer{
      .device = {}, .worker_count = 1, .max_pending_s = 0.5, .turn_s = 0.5};
  options().listeners.push_back({.where = {},
                                 .protocols = {&find_protocol("kaldi")},
                                 .sample_rate_hz = static_cast<double>(kRateHz)});
  start({}, recognizer);
  RawClient client(kaldi_port());
  client.send(audio());
  client.shut_down();
  EXPECT_EQ(last_line(client.read_to_end()), expected());
}

TEST_F(TcpTransportTest, AClientThatReadsNothingIsCutOff) {
  options().listeners.push_back({.where = {}, .protocols = {&find_protocol("wyoming")}});
  ServerLimits limits;
  limits.idle_timeout = std::chrono::milliseconds(300);
  limits.text_burst = 1e6;
  start(limits);
  RawClient client(server().port(1));
  const std::string ping =
      "{\"type\": \"ping\", \"data\": {\"text\": \"" + std::string(60'000, 'x') + "\"}}\n";
  std::string pings;
  for (int i = 0; i < 20; ++i) pings += ping;
  for (int round = 0; round < 100; ++round) client.send(pings);  // until it is cut off
  EXPECT_TRUE(log_tells("the client does not read"));
}

TEST_F(TcpTransportTest, ConnectionsBeyondTheListenersLimitAreClosed) {
  options().listeners.push_back(
      {.where = {}, .protocols = {&find_protocol("wyoming")}, .max_connections = 1});
  start();
  RawClient first(server().port(1));
  first.send("{\"type\": \"ping\"}\n");
  first.read_until("\n");
  EXPECT_THAT(RawClient(server().port(1)).read_to_end(), HasSubstr("too many connections"));
}

}  // namespace
}  // namespace harpy::testing

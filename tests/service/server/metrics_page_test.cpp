#include "service/server/metrics_page.hpp"

#include <cstdlib>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/server/server_fixture.hpp"

namespace harpy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class MetricsPageTest : public ServerTest {
 protected:
  std::string metrics() const {
    const std::string page = get_of(admin_port(), "/metrics");
    return page.substr(page.find("\r\n\r\n") + 4);
  }
  /// The page once it has a line, or after ten seconds.
  std::string metrics_with(const std::string& line) const {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    std::string page = metrics();
    while (page.find(line + "\n") == std::string::npos &&
           std::chrono::steady_clock::now() < give_up) {
      page = metrics();
    }
    return page;
  }
};

TEST_F(MetricsPageTest, SessionsAreCountedByProtocolAndHowTheyEnd) {
  start({.max_sessions = 2});
  {
    TestClient lost(port());
    TestClient completed(port());
    EXPECT_THAT(request(kUpgradeRequest), ::testing::StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(metrics(), HasSubstr("\nasr_sessions_active{protocol=\"vosk\"} 2\n"));
    EXPECT_THAT(metrics(), HasSubstr("\nasr_load_ratio 1\n"));
    completed.send_text(R"({"eof" : 1})");
    EXPECT_EQ(completed.wait_for_close(), 1000);
    lost.vanish();
  }
  const std::string lost = R"(asr_sessions_total{protocol="vosk",outcome="client_lost"} 1)";
  EXPECT_THAT(metrics_with(lost), HasSubstr("\n" + lost + "\n"));
  const std::string done = R"(asr_sessions_total{protocol="vosk",outcome="completed"} 1)";
  EXPECT_THAT(metrics_with(done), HasSubstr("\n" + done + "\n"));
  EXPECT_THAT(metrics(), HasSubstr("\nasr_sessions_active{protocol=\"vosk\"} 0\n"));
  EXPECT_THAT(metrics(), HasSubstr("\nasr_sessions_rejected_total{reason=\"capacity\"} 1\n"));
}

TEST_F(MetricsPageTest, RequestsAreCountedByRouteHoweverTheyAreCalled) {
  start();
  get("/livez?x=1");
  get("/made/up/by/a/client");
  request("BREW /livez HTTP/1.1\r\nConnection: close\r\n\r\n");
  request("garbage\r\n\r\n");
  get("/v1/models/some");
  const auto counted = [](const std::string& method, const std::string& route, int code) {
    return "http_server_request_duration_seconds_count{method=\"" + method + "\",route=\"" + route +
           "\",code=\"" + std::to_string(code) + "\"} 1\n";
  };
  const std::string page = metrics();
  EXPECT_THAT(page, HasSubstr(counted("GET", "/livez", 200)));
  EXPECT_THAT(page, HasSubstr(counted("GET", "other", 404)));
  EXPECT_THAT(page, HasSubstr(counted("other", "/livez", 405)));
  EXPECT_THAT(page, HasSubstr(counted("other", "other", 400)));
  EXPECT_THAT(page, HasSubstr(counted("GET", "/v1/models/", 404)));
  EXPECT_THAT(page, Not(HasSubstr("made")));
}

TEST_F(MetricsPageTest, LatenciesAndBytesOfASessionAreCounted) {
  start();
  const auto samples = example_audio(kRateHz, 0.9);  // not ahead of real time
  TestClient client(port());
  client.send_audio(samples);
  client.receive();
  client.send_text(R"({"eof" : 1})");
  client.receive();
  const std::string page = metrics_with("asr_final_latency_seconds_count 1");
  EXPECT_THAT(page, HasSubstr("\nasr_final_latency_seconds_count 1\n"));
  // Half a second a turn.
  EXPECT_THAT(page, HasSubstr("\nasr_queue_wait_seconds_count 2\n"));
  // 0.9 s are eight blocks, of which the end of the session settles the last one.
  EXPECT_THAT(page, HasSubstr("\nasr_active_tokens_count 8\n"));
  EXPECT_THAT(page, HasSubstr("\nasr_beam_reduced_total 0\n"));
  EXPECT_THAT(page, HasSubstr("\nasr_decode_seconds_total{stage=\"search\"} "));
  EXPECT_THAT(page, Not(HasSubstr("gpu_memory")));
  EXPECT_THAT(page, HasSubstr("\nasr_audio_received_bytes_total " +
                              std::to_string(2 * samples.size() + 11) + "\n"));
}

TEST_F(MetricsPageTest, PrometheusFindsNothingToSay) {
  if (std::system("command -v promtool >/dev/null") != 0) {
    GTEST_SKIP() << "needs promtool (Debian's prometheus)";
  }
  start();
  TestClient client(port());
  client.send_audio(example_audio(kRateHz, 0.9));
  client.receive();
  client.send_text(R"({"eof" : 1})");
  client.wait_for_close();
  const TemporaryDirectory directory;
  const std::string file = (directory.path() / "metrics").string();
  std::ofstream(file) << metrics_with("asr_final_latency_seconds_count 1");
  EXPECT_EQ(std::system(("promtool check metrics <'" + file + "' >&2").c_str()), 0);
}

}  // namespace
}  // namespace harpy::testing

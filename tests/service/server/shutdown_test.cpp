// How a server ends while recognition is behind: every session that it has accepted gets its result
// or is told that there is none, and a close code.
#include "tests/service/server/server_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace harpy::testing {
namespace {

using ::testing::HasSubstr;

class ShutdownTest : public ServerTest {
 protected:
  ShutdownTest() : samples_(example_audio(kRateHz, 2.0)) {}

  /// A server with one worker, which is kept busy, and clients whose audio waits for it.
  void start_overloaded(const ServerLimits& limits, int client_count) {
    start(limits, {.device = {}, .worker_count = 1, .turn_s = 0.5});
    busy_.emplace(recognizer());
    for (int index = 0; index < client_count; ++index) {
      clients_.push_back(std::make_unique<TestClient>(port()));
      clients_.back()->send_audio(samples_);
      clients_.back()->send_text(R"({"config" : {"model" : "x"}})");  // which the log will tell
    }
    for (int index = 1; index <= client_count; ++index) {
      EXPECT_TRUE(log_tells("session " + std::to_string(index) + ": config key model"));
    }
  }

  void expect_errors_and_1012() {
    for (const auto& client : clients_) {
      EXPECT_THAT(client->receive(), HasSubstr("\"error\": \"the server stops before"));
      EXPECT_EQ(client->wait_for_close(), 1012);
    }
    busy_->let_go();
    EXPECT_TRUE(ends());
  }

  const std::vector<std::int16_t> samples_;
  std::optional<BusyWorker> busy_;
  std::vector<std::unique_ptr<TestClient>> clients_;
};

TEST_F(ShutdownTest, ADrainWaitsForAllThatWasSentToBeRecognised) {
  start_overloaded({.drain_timeout = std::chrono::milliseconds(50)}, 50);
  server().drain();
  EXPECT_TRUE(log_tells("drain timeout: 50 sessions are finished now"));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  busy_->let_go();
  const std::string expected = recognized_text(samples_, kRateHz);
  for (const auto& client : clients_) {
    std::string text;
    add_final(client->receive(), text);  // to the frame
    add_final(client->receive(), text);
    EXPECT_EQ(text, expected);
    EXPECT_EQ(client->wait_for_close(), 1001);
  }
  EXPECT_TRUE(ends());
}

TEST_F(ShutdownTest, WhenRecognitionTakesTooLongEverySessionIsToldSo) {
  start_overloaded({.drain_timeout = std::chrono::milliseconds(50),
                    .finish_timeout = std::chrono::milliseconds(100)},
                   50);
  server().drain();
  expect_errors_and_1012();
  EXPECT_THAT(stop(), HasSubstr("recognition takes too long: 50 sessions get no further results"));
}

TEST_F(ShutdownTest, ASecondSignalEndsSessionsWithAnErrorAndACode) {
  start_overloaded({}, 20);
  server().follow_signals();
  std::raise(SIGTERM);
  EXPECT_TRUE(log_tells("draining: 20 sessions are running"));
  std::raise(SIGINT);
  expect_errors_and_1012();
}

TEST_F(ShutdownTest, AThirdSignalWaitsForNobody) {
  start_overloaded({.stop_timeout = std::chrono::hours(1)}, 1);
  const TestClient deaf(port());
  server().follow_signals();
  for (const char* expected : {"draining", "stopping", "stopped: third signal"}) {
    std::raise(SIGTERM);
    EXPECT_TRUE(log_tells(expected));
  }
  busy_->let_go();
  EXPECT_TRUE(ends());
}

TEST_F(ShutdownTest, AClientThatWaitsForItsEofWhileTheServerStopsIsToldToo) {
  start_overloaded({}, 3);
  for (const auto& client : clients_) client->send_text(R"({"eof" : 1})");
  server().stop();
  expect_errors_and_1012();
}

TEST_F(ShutdownTest, ASessionThatBeginsWhileTheServerStopsGetsACodeToo) {
  start();
  RawClient client(port());
  client.send(kUpgradeRequest);
  server().stop();
  const std::string received = client.read_to_end();
  if (received.starts_with("HTTP/1.1 101 ")) {
    EXPECT_THAT(received, HasSubstr("the server stops"));
  } else {
    EXPECT_TRUE(received.empty() || received.starts_with("HTTP/1.1 503 ")) << received;
  }
}

TEST_F(ShutdownTest, SighupReloadsAndNothingElseHappens) {
  std::promise<void> reloaded;
  options().on_reload = [&] { reloaded.set_value(); };
  start();
  server().follow_signals();
  TestClient client(port());
  std::raise(SIGHUP);
  EXPECT_EQ(reloaded.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_EQ(stream_in_lockstep(client, samples_, 1600), recognized_text(samples_, kRateHz));
}

TEST_F(ShutdownTest, AnExceptionInAHandlerEndsNothing) {
  options().on_reload = [] { throw std::runtime_error("no reload today"); };
  start();
  server().follow_signals();
  TestClient client(port());
  for (int round = 0; round < 3; ++round) {
    std::raise(SIGHUP);
    EXPECT_TRUE(log_tells("no reload today"));
  }
  EXPECT_EQ(stream_in_lockstep(client, samples_, 1600), recognized_text(samples_, kRateHz));
  std::raise(SIGTERM);
  EXPECT_TRUE(ends());
}

TEST_F(ShutdownTest, SessionsKeepTheirRecognizerWhenAnotherTakesOver) {
  start();
  TestClient old(port());
  old.send_audio(samples_);
  old.receive();
  auto next = std::make_shared<Recognizer>(model(), RecognizerOptions{});
  const std::weak_ptr<Recognizer> watched = next;
  server().replace(std::move(next));
  TestClient fresh(port());
  const std::string expected = recognized_text(samples_, kRateHz);
  EXPECT_EQ(stream_in_lockstep(fresh, samples_, 1600), expected);
  EXPECT_FALSE(watched.expired());
  EXPECT_GT(watched.lock()->load().audio_s, 1.9);
  std::string text;
  old.send_text(R"({"eof" : 1})");
  add_final(old.receive(), text);
  EXPECT_EQ(text, expected);
}

}  // namespace
}  // namespace harpy::testing

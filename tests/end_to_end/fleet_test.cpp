// Two servers behind HAProxy with the example of its configuration: one drains, one is killed.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "tests/end_to_end/serve_fixture.hpp"
#include "tests/service/server/test_client.hpp"
#include "tests/support/is_installed.hpp"
#include "tests/support/running_program.hpp"
#include "tests/support/serve_program.hpp"

namespace harpy {
namespace {

using harpy::testing::run_program;
using harpy::testing::RunningProgram;
using harpy::testing::ServeProgram;
using harpy::testing::source_dir;
using harpy::testing::TestClient;

constexpr std::size_t kFrameSamples = 1600;
/// What a client tells of a connection that was closed without a close frame.
constexpr int kAbnormalClosure = 1006;

/// What a client has got in the end.
struct Outcome {
  std::string text;    ///< of all finals
  int close_code = 0;  ///< 0: it does not know that nothing more comes
};

/// Streams faster than speech, and says that it is at its end once it may.
Outcome speak(TestClient& client, const std::vector<std::int16_t>& samples,
              const std::shared_future<void>& may_end) {
  Outcome outcome;
  const auto take_reply = [&] {
    const boost::json::value reply = boost::json::parse(client.receive());
    const boost::json::value* const text = reply.as_object().if_contains("text");
    if (text == nullptr || text->as_string().empty()) return;
    outcome.text += (outcome.text.empty() ? "" : " ") + std::string(text->as_string());
  };
  try {
    client.send_text(R"({"config" : {"sample_rate" : 16000}})");
    for (std::size_t begin = 0; begin < samples.size(); begin += kFrameSamples) {
      client.send_audio(std::span(samples).subspan(begin, kFrameSamples));
      take_reply();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    may_end.wait_for(std::chrono::seconds(20));
    client.send_text(R"({"eof" : 1})");
    take_reply();
  } catch (const std::runtime_error& error) {
    if (std::string(error.what()).find("waited too long") != std::string::npos) return outcome;
  }
  outcome.close_code = client.wait_for_close();
  return outcome;
}

/// A listening socket on a free port, for a program that inherits it.
class ListeningSocket {
 public:
  ListeningSocket() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_, 64), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;
  ~ListeningSocket() { ::close(socket_); }

  int descriptor() const { return socket_; }
  std::uint16_t port() const { return port_; }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

/// A server of the fleet, which may be started again at the same ports.
class FleetServer {
 public:
  FleetServer(std::filesystem::path model, std::filesystem::path log)
      : model_(std::move(model)), log_(std::move(log)) {
    start(0, 0);
    port_ = program_->port_of("vosk");
    agent_port_ = program_->agent_port();
  }

  void start_again() { start(port_, agent_port_); }
  ServeProgram& program() { return *program_; }
  std::uint16_t port() const { return port_; }
  std::uint16_t agent_port() const { return agent_port_; }
  /// Sessions that it has taken since its start, as its log tells.
  std::size_t session_count() const {
    const std::string log = program_->log();
    const std::string line = ": opened by ";
    std::size_t count = 0;
    for (std::size_t at = log.find(line); at != std::string::npos; at = log.find(line, at + 1)) {
      ++count;
    }
    return count;
  }

 private:
  void start(std::uint16_t port, std::uint16_t agent_port) {
    program_ = std::make_unique<ServeProgram>(
        model_, log_,
        std::vector<std::string>{
            "--listen", "127.0.0.1:" + std::to_string(port) + ",protocols=vosk", "--agent-port",
            std::to_string(agent_port), "--max-sessions", "4", "--trust-proxy", "127.0.0.1"});
  }

  const std::filesystem::path model_;
  const std::filesystem::path log_;
  std::unique_ptr<ServeProgram> program_;
  std::uint16_t port_ = 0;
  std::uint16_t agent_port_ = 0;
};

class Fleet : public harpy::testing::ServeFixture {
 protected:
  void SetUp() override {
    if (!harpy::testing::is_installed("haproxy")) GTEST_SKIP() << "needs haproxy";
    one_ = std::make_unique<FleetServer>(model(), file("one.log"));
    two_ = std::make_unique<FleetServer>(model(), file("two.log"));
    std::ofstream(file("haproxy.cfg")) << configuration();
    proxy_ = std::make_unique<RunningProgram>(
        "haproxy", std::vector<std::string>{"-db", "-f", file("haproxy.cfg").string()},
        file("haproxy.log"));
    // All slots are known before the first client comes.
    ASSERT_TRUE(proxy_tells("one", "slim", "4"));
    ASSERT_TRUE(proxy_tells("two", "slim", "4"));
    expected_ = transcript();
    ASSERT_FALSE(expected_.empty());
  }

  /// The example with this test's ports.
  std::string configuration() const {
    std::ifstream stream(source_dir() / "tools/operations/haproxy.cfg");
    std::string text(std::istreambuf_iterator<char>(stream), {});
    const auto replace = [&text](const std::string& from, const std::string& to) {
      const std::size_t at = text.find(from);
      ASSERT_NE(at, std::string::npos) << from;
      text.replace(at, from.size(), to);
    };
    replace("/run/haproxy/admin.sock", file("admin.sock").string());
    replace("bind :8080", "bind fd@" + std::to_string(socket_.descriptor()));
    replace("bind :10300", "bind unix@" + file("wyoming.sock").string());
    replace("127.0.0.1:2700 agent-port 3800", "127.0.0.1:" + std::to_string(one_->port()) +
                                                  " agent-port " +
                                                  std::to_string(one_->agent_port()));
    replace("127.0.0.1:2701 agent-port 3801", "127.0.0.1:" + std::to_string(two_->port()) +
                                                  " agent-port " +
                                                  std::to_string(two_->agent_port()));
    return text;
  }

  /// Waits until a column of HAProxy's statistics about a server has a value, at most ten seconds;
  /// whether it has.
  bool proxy_tells(const std::string& server, const std::string& column,
                   const std::string& value) const {
    for (int round = 0; round < 200; ++round) {
      if (statistic(server, column) == value) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ADD_FAILURE() << column << " of " << server << ": " << statistic(server, column);
    return false;
  }

  std::string statistic(const std::string& server, const std::string& column) const {
    const auto printed = run_program(
        "/bin/sh", {"-c", "echo show stat | nc -N -U '" + file("admin.sock").string() + "'"});
    std::istringstream lines(printed.output);
    const auto fields = [](const std::string& line) {
      std::vector<std::string> values;
      std::istringstream stream(line);
      for (std::string value; std::getline(stream, value, ',');) values.push_back(value);
      return values;
    };
    std::string line;
    std::getline(lines, line);
    const std::vector<std::string> names = fields(line);
    const auto name = std::find(names.begin(), names.end(), column);
    while (std::getline(lines, line)) {
      if (!line.starts_with("harpy," + server + ",")) continue;
      return fields(line).at(static_cast<std::size_t>(name - names.begin()));
    }
    return "";
  }

  struct Speaker {
    FleetServer* server;  ///< that has the session
    std::unique_ptr<TestClient> client;
    std::future<Outcome> outcome;
  };

  /// Lets a client connect to the proxy and begin to speak.
  Speaker begin_speaking() {
    const std::size_t before = one_->session_count();
    const std::size_t all = before + two_->session_count();
    Speaker speaker{
        .server = nullptr, .client = std::make_unique<TestClient>(socket_.port()), .outcome = {}};
    for (int round = 0; round < 1000 && one_->session_count() + two_->session_count() == all;
         ++round) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    speaker.server = one_->session_count() > before ? one_.get() : two_.get();
    speaker.outcome = std::async(std::launch::async, speak, std::ref(*speaker.client),
                                 std::cref(samples_), may_end_);
    return speaker;
  }

  /// Four clients, two on each server.
  std::vector<Speaker> begin_load() {
    std::vector<Speaker> speakers;
    for (int index = 0; index < 4; ++index) speakers.push_back(begin_speaking());
    for (const FleetServer* server : {one_.get(), two_.get()}) {
      EXPECT_EQ(std::count_if(speakers.begin(), speakers.end(),
                              [&](const Speaker& item) { return item.server == server; }),
                2);
    }
    return speakers;
  }

  void expect_whole(Speaker& speaker) {
    const Outcome outcome = speaker.outcome.get();
    EXPECT_EQ(outcome.text, expected_);
    EXPECT_EQ(outcome.close_code, 1000);
  }
  /// Expects that all is lost of the sessions of one server, that their clients know it, and that
  /// the others lose nothing.
  void expect_lost(std::vector<Speaker>& speakers, const FleetServer& server) {
    for (Speaker& speaker : speakers) {
      if (speaker.server != &server) {
        expect_whole(speaker);
        continue;
      }
      const Outcome outcome = speaker.outcome.get();
      EXPECT_EQ(outcome.close_code, kAbnormalClosure);
      EXPECT_NE(outcome.text, expected_);
    }
  }

  const ListeningSocket socket_;
  std::promise<void> end_;  ///< of what clients say
  const std::shared_future<void> may_end_ = end_.get_future().share();
  std::unique_ptr<FleetServer> one_;
  std::unique_ptr<FleetServer> two_;
  std::unique_ptr<RunningProgram> proxy_;
  std::string expected_;
};

TEST_F(Fleet, ADrainLosesNoFinalAndNewClientsGoElsewhere) {
  std::vector<Speaker> speakers = begin_load();
  TestClient waiting(socket_.port());  // keeps a server from ending before HAProxy knows
  ASSERT_TRUE(proxy_tells("one", "weight", one_->session_count() == 3 ? "25" : "50"));
  FleetServer& drained = one_->session_count() == 3 ? *one_ : *two_;
  const std::string name = &drained == one_.get() ? "one" : "two";
  drained.program().signal(SIGTERM);
  ASSERT_TRUE(drained.program().log_tells("draining"));
  speakers.push_back(begin_speaking());  // HAProxy need not know yet
  ASSERT_TRUE(proxy_tells(name, "status", "DRAIN (agent)"));
  speakers.push_back(begin_speaking());
  for (std::size_t index = 4; index < speakers.size(); ++index) {
    EXPECT_NE(speakers[index].server, &drained);
  }
  end_.set_value();
  for (Speaker& speaker : speakers) expect_whole(speaker);
  waiting.close();
  EXPECT_EQ(drained.program().wait(), 0);

  drained.start_again();
  ASSERT_TRUE(proxy_tells(name, "status", "UP"));
  std::vector<Speaker> later;
  for (int index = 0; index < 2; ++index) later.push_back(begin_speaking());
  EXPECT_EQ(drained.session_count(), 1U);
  for (Speaker& speaker : later) expect_whole(speaker);
}

TEST_F(Fleet, AKillLosesTheSessionsOfThatServerAloneAndTellsThem) {
  std::vector<Speaker> speakers = begin_load();
  two_->program().signal(SIGKILL);
  two_->program().wait();
  speakers.push_back(begin_speaking());
  EXPECT_EQ(speakers.back().server, one_.get());
  end_.set_value();
  expect_lost(speakers, *two_);
}

TEST_F(Fleet, AServerThatSaysNothingAnyMoreCountsAsKilled) {
  std::vector<Speaker> speakers = begin_load();
  two_->program().signal(SIGSTOP);  // as a machine that has lost its network
  ASSERT_TRUE(proxy_tells("two", "status", "DOWN"));
  speakers.push_back(begin_speaking());
  EXPECT_EQ(speakers.back().server, one_.get());
  end_.set_value();
  expect_lost(speakers, *two_);
  two_->program().signal(SIGKILL);
  two_->program().wait();
}

TEST_F(Fleet, WhoFindsNoSlotWaitsForOneAndThenGetsIt) {
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int index = 0; index < 8; ++index) {
    clients.push_back(std::make_unique<TestClient>(socket_.port()));
  }
  EXPECT_THROW(TestClient{socket_.port()}, std::runtime_error);  // after the time for the queue
  std::future<void> late = std::async(std::launch::async, [this] { TestClient{socket_.port()}; });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  clients.front()->close();
  EXPECT_NO_THROW(late.get());
}

}  // namespace
}  // namespace harpy

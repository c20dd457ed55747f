// harpy serve as a program: it says where it listens, gives the words of harpy transcribe, ends
// with code 0 after SIGTERM, and speaks with a client of another make.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "tests/end_to_end/serve_fixture.hpp"
#include "tests/service/server/test_client.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/serve_program.hpp"
#include "tests/support/shared.hpp"

namespace harpy {
namespace {

using harpy::testing::RawClient;
using harpy::testing::run_harpy;
using harpy::testing::ServeProgram;
using harpy::testing::TestClient;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Serve = harpy::testing::ServeFixture;

/// The text of all finals of a client that sends the samples in lockstep.
std::string streamed(TestClient& client, std::span<const std::int16_t> samples) {
  client.send_text(R"({"config" : {"sample_rate" : 16000}})");
  std::string text;
  const auto add = [&text](const std::string& reply) {
    const boost::json::value value = boost::json::parse(reply);
    if (const boost::json::value* words = value.as_object().if_contains("text")) {
      if (!text.empty() && !words->as_string().empty()) text += ' ';
      text += words->as_string();
    }
  };
  for (std::size_t begin = 0; begin < samples.size(); begin += 3200) {
    client.send_audio(samples.subspan(begin, 3200));
    add(client.receive());
  }
  client.send_text(R"({"eof" : 1})");
  add(client.receive());
  EXPECT_EQ(client.wait_for_close(), 1000);
  return text;
}

TEST_F(Serve, GivesTheWordsOfTranscribeAndEndsAfterSigterm) {
  ServeProgram program(model(), file("log"));
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0) << program.log();
  TestClient client(port);
  const std::string text = streamed(client, samples_);
  EXPECT_FALSE(text.empty());
  EXPECT_EQ(text, transcript());
  EXPECT_EQ(program.terminate(), 0);
  EXPECT_THAT(program.log(), HasSubstr("stopped: drained"));
}

TEST_F(Serve, SpeaksWithTheNodeClientInEveryPace) {
  if (!has_npm_packages("ws@8")) GTEST_SKIP() << "needs npm and its package ws";
  ServeProgram program(model(), file("log"));
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0) << program.log();
  const std::string expected = transcript();
  for (const std::string pace : {"lockstep", "flood"}) {
    const std::string recording = " '" + file("recording.s16").string() + "'";
    ASSERT_TRUE(runs_node("vosk_client.mjs", "ws://127.0.0.1:" + std::to_string(port) +
                                                 " 16000 100 " + pace + recording + recording))
        << pace;
    std::ifstream replies(file("replies"));
    int client_count = 0;
    for (std::string line; std::getline(replies, line); ++client_count) {
      const boost::json::value result = boost::json::parse(line);
      EXPECT_EQ(result.at("frames").to_number<int>(), 30);
      EXPECT_EQ(result.at("replies").to_number<int>(), 31);
      EXPECT_EQ(result.at("code").to_number<int>(), 1000);
      EXPECT_EQ(result.at("text").as_string(), expected);
    }
    EXPECT_EQ(client_count, 2);
  }
  EXPECT_EQ(program.terminate(), 0);
}

TEST_F(Serve, NothingThatHappensToTheFilesOfItsModelHurtsIt) {
  const std::string expected = transcript();
  ServeProgram program(model(), file("log"));
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0) << program.log();
  TestClient client(port);
  for (const char* name : {"graph.harpy", "acoustic.safetensors", "model.json"}) {
    ASSERT_TRUE(std::filesystem::exists(model() / name)) << name;
    std::filesystem::resize_file(model() / name, 0);
    std::ofstream(model() / name) << std::string(1'000'000, '\xff');
  }
  EXPECT_EQ(streamed(client, samples_), expected);
  program.signal(SIGHUP);
  EXPECT_TRUE(program.log_tells("the models cannot be reloaded, the old ones stay"));
  TestClient later(port);
  EXPECT_EQ(streamed(later, samples_), expected);
  EXPECT_EQ(program.terminate(), 0);
}

TEST_F(Serve, SighupReloadsTheModelAndRunningSessionsGoOn) {
  const std::string expected = transcript();
  ServeProgram program(model(), file("log"));
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0) << program.log();
  TestClient client(port);
  program.signal(SIGHUP);
  EXPECT_TRUE(program.log_tells("the models are reloaded"));
  TestClient later(port);
  EXPECT_EQ(streamed(client, samples_), expected);
  EXPECT_EQ(streamed(later, samples_), expected);
  EXPECT_EQ(program.terminate(), 0);
}

TEST_F(Serve, ReloadsUnderLoadLoseNoSessionAndMixNoModels) {
  constexpr int kReloads = 4;
  const std::string of_first = transcript();
  std::filesystem::create_directory(file("tones"));
  testing::write_tone_model(file("tones"));
  const auto other =
      run_harpy({"transcribe", "--model", file("tones").string(), file("recording.wav").string()});
  const std::string of_second = other.output.substr(0, other.output.find('\n'));
  ASSERT_NE(of_first, of_second);
  std::filesystem::create_directory_symlink(model(), file("current"));
  ServeProgram program(file("current"), file("log"));
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0) << program.log();

  std::mutex mutex;
  std::map<std::string, int> counts;  // of texts, or of what went wrong
  const auto stream_on = [&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::string text;
      try {
        TestClient client(port);
        text = streamed(client, samples_);
      } catch (const std::exception& error) {
        text = error.what();
      }
      const std::lock_guard lock(mutex);
      ++counts[text];
    }
  };
  std::vector<std::jthread> clients;
  for (int index = 0; index < 8; ++index) clients.emplace_back(stream_on);
  const auto reload_count = [&] {
    const std::string log = program.log();
    int count = 0;
    for (std::size_t at = 0; (at = log.find("the models are reloaded", at)) != std::string::npos;
         ++at) {
      ++count;
    }
    return count;
  };
  for (int round = 0; round < kReloads; ++round) {
    std::filesystem::create_directory_symlink(round % 2 == 0 ? file("tones") : model(),
                                              file("next"));
    std::filesystem::rename(file("next"), file("current"));
    program.signal(SIGHUP);
    for (int wait = 0; wait < 2000 && reload_count() <= round; ++wait) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(reload_count(), round + 1) << program.log();
    TestClient later(port);
    EXPECT_EQ(streamed(later, samples_), round % 2 == 0 ? of_second : of_first);
  }
  clients.clear();
  EXPECT_FALSE(counts.empty());
  counts.erase(of_first);
  counts.erase(of_second);
  EXPECT_THAT(counts, IsEmpty());
  EXPECT_EQ(program.terminate(), 0);
}

TEST_F(Serve, AFullDiskUnderItsLogHoldsUpNobody) {
  const std::string expected = transcript();
  ServeProgram program(model(), file("log"));
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0) << program.log();
  ASSERT_TRUE(program.log_tells("health, status"));
  const auto limit_files = [&](rlim_t most) {
    const rlimit limit{.rlim_cur = most, .rlim_max = RLIM_INFINITY};
    return ::prlimit(program.process(), RLIMIT_FSIZE, &limit, nullptr);
  };
  ASSERT_EQ(limit_files(std::filesystem::file_size(file("log")) + 10), 0);
  for (int index = 0; index < 3; ++index) {
    TestClient client(port);
    EXPECT_EQ(streamed(client, samples_), expected);
  }
  ASSERT_EQ(limit_files(RLIM_INFINITY), 0);
  TestClient client(port);
  EXPECT_EQ(streamed(client, samples_), expected);
  EXPECT_TRUE(program.log_tells(" log lines were dropped: nobody took them"));
  EXPECT_EQ(program.terminate(), 0);
}

TEST_F(Serve, WithoutFreeDescriptorsRunningSessionsGoOnAndNewOnesWait) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "needs a build without sanitizers: they open a pipe to see whether an address is "
                  "an object's, and say that it is none where there is no descriptor left";
#endif
  const std::string expected = transcript();
  ServeProgram program(model(), file("log"));
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0) << program.log();
  TestClient running(port);
  ASSERT_TRUE(program.log_tells("session 1: opened"));
  const std::filesystem::directory_iterator open("/proc/" + std::to_string(program.process()) +
                                                 "/fd");
  const auto most = static_cast<rlim_t>(std::distance(begin(open), end(open)) + 4);
  const rlimit limit{.rlim_cur = most, .rlim_max = most};
  ASSERT_EQ(::prlimit(program.process(), RLIMIT_NOFILE, &limit, nullptr), 0);
  {
    std::vector<std::unique_ptr<RawClient>> idle;
    for (int index = 0; index < 10; ++index) idle.push_back(std::make_unique<RawClient>(port));
    EXPECT_TRUE(program.log_tells("cannot accept a connection: Too many open files"));
    EXPECT_EQ(streamed(running, samples_), expected);
  }
  TestClient later(port);
  EXPECT_EQ(streamed(later, samples_), expected);
  EXPECT_EQ(program.terminate(), 0);
}

TEST_F(Serve, ALogThatNobodyReadsHoldsUpNobody) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ::fcntl(ends[1], F_SETPIPE_SZ, 4096);
  ServeProgram program(model(), file("log"), ends[1], {});
  std::ofstream log(file("log"));
  std::array<char, 512> block{};
  for (std::string text; text.find("health, status") == std::string::npos;) {
    const ssize_t size = ::read(ends[0], block.data(), block.size());
    ASSERT_GT(size, 0);
    log << std::string(block.data(), static_cast<std::size_t>(size)) << std::flush;
    text.append(block.data(), static_cast<std::size_t>(size));
  }
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0);
  for (int index = 0; index < 150; ++index) TestClient{port};  // more lines than the pipe holds
  TestClient client(port);
  EXPECT_EQ(streamed(client, samples_), transcript());
  ::close(ends[0]);  // whatever is written now raises SIGPIPE
  TestClient another(port);
  EXPECT_EQ(streamed(another, samples_), transcript());
  EXPECT_TRUE(program.is_running());
  EXPECT_EQ(program.terminate(), 0);
}

TEST_F(Serve, NumbersThatAreNoneAreRefused) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"--idle-timeout", "nan"},
      {"--idle-timeout", "inf"},
      {"--max-message-bytes", "99999999999999999999"},
      {"--max-sessions", "0"},
      {"--max-load", "-1"},
      {"--sample-rate", "nan"},
      {"--admin-port", "65536"},
  };
  for (const auto& [option, value] : wrong) {
    const auto result = run_harpy({"serve", "--model", model().string(), option, value});
    EXPECT_EQ(result.exit_code, 2) << option << " " << value << ": " << result.errors;
  }
  const auto too_high = run_harpy({"serve", "--model", model().string(), "--port", "65000"});
  EXPECT_EQ(too_high.exit_code, 1);
  EXPECT_THAT(too_high.errors, HasSubstr("with --port 65000, --admin-port must be given too"));
}

TEST_F(Serve, AnAddressIsTriedBeforeTheModelIsLoaded) {
  const auto result =
      run_harpy({"serve", "--model", file("nothing").string(), "--address", "nowhere"});
  EXPECT_THAT(result.errors, HasSubstr("cannot listen on nowhere"));
}

TEST_F(Serve, WhatKeepsItFromStartingIsOneLineAndCodeOne) {
  const auto no_model = run_harpy({"serve", "--port", "0", "--model", file("nothing").string()});
  EXPECT_EQ(no_model.exit_code, 1);
  EXPECT_THAT(no_model.errors, HasSubstr("nothing"));
  const auto no_address = run_harpy({"serve", "--model", model().string(), "--address", "nowhere"});
  EXPECT_EQ(no_address.exit_code, 1);
  EXPECT_THAT(no_address.errors, HasSubstr("harpy: error: cannot listen on nowhere port 2700"));
  EXPECT_EQ(std::count(no_address.errors.begin(), no_address.errors.end(), '\n'), 1);
  EXPECT_EQ(run_harpy({"serve", "--model", model().string(), "--port", "70000"}).exit_code, 2);
}

}  // namespace
}  // namespace harpy

// harpy serve as a program: it says where it listens, gives the words of harpy transcribe, ends
// with code 0 after SIGTERM, and speaks with a client of another make.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sndfile.h>
#include <boost/json.hpp>

#include "tests/service/server/test_client.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/shared.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy {
namespace {

using harpy::testing::run_harpy;
using harpy::testing::TestClient;
using ::testing::HasSubstr;

/// A running harpy serve; ended when this object is.
class ServeProgram {
 public:
  ServeProgram(const std::filesystem::path& model, const std::filesystem::path& log) : log_(log) {
    process_ = ::fork();
    if (process_ != 0) return;
    const int errors = ::open(log.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    ::dup2(errors, STDERR_FILENO);
    ::execl(HARPY_PROGRAM, HARPY_PROGRAM, "serve", "--model", model.c_str(), "--port", "0",
            "--workers", "1", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  ServeProgram(const ServeProgram&) = delete;
  ServeProgram& operator=(const ServeProgram&) = delete;
  ~ServeProgram() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }

  std::string log() const {
    std::ifstream stream(log_);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  /// The port that the log tells; 0 if it does not within twenty seconds.
  std::uint16_t port() const {
    static constexpr std::string_view kBefore = "listening on 127.0.0.1 port ";
    for (int round = 0; round < 2000; ++round) {
      const std::string text = log();
      const std::size_t begin = text.find(kBefore);
      if (begin != std::string::npos && text.find('\n', begin) != std::string::npos) {
        return static_cast<std::uint16_t>(std::stoi(text.substr(begin + kBefore.size())));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return 0;
  }

  /// Sends SIGTERM and waits; the exit code, -1 if a signal ended the program.
  int terminate() {
    ::kill(process_, SIGTERM);
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  std::filesystem::path log_;
  pid_t process_ = 0;
};

class Serve : public ::testing::Test {
 protected:
  Serve() {
    std::filesystem::create_directory(model());
    harpy::testing::write_tiny_model(model());
    for (std::size_t index = 0; index < samples_.size(); ++index) {
      const double pitch = 0.02 + 0.03 * static_cast<double>(index / 1600 % 7);
      samples_[index] =
          static_cast<std::int16_t>(8000.0 * std::sin(pitch * static_cast<double>(index)));
    }
    SF_INFO info{};
    info.samplerate = 16000;
    info.channels = 1;
    info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    SNDFILE* sound = sf_open(file("recording.wav").c_str(), SFM_WRITE, &info);
    sf_write_short(sound, samples_.data(), static_cast<sf_count_t>(samples_.size()));
    sf_close(sound);
    std::ofstream raw(file("recording.s16"), std::ios::binary);
    raw.write(reinterpret_cast<const char*>(samples_.data()),
              static_cast<std::streamsize>(2 * samples_.size()));
  }

  std::filesystem::path model() const { return directory_.path() / "model"; }
  std::filesystem::path file(const std::string& name) const { return directory_.path() / name; }

  /// What harpy transcribe prints of the recording, without the end of line.
  std::string transcript() const {
    const auto result =
        run_harpy({"transcribe", "--model", model().string(), file("recording.wav").string()});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return result.output.substr(0, result.output.find('\n'));
  }

  harpy::testing::TemporaryDirectory directory_;
  std::vector<std::int16_t> samples_ = std::vector<std::int16_t>(48000);
};

TEST_F(Serve, GivesTheWordsOfTranscribeAndEndsAfterSigterm) {
  ServeProgram program(model(), file("log"));
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0) << program.log();
  TestClient client(port);
  client.send_text(R"({"config" : {"sample_rate" : 16000}})");
  std::string text;
  const auto add = [&text](const std::string& reply) {
    const boost::json::value value = boost::json::parse(reply);
    if (const boost::json::value* words = value.as_object().if_contains("text")) {
      if (!text.empty() && !words->as_string().empty()) text += ' ';
      text += words->as_string();
    }
  };
  for (std::size_t begin = 0; begin < samples_.size(); begin += 3200) {
    client.send_audio(std::span(samples_).subspan(begin, 3200));
    add(client.receive());
  }
  client.send_text(R"({"eof" : 1})");
  add(client.receive());
  EXPECT_EQ(client.wait_for_close(), 1000);
  EXPECT_FALSE(text.empty());
  EXPECT_EQ(text, transcript());
  EXPECT_EQ(program.terminate(), 0);
  EXPECT_THAT(program.log(), HasSubstr("stopped: drained"));
}

TEST_F(Serve, SpeaksWithTheNodeClientInEveryPace) {
  const auto modules = file("npm");
  std::filesystem::create_directory(modules);
  if (std::system(("npm install --silent --no-audit --no-fund --prefix '" + modules.string() +
                   "' ws@8 >/dev/null 2>&1 </dev/null")
                      .c_str()) != 0) {
    GTEST_SKIP() << "needs npm and its package ws";
  }
  ServeProgram program(model(), file("log"));
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0) << program.log();
  const std::string expected = transcript();
  for (const std::string pace : {"lockstep", "flood"}) {
    const std::string command = "NODE_PATH='" + (modules / "node_modules").string() + "' node '" +
                                (harpy::testing::source_dir() / "tests/end_to_end").string() +
                                "/vosk_client.mjs' ws://127.0.0.1:" + std::to_string(port) +
                                " 16000 100 " + pace + " '" + file("recording.s16").string() +
                                "' '" + file("recording.s16").string() + "' >'" +
                                file("replies").string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0) << pace;
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

TEST_F(Serve, WhatKeepsItFromStartingIsOneLineAndCodeOne) {
  const auto no_model = run_harpy({"serve", "--model", file("nothing").string()});
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

// harpy serve against clients of other makes: what RFC 6455 demands, and many clients side by side.
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <random>
#include <span>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sndfile.h>
#include <boost/json.hpp>

#include "tests/service/server/test_client.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/serve_program.hpp"
#include "tests/support/shared.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy {
namespace {

using harpy::testing::run_harpy;
using harpy::testing::ServeProgram;
using harpy::testing::TestClient;

class ServeConformance : public ::testing::Test {
 protected:
  ServeConformance() {
    std::filesystem::create_directory(model());
    harpy::testing::write_tiny_model(model());
  }

  std::filesystem::path model() const { return directory_.path() / "model"; }
  std::filesystem::path file(const std::string& name) const { return directory_.path() / name; }

  harpy::testing::TemporaryDirectory directory_;
};

TEST_F(ServeConformance, FollowsTheWebSocketProtocol) {
  if (std::system("python3 -c '' >/dev/null 2>&1") != 0) GTEST_SKIP() << "needs python3";
  ServeProgram program(model(), file("log"), {"--max-text-bytes", "1048576"});
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0) << program.log();
  const auto script = harpy::testing::source_dir() / "tests/end_to_end/websocket_conformance.py";
  const auto result = harpy::testing::run_program(
      "/usr/bin/env", {"python3", script.string(), std::to_string(port)});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
  EXPECT_EQ(program.terminate(), 0);
}

/// A recording and what harpy transcribe says of it.
struct Recording {
  std::vector<std::int16_t> samples;
  boost::json::array words;
};

std::vector<std::int16_t> random_tones(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::int16_t> samples(16000 * (1 + random() % 12) + random() % 16000);
  double pitch = 0.0;
  for (std::size_t index = 0; index < samples.size(); ++index) {
    if (index % 1600 == 0)
      pitch = random() % 4 == 0 ? 0.0 : 0.02 + 0.0001 * static_cast<double>(random() % 2000);
    samples[index] =
        static_cast<std::int16_t>(8000.0 * std::sin(pitch * static_cast<double>(index)));
  }
  return samples;
}

/// Cuts of a recording as a client may send them: all small, all large, or any.
std::vector<std::size_t> random_cuts(std::size_t sample_count, std::mt19937& random) {
  const std::size_t largest = std::array{700U, 9000U, 200'000U}[random() % 3];
  std::vector<std::size_t> sizes;
  for (std::size_t left = sample_count; left > 0; left -= sizes.back()) {
    sizes.push_back(std::min<std::size_t>(left, random() % largest));
  }
  return sizes;
}

/// Sends all of a recording without waiting, and checks every reply.
void expect_equal_to_transcript(std::uint16_t port, const Recording& recording, unsigned seed) {
  std::mt19937 random(seed);
  const std::vector<std::size_t> cuts = random_cuts(recording.samples.size(), random);
  TestClient client(port);
  client.send_text(R"({"config" : {"sample_rate" : 16000}})");
  boost::json::array words;
  std::size_t unanswered = 0;
  const auto take_reply = [&] {
    const boost::json::value reply = boost::json::parse(client.receive());
    --unanswered;
    ASSERT_FALSE(reply.as_object().contains("error")) << reply;
    const boost::json::value* list = reply.as_object().if_contains("result");
    if (list == nullptr) return;
    for (const boost::json::value& word : list->as_array()) {
      words.push_back(
          {{"word", word.at("word")}, {"start", word.at("start")}, {"end", word.at("end")}});
    }
  };
  std::size_t begin = 0;
  for (const std::size_t size : cuts) {
    client.send_audio(std::span(recording.samples).subspan(begin, size));
    begin += size;
    for (++unanswered; unanswered > 100;) take_reply();
  }
  client.send_text(R"({"eof" : 1})");
  for (++unanswered; unanswered > 0;) take_reply();
  EXPECT_EQ(client.wait_for_close(), 1000) << seed;
  EXPECT_EQ(words, recording.words) << seed;
}

TEST_F(ServeConformance, ManyClientsSideBySideGetTheWordsAndTimesOfTranscribe) {
  std::vector<Recording> recordings(20);
  std::vector<std::string> arguments{"transcribe", "--model", model().string(), "--format",
                                     "jsonl"};
  for (std::size_t index = 0; index < recordings.size(); ++index) {
    recordings[index].samples = random_tones(static_cast<unsigned>(index));
    SF_INFO info{.samplerate = 16000, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
    const std::string name = file(std::to_string(index) + ".wav").string();
    SNDFILE* sound = sf_open(name.c_str(), SFM_WRITE, &info);
    sf_write_short(sound, recordings[index].samples.data(),
                   static_cast<sf_count_t>(recordings[index].samples.size()));
    sf_close(sound);
    arguments.push_back(name);
  }
  const auto transcribed = run_harpy(arguments);
  ASSERT_EQ(transcribed.exit_code, 0) << transcribed.errors;
  std::istringstream lines(transcribed.output);
  std::size_t word_count = 0;
  for (Recording& recording : recordings) {
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    const boost::json::value transcript = boost::json::parse(line);
    for (const boost::json::value& word : transcript.at("words").as_array()) {
      recording.words.push_back(
          {{"word", word.at("word")}, {"start", word.at("start")}, {"end", word.at("end")}});
    }
    word_count += recording.words.size();
  }
  ASSERT_GT(word_count, 20U);
  ServeProgram program(model(), file("log"));
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0) << program.log();
  constexpr int kSessionCount = 200;
  constexpr int kAtOnce = 16;
  std::atomic<int> next{0};
  {
    std::vector<std::jthread> clients;
    for (int index = 0; index < kAtOnce; ++index) {
      clients.emplace_back([&] {
        for (int session = next++; session < kSessionCount; session = next++) {
          expect_equal_to_transcript(port, recordings[session % recordings.size()],
                                     static_cast<unsigned>(session));
        }
      });
    }
  }
  EXPECT_EQ(program.terminate(), 0);
}

}  // namespace
}  // namespace harpy

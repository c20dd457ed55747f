// harpy train as processes that are killed: the law of exact resume.
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/run_program.hpp"
#include "tests/support/running_program.hpp"
#include "tests/support/tone_words.hpp"

namespace harpy {
namespace {

using harpy::testing::read_bytes;
using harpy::testing::run_harpy;
using harpy::testing::RunningProgram;
using harpy::testing::ToneWords;
using ::testing::HasSubstr;

/// A log without its column of seconds.
std::string without_times(const std::filesystem::path& log) {
  std::ifstream stream(log);
  std::string kept;
  for (std::string line; std::getline(stream, line);) {
    kept += line.substr(0, line.rfind('\t')) + "\n";
  }
  return kept;
}

class TrainResume : public ::testing::Test {
 protected:
  TrainResume() : data_(directory_.path() / "data") {
    train_ = data_.manifest("train.jsonl", data_.record("train", 40));
    dev_ = data_.manifest("dev.jsonl", data_.record("dev", 4));
  }

  std::filesystem::path folder(const std::string& name) const { return directory_.path() / name; }
  std::vector<std::string> arguments(const std::string& name) const {
    return {"train",
            "--recipe",
            data_.path("recipe.json").string(),
            "--train",
            train_,
            "--dev",
            dev_,
            "--lexicon",
            data_.path("lexicon.dict").string(),
            "--output",
            folder(name).string(),
            "--threads",
            "1",
            "--epochs",
            "20",
            "--resume",
            "--checkpoint-interval",
            "0",
            "--feature-cache",
            folder("cache").string()};
  }

  /// Waits until the checkpoint was written `count` more times; false if the program ended before.
  static bool wait_for_checkpoints(RunningProgram& program, const std::filesystem::path& path,
                                   int count) {
    const auto time_of = [&path] {
      std::error_code missing;
      return std::filesystem::last_write_time(path, missing);
    };
    auto last = time_of();
    while (count > 0) {
      if (!program.is_running()) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      const auto now = time_of();
      count -= now != last ? 1 : 0;
      last = now;
    }
    return true;
  }

  harpy::testing::TemporaryDirectory directory_;
  ToneWords data_;
  std::string train_;
  std::string dev_;
};

TEST_F(TrainResume, KilledTenTimesAtRandomEndsInTheBytesOfARunNeverKilled) {
  const auto straight = run_harpy(arguments("straight"));
  ASSERT_EQ(straight.exit_code, 0) << straight.errors;

  std::mt19937 random(std::random_device{}());
  int kills = 0;
  while (kills < 10) {
    RunningProgram program(arguments("killed"), folder("log"));
    const int count = static_cast<int>(random() % 4);
    const auto pause = std::chrono::microseconds(random() % 3000);
    ASSERT_TRUE(wait_for_checkpoints(program, folder("killed") / "checkpoint", count))
        << "ended after " << kills << " kills: " << read_bytes(folder("log"));
    std::this_thread::sleep_for(pause);
    ASSERT_TRUE(program.is_running()) << "ended after " << kills << " kills";
    program.kill();
    ++kills;
  }
  const auto last = run_harpy(arguments("killed"));
  ASSERT_EQ(last.exit_code, 0) << last.errors;

  for (const char* name : {"acoustic.safetensors", "checkpoint"}) {
    EXPECT_EQ(read_bytes(folder("killed") / name), read_bytes(folder("straight") / name)) << name;
  }
  EXPECT_EQ(without_times(folder("killed") / "log.tsv"),
            without_times(folder("straight") / "log.tsv"));
}

TEST_F(TrainResume, AnInterruptEndsItAfterTheStepWithACheckpoint) {
  const auto straight = run_harpy(arguments("straight"));
  ASSERT_EQ(straight.exit_code, 0) << straight.errors;
  {
    RunningProgram program(arguments("stopped"), folder("log"));
    ASSERT_TRUE(wait_for_checkpoints(program, folder("stopped") / "checkpoint", 3));
    program.signal(SIGINT);
    EXPECT_EQ(program.wait(), 1);
  }
  EXPECT_THAT(read_bytes(folder("log")), HasSubstr("stopped; --resume goes on from"));
  const auto last = run_harpy(arguments("stopped"));
  ASSERT_EQ(last.exit_code, 0) << last.errors;
  EXPECT_EQ(read_bytes(folder("stopped") / "acoustic.safetensors"),
            read_bytes(folder("straight") / "acoustic.safetensors"));
}

TEST_F(TrainResume, ACheckpointIsNeitherOverwrittenNorUsedUnasked) {
  ASSERT_EQ(run_harpy(arguments("model")).exit_code, 0);
  std::vector<std::string> anew = arguments("model");
  std::erase(anew, "--resume");
  const auto refused = run_harpy(anew);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("is there: give --resume to go on, or another --output"));
}

}  // namespace
}  // namespace harpy

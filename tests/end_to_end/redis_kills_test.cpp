// Workers of a Redis stream that are killed at random: each recording has exactly one result. With
// HARPY_REDIS_KILLS=200 in the environment so many are killed.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/archive_fixture.hpp"
#include "tests/support/is_installed.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/running_program.hpp"
#include "tools/work/redis_connection.hpp"

namespace harpy {
namespace {

using harpy::testing::is_installed;
using harpy::testing::RunningProgram;
using ::testing::HasSubstr;

class RedisKills : public harpy::testing::ArchiveTest {
 protected:
  static constexpr int kWorkers = 3;

  void SetUp() override {
    if (!is_installed("redis-server")) GTEST_SKIP() << "needs redis-server";
    server_ = std::make_unique<harpy::testing::RedisServer>();
    redis_ = std::make_unique<tools::RedisConnection>(server_->address());
  }

  static int wanted_kills() {
    const char* wanted = std::getenv("HARPY_REDIS_KILLS");
    return wanted == nullptr ? 8 : std::atoi(wanted);
  }

  void ask_for(const std::string& id, const std::string& audio) {
    redis_->command({"XADD", "harpy", "*", "recording",
                     R"({"id": ")" + id + R"(", "audio": ")" + audio + "\"}"});
  }
  std::unique_ptr<RunningProgram> start_worker() const {
    return std::make_unique<RunningProgram>(
        std::vector<std::string>{"work", "--model", file("model").string(), "--jobs", "2",
                                 "--redis", server_->address(), "--claim-after", "0.3", "--tries",
                                 "8", "--until-empty"},
        file("log"));
  }
  /// How many recordings a worker has in hand, or had when it was killed.
  std::size_t in_hand(const RunningProgram& worker) {
    const tools::RedisReply all = redis_->command({"XPENDING", "harpy", "harpy", "-", "+", "99"});
    return static_cast<std::size_t>(
        std::ranges::count_if(all.elements, [&](const tools::RedisReply& entry) {
          return entry.elements[1].text.ends_with("-" + std::to_string(worker.process()));
        }));
  }
  /// Takes the results away that are there, and counts them.
  void take_results() {
    const tools::RedisReply all = redis_->command({"HGETALL", "harpy:results"});
    for (std::size_t i = 0; i + 1 < all.elements.size(); i += 2) {
      const std::string& id = all.elements[i].text;
      ++results_[id];
      EXPECT_THAT(all.elements[i + 1].text, HasSubstr("\"text\": \"AND"));
      redis_->command({"HDEL", "harpy:results", id});
    }
  }

  std::unique_ptr<harpy::testing::RedisServer> server_;
  std::unique_ptr<tools::RedisConnection> redis_;
  std::map<std::string, int> results_;
};

TEST_F(RedisKills, LeaveEveryRecordingExactlyOneResult) {
  const int wanted = wanted_kills();
  std::mt19937 random(std::random_device{}());
  std::vector<std::unique_ptr<RunningProgram>> workers;
  redis_->command({"XGROUP", "CREATE", "harpy", "harpy", "0", "MKSTREAM"});
  ask_for("bad", "absent.wav");
  int asked = 0;
  int orphan_count = 0;  // recordings in hand of workers that were killed
  for (int kills = 0; kills < wanted; ++kills) {
    for (int i = 0; i < 12; ++i, ++asked) {
      ask_for("r" + std::to_string(asked), recording(asked % kRecordings).string());
    }
    while (workers.size() < kWorkers) workers.push_back(start_worker());
    // Every other one is killed while it works, the others whenever it may be.
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 300));
    std::swap(workers[random() % kWorkers], workers.back());
    RunningProgram& victim = *workers.back();
    for (int round = 0; kills % 2 == 0 && round < 3000 && in_hand(victim) == 0; ++round) {
      if (!victim.is_running()) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    victim.kill();
    orphan_count += static_cast<int>(in_hand(victim));
    workers.pop_back();
    take_results();
  }
  workers.push_back(start_worker());
  for (const auto& worker : workers) EXPECT_EQ(worker->wait(), 0);
  take_results();
  EXPECT_EQ(results_.size(), static_cast<std::size_t>(asked));
  for (const auto& [id, count] : results_) EXPECT_EQ(count, 1) << id;
  EXPECT_EQ(redis_->command({"XLEN", "harpy"}).number, 0);
  const tools::RedisReply failed = redis_->command({"HGETALL", "harpy:failed"});
  ASSERT_EQ(failed.elements.size(), 2U);
  EXPECT_EQ(failed.elements[0].text, "bad");
  RecordProperty("recordings", asked);
  RecordProperty("orphans", orphan_count);
  EXPECT_GT(orphan_count, 0) << "no worker was killed at work";
}

}  // namespace
}  // namespace harpy

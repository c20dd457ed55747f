#include "tools/work/redis_work.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/is_installed.hpp"
#include "tests/support/redis_server.hpp"
#include "tools/work/redis_queue.hpp"

namespace harpy::tools {
namespace {

using harpy::testing::is_installed;
using harpy::testing::RedisServer;
using ::testing::HasSubstr;

class RedisWork : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!is_installed("redis-server")) GTEST_SKIP() << "needs redis-server";
    server_ = std::make_unique<RedisServer>();
    options_.server = server_->address();
    connection_ = std::make_unique<RedisConnection>(options_.server);
  }

  void add(const std::string& id) {
    connection_->command(
        {"XADD", "harpy", "*", "recording", R"({"audio": "x.wav", "id": ")" + id + "\"}"});
  }
  std::string value(const std::string& hash, const std::string& field) {
    return connection_->command({"HGET", hash, field}).text;
  }
  std::int64_t number(const std::vector<std::string>& command) {
    return connection_->command(command).number;
  }

  static LineAnswer answer_of(const std::string& id) { return {.id = id, .text = "text of " + id}; }
  /// Answers at once.
  static LineAnswer answer(const std::string& line, const std::string& /*source*/) {
    return answer_of(recording_id(line));
  }

  RedisWorkOptions options_{.claim_after_s = 0.1, .until_empty = true};
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<RedisConnection> connection_;
};

bool never() { return false; }

TEST_F(RedisWork, EveryEntryGetsItsResultAndLeavesTheStream) {
  for (int i = 0; i < 50; ++i) add("r" + std::to_string(i));
  options_.thread_count = 4;
  work_on_redis(options_, answer, never);
  EXPECT_EQ(number({"HLEN", "harpy:results"}), 50);
  EXPECT_EQ(value("harpy:results", "r17"), "text of r17");
  EXPECT_EQ(number({"XLEN", "harpy"}), 0);
  EXPECT_EQ(number({"EXISTS", "harpy:failed"}), 0);
}

TEST_F(RedisWork, AnEntryIsFinishedOnceEvenIfItsResultWasTakenAway) {
  RedisQueue first(options_, "first");
  RedisQueue second(options_, "second");
  add("r");
  const auto slow = first.take();
  ASSERT_TRUE(slow);
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  const auto claimed = second.take();
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->id, slow->id);
  EXPECT_EQ(claimed->delivery_count, 2);
  second.finish(*claimed, answer_of("r"));
  EXPECT_EQ(number({"HDEL", "harpy:results", "r"}), 1);
  first.finish(*slow, answer_of("r"));
  EXPECT_EQ(number({"EXISTS", "harpy:results"}), 0);
}

TEST_F(RedisWork, TheFirstOfTwoResultsOfARecordingStays) {
  add("r");
  add("r");
  std::atomic<int> count = 0;
  work_on_redis(
      options_,
      [&](const std::string&, const std::string&) {
        return LineAnswer{.id = "r", .text = std::to_string(++count)};
      },
      never);
  EXPECT_EQ(value("harpy:results", "r"), "1");
  EXPECT_EQ(count, 2);
}

TEST_F(RedisWork, WhoGivesASignOfLifeKeepsItsEntryAndTakesNoneBack) {
  RedisQueue first(options_, "first");
  RedisQueue second(options_, "second");
  add("r");
  const auto entry = first.take();
  ASSERT_TRUE(entry);
  options_.claim_after_s = 3600.0;
  first.renew({entry->id});
  EXPECT_FALSE(second.take());
  options_.claim_after_s = 0.0;
  ASSERT_TRUE(second.take());
  first.renew({entry->id});
  const RedisReply pending = connection_->command({"XPENDING", "harpy", "harpy", "-", "+", "9"});
  ASSERT_EQ(pending.elements.size(), 1U);
  EXPECT_EQ(pending.elements[0].elements[1].text, "second");
  EXPECT_EQ(pending.elements[0].elements[3].number, 2) << "signs of life are no tries";
}

TEST_F(RedisWork, LongWorkIsNotTakenByOthers) {
  add("r");
  std::atomic<int> count = 0;
  const LineAnswerer slow = [&](const std::string& line, const std::string& source) {
    ++count;
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    return answer(line, source);
  };
  options_.claim_after_s = 0.6;
  options_.thread_count = 2;
  work_on_redis(options_, slow, never);
  EXPECT_EQ(count, 1);
}

TEST_F(RedisWork, WhatFailsIsTriedAgainAndThenSetAside) {
  add("bad");
  add("moody");
  connection_->command({"XADD", "harpy", "7777777777777-0", "other", "field"});
  std::map<std::string, int> tries;
  const LineAnswerer failing = [&](const std::string& line, const std::string& source) {
    const std::string id = recording_id(line);
    const int count = ++tries[id];
    if (id == "moody" && count == 2) return answer(line, source);
    return failed_answer(id, "try " + std::to_string(count));
  };
  work_on_redis(options_, failing, never);
  EXPECT_EQ(tries["bad"], 3);
  EXPECT_EQ(value("harpy:failed", "bad"), R"({"id": "bad", "error": "try 3"})");
  EXPECT_EQ(value("harpy:results", "moody"), "text of moody");
  EXPECT_EQ(value("harpy:failed", "7777777777777-0"), R"({"error": "try 3"})");
  EXPECT_EQ(number({"HLEN", "harpy:failed"}), 2);
  EXPECT_EQ(number({"XLEN", "harpy"}), 0);
}

TEST_F(RedisWork, WhatEndsItsWorkersIsSetAsideWithoutAnotherTry) {
  add("poison");
  options_.claim_after_s = 0.0;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(RedisQueue(options_, "dead" + std::to_string(i)).take());
  }
  options_.claim_after_s = 0.1;
  work_on_redis(
      options_,
      [](const std::string&, const std::string&) {
        ADD_FAILURE() << "tried again";
        return answer_of("poison");
      },
      never);
  EXPECT_THAT(value("harpy:failed", "poison"), HasSubstr("set aside: 3 workers ended"));
}

TEST_F(RedisWork, NothingIsTakenWhileTooManyResultsWait) {
  for (int i = 0; i < 5; ++i) add("r" + std::to_string(i));
  options_.max_results = 2;
  std::jthread worker([this] { work_on_redis(options_, answer, never); });
  std::set<std::string> taken;
  while (taken.size() < 5) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    const RedisReply fields = connection_->command({"HKEYS", "harpy:results"});
    EXPECT_LE(fields.elements.size(), 2U);
    for (const RedisReply& field : fields.elements) {
      EXPECT_TRUE(taken.insert(field.text).second) << field.text << " has two results";
      connection_->command({"HDEL", "harpy:results", field.text});
    }
  }
}

TEST_F(RedisWork, AWorkerWaitsForAServerThatComesBack) {
  add("before");
  std::atomic<bool> is_in_work = false;
  std::atomic<bool> may_end = false;
  options_.claim_after_s = 60.0;
  std::jthread worker([&] {
    work_on_redis(
        options_,
        [&](const std::string& line, const std::string& source) {
          is_in_work = true;
          while (!may_end) std::this_thread::sleep_for(std::chrono::milliseconds(1));
          return answer(line, source);
        },
        never);
  });
  while (!is_in_work) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  server_->kill();
  may_end = true;
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  server_->start();
  worker.join();
  connection_ = std::make_unique<RedisConnection>(options_.server);
  EXPECT_EQ(value("harpy:results", "before"), "text of before");
}

TEST_F(RedisWork, WrongAddressesAndServersAreOneError) {
  const auto error_of = [](const std::string& address) -> std::string {
    try {
      RedisConnection connection(address);
      return "none";
    } catch (const std::exception& error) {
      return error.what();
    }
  };
  EXPECT_THAT(error_of("localhost"), HasSubstr("expected redis://"));
  EXPECT_THAT(error_of("redis://:secret@localhost:x"), HasSubstr("expected redis://"));
  EXPECT_EQ(error_of("unix:///nowhere/redis.sock"),
            "Redis at /nowhere/redis.sock: cannot be reached: No such file or directory");
  EXPECT_THAT(error_of("redis://:secret@127.0.0.1:1/2"),
              HasSubstr("Redis at 127.0.0.1:1: cannot be reached: "));
  connection_->command({"SET", "harpy", "no stream"});
  try {
    work_on_redis(options_, answer, never);
    ADD_FAILURE();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("refuses XGROUP: WRONGTYPE"));
  }
}

}  // namespace
}  // namespace harpy::tools

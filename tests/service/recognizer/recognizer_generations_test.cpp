#include "service/recognizer/recognizer_generations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <stdexcept>

#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy {
namespace {

using namespace std::chrono_literals;

class RecognizerGenerationsTest : public ::testing::Test {
 protected:
  RecognizerGenerationsTest() {
    harpy::testing::write_tiny_model(directory_.path());
    const auto backend = create_backend({});
    model_ = ModelPackage::load(*backend, directory_.path());
  }

  std::shared_ptr<Recognizer> make() {
    if (is_broken_) throw std::runtime_error("model.json: broken");
    return std::make_shared<Recognizer>(model_, RecognizerOptions{});
  }

  harpy::testing::TemporaryDirectory directory_;
  std::shared_ptr<const ModelPackage> model_;
  std::atomic<bool> is_broken_ = false;
};

TEST_F(RecognizerGenerationsTest, ANewOneIsMadeAndAnOldOneLivesAsLongAsItIsUsed) {
  std::promise<std::shared_ptr<Recognizer>> made;
  RecognizerGenerations generations(
      {.make = [this] { return make(); },
       .use = [&](const auto& next) { made.set_value(next.find("")); },
       .failed = [](const std::string& why) { FAIL() << why; }});
  std::shared_ptr<Recognizer> used = generations.take_first().find("");
  std::weak_ptr<Recognizer> old = used;
  generations.renew();
  auto future = made.get_future();
  ASSERT_EQ(future.wait_for(10s), std::future_status::ready);
  const std::shared_ptr<Recognizer> next = future.get();
  EXPECT_NE(next, used);
  std::this_thread::sleep_for(700ms);  // longer than the thread takes to look again
  std::promise<void> ended;
  const auto session = used->open({}, [&](const SessionEvent& event) {
    if (event.kind == EventKind::kEnd) ended.set_value();
  });
  session->finish();
  EXPECT_EQ(ended.get_future().wait_for(10s), std::future_status::ready);
  used.reset();
  for (int round = 0; round < 100 && !old.expired(); ++round) std::this_thread::sleep_for(100ms);
  EXPECT_TRUE(old.expired());
}

TEST_F(RecognizerGenerationsTest, IfItCannotBeMadeTheOldOneStays) {
  std::promise<std::string> told;
  RecognizerGenerations generations(
      {.make = [this] { return make(); },
       .use = [](const auto&) { FAIL(); },
       .failed = [&](const std::string& why) { told.set_value(why); }});
  std::weak_ptr<Recognizer> running = generations.take_first().find("");
  is_broken_ = true;
  generations.renew();
  auto future = told.get_future();
  ASSERT_EQ(future.wait_for(10s), std::future_status::ready);
  EXPECT_EQ(future.get(), "model.json: broken");
  EXPECT_FALSE(running.expired());
}

TEST_F(RecognizerGenerationsTest, WhatKeepsTheFirstOneFromBeingMadeIsThrown) {
  is_broken_ = true;
  EXPECT_THROW(RecognizerGenerations({.make = [this] { return make(); }, .use = {}, .failed = {}}),
               std::runtime_error);
}

}  // namespace
}  // namespace harpy

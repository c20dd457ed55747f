#include "service/recognizer/recognizer_generations.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace harpy {

namespace {

/// How often the thread looks whether an old recognizer has lost its last session.
constexpr std::chrono::milliseconds kPruningTime{500};

}  // namespace

RecognizerGenerations::RecognizerGenerations(Calls calls)
    : calls_(std::move(calls)),
      first_(calls_.make()),
      living_{first_},
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void RecognizerGenerations::renew() {
  {
    const std::lock_guard lock(mutex_);
    is_asked_ = true;
  }
  changed_.notify_one();
}

void RecognizerGenerations::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    bool is_asked = false;
    {
      std::unique_lock lock(mutex_);
      const auto is_asked_for = [this] { return is_asked_; };
      if (living_.size() > 1) {
        changed_.wait_for(lock, stop, kPruningTime, is_asked_for);
      } else {
        changed_.wait(lock, stop, is_asked_for);
      }
      is_asked = std::exchange(is_asked_, false);
    }
    if (is_asked && !stop.stop_requested()) make_next();
    const std::shared_ptr<Recognizer> newest = living_.back();
    std::erase_if(living_, [&](const std::shared_ptr<Recognizer>& recognizer) {
      return recognizer != newest && recognizer.use_count() == 1;
    });
  }
}

void RecognizerGenerations::make_next() {
  try {
    living_.push_back(calls_.make());
    calls_.use(living_.back());
  } catch (const std::exception& error) {
    calls_.failed(error.what());
  }
}

}  // namespace harpy

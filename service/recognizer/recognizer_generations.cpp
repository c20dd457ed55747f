#include "service/recognizer/recognizer_generations.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <utility>

namespace harpy {

namespace {

/// How often the thread looks whether an old recognizer has lost its last session.
constexpr std::chrono::milliseconds kPruningTime{500};

}  // namespace

RecognizerGenerations::RecognizerGenerations(Calls calls)
    : calls_(std::move(calls)), first_(calls_.make()) {
  keep(first_);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void RecognizerGenerations::keep(const RecognizerSet& newest) {
  for (const NamedRecognizer& item : newest.named()) living_.push_back(item.recognizer);
  newest_count_ = newest.named().size();
}

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
      if (living_.size() > newest_count_) {
        changed_.wait_for(lock, stop, kPruningTime, is_asked_for);
      } else {
        changed_.wait(lock, stop, is_asked_for);
      }
      is_asked = std::exchange(is_asked_, false);
    }
    if (is_asked && !stop.stop_requested()) make_next();
    const auto old_end = living_.end() - static_cast<std::ptrdiff_t>(newest_count_);
    living_.erase(std::remove_if(living_.begin(), old_end,
                                 [](const auto& old) { return old.use_count() == 1; }),
                  old_end);
  }
}

void RecognizerGenerations::make_next() {
  try {
    const RecognizerSet next = calls_.make();
    keep(next);
    calls_.use(next);
  } catch (const std::exception& error) {
    calls_.failed(error.what());
  }
}

}  // namespace harpy

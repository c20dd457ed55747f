#include "tools/transcribe/ordered_transcriber.hpp"

#include <thread>

namespace harpy::tools {

namespace {

constexpr std::size_t kMostAhead = 64;  ///< results that may wait for an earlier one

}  // namespace

void OrderedTranscriber::run(int thread_count, const Consumer& consume) {
  std::vector<std::jthread> threads;
  threads.reserve(static_cast<std::size_t>(thread_count));
  for (int index = 0; index < thread_count; ++index) threads.emplace_back([this] { work(); });
  try {
    consume_all(consume);
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    throw;
  }
}

void OrderedTranscriber::consume_all(const Consumer& consume) {
  for (std::size_t index = 0; index < recordings_.size(); ++index) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return results_.contains(index); });
    const auto node = results_.extract(index);
    ++consumed_;
    lock.unlock();
    changed_.notify_all();
    consume(recordings_[index], node.mapped());
  }
}

void OrderedTranscriber::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
      return stopping_ || next_ < consumed_ + kMostAhead || next_ >= recordings_.size();
    });
    if (stopping_ || next_ >= recordings_.size()) return;
    const std::size_t index = next_++;
    lock.unlock();
    Transcription result = transcribe_one_(recordings_[index]);
    lock.lock();
    results_.emplace(index, std::move(result));
    changed_.notify_all();
  }
}

}  // namespace harpy::tools

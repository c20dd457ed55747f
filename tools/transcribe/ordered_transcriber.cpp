#include "tools/transcribe/ordered_transcriber.hpp"

#include <thread>
#include <utility>

namespace harpy::tools {

namespace {

/// Words of the results that may wait for an earlier one: about a hundred megabytes.
constexpr std::size_t kMostWaitingWords = 1'000'000;

/// A result without words takes memory too.
std::size_t word_count(const Transcription& result) {
  std::size_t count = 1;
  for (const SessionEvent& utterance : result.finals) count += utterance.words.size();
  return count;
}

}  // namespace

OrderedTranscriber::OrderedTranscriber(Recognizer& recognizer,
                                       const std::vector<Recording>& recordings, Options options)
    : recognizer_(recognizer), recordings_(recordings), options_(std::move(options)) {}

void OrderedTranscriber::run(const Consumer& consume) {
  std::vector<std::jthread> threads;
  threads.reserve(static_cast<std::size_t>(options_.readers));
  for (int index = 0; index < options_.readers; ++index) {
    threads.emplace_back([this] { read_recordings(); });
  }
  try {
    consume_all(consume);
  } catch (...) {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    changed_.notify_all();
    throw;
  }
}

void OrderedTranscriber::consume_all(const Consumer& consume) {
  for (std::size_t count = 0; count < recordings_.size(); ++count) {
    Lock lock(mutex_);
    changed_.wait(lock, [this] { return next_result() != results_.end(); });
    const auto node = results_.extract(next_result());
    waiting_words_ -= word_count(node.mapped());
    ++consumed_;
    lock.unlock();
    changed_.notify_all();
    consume(recordings_[node.key()], node.mapped());
  }
}

std::map<std::size_t, Transcription>::iterator OrderedTranscriber::next_result() {
  return options_.in_order ? results_.find(consumed_) : results_.begin();
}

bool OrderedTranscriber::may_begin() const {
  return next_ < recordings_.size() && (waiting_words_ < kMostWaitingWords || next_ == consumed_) &&
         works_.size() < static_cast<std::size_t>(options_.sessions);
}

void OrderedTranscriber::read_recordings() {
  Lock lock(mutex_);
  for (;;) {
    changed_.wait(lock,
                  [this] { return is_stopping_ || !ready_.empty() || may_begin() || is_done(); });
    if (is_stopping_ || is_done()) return;
    if (ready_.empty()) begin_next();
    const std::size_t index = ready_.front();
    ready_.pop_front();
    read(index, lock);
  }
}

void OrderedTranscriber::begin_next() {
  const std::size_t index = next_++;
  works_[index].reader =
      std::make_unique<RecordingReader>(recognizer_, recordings_[index], options_.transcribing,
                                        [this, index] { has_changed(index); });
  ready_.push_back(index);
}

void OrderedTranscriber::read(std::size_t index, Lock& lock) {
  Work& work = works_.at(index);
  work.is_being_read = true;
  work.is_ready = false;
  lock.unlock();
  const bool is_done = work.reader->read();
  Transcription result;
  if (is_done) {
    result = work.reader->take_result();
    if (options_.on_recording_done) options_.on_recording_done();
  }
  lock.lock();
  work.is_being_read = false;
  if (is_done) {
    waiting_words_ += word_count(result);
    results_.emplace(index, std::move(result));
    works_.erase(index);
  } else if (work.is_ready) {
    ready_.push_back(index);
  }
  changed_.notify_all();
}

/// A session has ended or has room again. Called on a worker's thread of the recognizer.
void OrderedTranscriber::has_changed(std::size_t index) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = works_.find(index);
    if (found == works_.end() || std::exchange(found->second.is_ready, true)) return;
    if (!found->second.is_being_read) ready_.push_back(index);
  }
  changed_.notify_all();
}

}  // namespace harpy::tools

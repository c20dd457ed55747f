#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "tools/transcribe/transcribe_recording.hpp"

namespace harpy::tools {

/// Transcribes recordings, several at a time, and hands the results over in the recordings' order.
class OrderedTranscriber {
 public:
  using Consumer = std::function<void(const Recording&, const Transcription&)>;

  /// `transcribe_one` is called on several threads.
  OrderedTranscriber(const std::vector<Recording>& recordings,
                     std::function<Transcription(const Recording&)> transcribe_one)
      : recordings_(recordings), transcribe_one_(std::move(transcribe_one)) {}

  /// Calls `consume` on this thread. An exception of it ends the run once the recordings begun are
  /// done.
  void run(int thread_count, const Consumer& consume);

 private:
  void work();
  void consume_all(const Consumer& consume);

  const std::vector<Recording>& recordings_;
  const std::function<Transcription(const Recording&)> transcribe_one_;
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable changed_;
  std::map<std::size_t, Transcription> results_;
  std::size_t next_ = 0;
  std::size_t consumed_ = 0;
  bool stopping_ = false;
};

}  // namespace harpy::tools

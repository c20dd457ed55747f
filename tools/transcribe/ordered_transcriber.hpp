#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "tools/transcribe/recording_reader.hpp"

namespace harpy::tools {

/// Transcribes recordings, many at a time on a few threads, and hands the results over in the
/// recordings' order or as they come. A long recording does not keep the later ones from being
/// transcribed: results that wait for it are bounded by their words, not by their number.
class OrderedTranscriber {
 public:
  struct Options {
    int sessions = 1;  ///< recordings that are in work at once
    int readers = 1;   ///< threads that read them
    /// Whether a result waits until those of the recordings before have been handed over.
    bool in_order = true;
    TranscribingOptions transcribing;
    std::function<void()> on_recording_done;  ///< called on any thread
  };
  using Consumer = std::function<void(const Recording&, const Transcription&)>;

  /// The recognizer and the recordings outlive the object.
  OrderedTranscriber(Recognizer& recognizer, const std::vector<Recording>& recordings,
                     Options options);

  /// Calls `consume` on this thread. An exception of it ends the run.
  void run(const Consumer& consume);

 private:
  /// A recording in work.
  struct Work {
    std::unique_ptr<RecordingReader> reader;
    bool is_being_read = false;
    bool is_ready = true;  ///< there may be something to read
  };
  using Lock = std::unique_lock<std::mutex>;

  void consume_all(const Consumer& consume);
  void read_recordings();
  bool may_begin() const;
  /// The result to hand over next, if it is there.
  std::map<std::size_t, Transcription>::iterator next_result();
  bool is_done() const { return next_ == recordings_.size() && works_.empty(); }
  void begin_next();
  /// Reads a recording as far as it goes.
  void read(std::size_t index, Lock& lock);
  void has_changed(std::size_t index);

  Recognizer& recognizer_;
  const std::vector<Recording>& recordings_;
  const Options options_;

  std::mutex mutex_;  ///< guards what follows
  std::condition_variable changed_;
  std::map<std::size_t, Work> works_;
  std::deque<std::size_t> ready_;  ///< of works_, those that a reader may take
  std::map<std::size_t, Transcription> results_;
  std::size_t waiting_words_ = 0;  ///< in results_
  std::size_t next_ = 0;
  std::size_t consumed_ = 0;
  bool is_stopping_ = false;
};

}  // namespace harpy::tools

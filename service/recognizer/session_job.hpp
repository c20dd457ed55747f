#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "acoustic/acoustic_stream.hpp"
#include "frontend/audio/resampler.hpp"
#include "frontend/device_feature_batch.hpp"
#include "frontend/feature_stream.hpp"
#include "service/recognizer/model_package.hpp"
#include "service/recognizer/recognizer_options.hpp"
#include "service/recognizer/recognizer_worker.hpp"
#include "service/recognizer/session_event.hpp"
#include "service/recognizer/session_inbox.hpp"
#include "service/recognizer/session_queue.hpp"
#include "service/recognizer/steering.hpp"
#include "service/recognizer/utterance_search.hpp"

namespace harpy {

/// What all sessions of a recognizer share.
struct SessionSurroundings {
  std::shared_ptr<SessionQueue> queue;
  std::shared_ptr<SteeringMaker> steering;
};

/// A session as the workers see it: its inbox, and everything mutable of its recognition: the state
/// of resampler, features, network and search.
///
/// A worker's turn calls the functions below in the order in which they stand; worker_turn.cpp
/// shows the whole. All work goes in blocks of the model's grid (docs/architecture.md, "The grid"),
/// so that events and words do not depend on how the samples are cut. Threads: one worker at a
/// time, those of different jobs may be called at once, but search_input only by who holds the
/// worker's `device`; the inbox, any. A job stays on the device of the first worker that worked for
/// it.
class SessionJob : public std::enable_shared_from_this<SessionJob> {
 public:
  /// Errors: std::invalid_argument for a sample rate outside 4,000 to 192,000 or steering out of
  /// range.
  SessionJob(std::shared_ptr<const ModelPackage> model, SessionSurroundings surroundings,
             const RecognizerOptions& limits, const SessionOptions& options, EventHandler handler);

  SessionInbox& inbox() { return inbox_; }

  /// Takes up to `turn_s` seconds of samples from the inbox and makes features of them, as far as
  /// the host does so. Errors: std::runtime_error if the session's device is not the worker's.
  void take(RecognizerWorker& worker, double turn_s);

  /// Gives the network the features of the next block, as far as the host makes them: what they
  /// are may follow from the words found so far.
  void give_features();

  /// Whether the features of a whole block are there for the network.
  bool has_block() const { return !is_over_ && acoustic_->blocks_ready() > 0; }
  /// What goes through the network.
  AcousticStream& acoustic() { return *acoustic_; }
  /// What the features are computed from, if the worker does so.
  DeviceFeatureStream& device_features() { return *device_features_; }

  /// What the search is to do with the block's log-likelihoods, see UtteranceSearch::next_input.
  SearchInput search_input(RecognizerWorker& worker, TensorView log_likelihoods);

  /// Looks at the search after a block: sends a partial, or the kFinal of an utterance that ended.
  void settle(RecognizerWorker& worker);

  /// Sends the events of the turn's end: progress and, after the last samples, kFinal and kEnd.
  void end_turn(RecognizerWorker& worker);

  /// Seconds of audio of the last turn.
  double turn_audio_s() const {
    return static_cast<double>(turn_sample_count_) / options_.sample_rate_hz;
  }

  /// Ends the session with an error; `is_refusal`: its options are at fault.
  void fail(const std::string& reason, bool is_refusal = false);
  /// Whether nothing is left to do: the session was cancelled, has ended or has failed.
  bool is_over() const { return is_over_; }

 private:
  /// Counts what an event tells of the latency, then gives it to the user.
  void give(const SessionEvent& event);
  /// Opens everything; returns false if the session's steering is refused, which ends it.
  bool begin(RecognizerWorker& worker);
  /// Makes features of samples at the model's rate; `is_last`: no others follow.
  void accept_resampled(std::span<const float> samples, bool is_last);
  void tell(EventKind kind);

  std::shared_ptr<const ModelPackage> model_;  ///< of the worker, once there was one
  const SessionSurroundings surroundings_;
  const SessionOptions options_;
  const EventHandler user_handler_;
  const EventHandler handler_;  ///< gives the user events
  const std::shared_ptr<RecognitionMetrics> metrics_;
  SessionInbox inbox_;

  Resampler resampler_;
  std::optional<FeatureStream> features_;               ///< if the host computes features,
  std::optional<DeviceFeatureStream> device_features_;  ///< if the network's device does
  std::optional<AcousticStream> acoustic_;              ///< opened by the first worker
  UtteranceSearch utterance_;

  std::int64_t turn_sample_count_ = 0;  ///< of this turn, at the session's rate
  SessionInbox::Intake intake_;         ///< of this turn
  std::int64_t open_block_count_ = 0;   ///< blocks that were there before the input's end was known
  bool is_last_block_ = false;       ///< whether the block that was searched last is the last one
  std::int64_t worked_samples_ = 0;  ///< of all turns
  bool is_over_ = false;
  bool has_told_words_ = false;
};

}  // namespace harpy

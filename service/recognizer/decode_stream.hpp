#pragma once

#include <memory>
#include <span>
#include <vector>

#include "service/recognizer/model_package.hpp"
#include "service/recognizer/recognizer_options.hpp"
#include "service/recognizer/recognizer_worker.hpp"
#include "service/recognizer/session_event.hpp"

namespace harpy {

/// Everything mutable of one session's recognition: resampler, features, network and search in a
/// row.
///
/// Works in blocks of the model's grid (docs/architecture.md, "The grid"), so that events and words
/// do not depend on how the samples are cut. At an endpoint the search restarts; features and
/// network go on. Threads: used by one worker at a time. A stream stays on the device of the worker
/// that is the first to work for it: one with another package throws std::runtime_error.
class DecodeStream {
 public:
  /// Errors: std::invalid_argument for a sample rate outside 4,000 to 192,000.
  DecodeStream(std::shared_ptr<const ModelPackage> model, const SessionOptions& options);
  ~DecodeStream();

  double sample_rate_hz() const { return options_.sample_rate_hz; }

  /// Takes samples, whose features complete blocks; `last`: no others follow.
  void accept(RecognizerWorker& worker, std::span<const float> samples, bool last);

  /// Whether a block is there for the network.
  bool has_block() const;
  /// Sends a block of each stream through features and network. Returns the log-likelihoods of
  /// each, see AcousticBatch::advance.
  static std::span<const TensorView> advance(RecognizerWorker& worker,
                                             std::span<DecodeStream* const> streams);
  /// Makes of these the next block for worker.search, perhaps of no frames. They change and must
  /// stay until it is searched. Shapes: log_likelihoods [frames, pdfs] on the device.
  SearchInput begin_block(RecognizerWorker& worker, TensorView log_likelihoods);
  /// After its search: tests for an endpoint, sends a partial.
  void settle_block(RecognizerWorker& worker, const EventHandler& handler);

  /// After the last block: sends the last kFinal.
  void end(RecognizerWorker& worker, const EventHandler& handler);

 private:
  struct Pipeline;

  /// Features of the samples at the model's rate.
  void accept_resampled(bool last);
  SessionEvent make_event(EventKind kind, const BestPath& path) const;

  std::shared_ptr<const ModelPackage> model_;
  SessionOptions options_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace harpy

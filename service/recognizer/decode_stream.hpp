#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "service/recognizer/model_package.hpp"
#include "service/recognizer/recognizer_options.hpp"
#include "service/recognizer/result.hpp"

namespace harpy {

/// What one worker thread needs to recognise any session: a backend and a search.
struct RecognizerWorker {
  RecognizerWorker(const ModelPackage& model, const RecognizerOptions& options);

  std::unique_ptr<Backend> backend;
  std::unique_ptr<BeamSearch> search;
};

/// Everything mutable of one session's recognition: resampler, features, network and search in a
/// row.
///
/// Works in blocks of the model's grid (docs/architecture.md, "The grid"), so that events and words
/// do not depend on how the samples are cut. At an endpoint the search restarts; features and
/// network go on. Threads: used by one worker at a time.
class DecodeStream {
 public:
  /// Errors: std::invalid_argument for a sample rate outside 4,000 to 192,000.
  DecodeStream(std::shared_ptr<const ModelPackage> model, const SessionOptions& options);
  ~DecodeStream();

  double sample_rate_hz() const { return options_.sample_rate_hz; }

  /// Takes samples, which go through features and network; `last`: no others follow.
  void accept(RecognizerWorker& worker, std::span<const float> samples, bool last);

  /// The next block for the worker's search, perhaps of no frames; none where more samples are
  /// needed. It is valid until the next call.
  std::optional<SearchInput> next_block(RecognizerWorker& worker);
  /// After its search: tests for an endpoint, sends a partial.
  void settle_block(RecognizerWorker& worker, const EventHandler& handler);

  /// After the last block: sends the last kFinal.
  void end(RecognizerWorker& worker, const EventHandler& handler);

 private:
  struct Pipeline;

  /// Features and network of the samples at the model's rate.
  void run_network(RecognizerWorker& worker, bool last);
  SessionEvent make_event(EventKind kind, const BestPath& path) const;

  std::shared_ptr<const ModelPackage> model_;
  SessionOptions options_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace harpy

#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "acoustic/backend/device.hpp"
#include "service/recognizer/score_decoder.hpp"
#include "service/recognizer/score_layout.hpp"

namespace harpy::tools {

/// Decodes scores for any number of threads: each takes a decoder that no other uses, and leaves it
/// for the next. Threads: any.
class DecoderPool {
 public:
  /// What all decoders share; `session` says what is asked of results.
  struct Shared {
    std::shared_ptr<const DecodingModel> model;
    Device device = {};
    SessionOptions session = {};
    std::shared_ptr<const Steering> steering;
    ScoreLayout layout = {};
  };

  /// Errors: as the constructor of ScoreDecoder.
  explicit DecoderPool(Shared shared);

  const Shared& shared() const { return shared_; }

  /// What was said in each utterance, by so many threads; the scores are as their network puts them
  /// out. Errors: std::invalid_argument as arrange_scores, with the number of the
  /// utterance if there are several.
  std::vector<SessionEvent> decode(std::vector<ScoreMatrix> utterances, int threads);

 private:
  std::unique_ptr<ScoreDecoder> borrow();
  void give_back(std::unique_ptr<ScoreDecoder> decoder);

  const Shared shared_;
  std::mutex mutex_;  ///< guards what follows
  std::vector<std::unique_ptr<ScoreDecoder>> idle_;
};

}  // namespace harpy::tools

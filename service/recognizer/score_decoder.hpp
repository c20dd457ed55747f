#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "service/recognizer/decoding_model.hpp"
#include "service/recognizer/recognizer_options.hpp"
#include "service/recognizer/score_matrix.hpp"
#include "service/recognizer/session_event.hpp"
#include "service/recognizer/steering.hpp"
#include "service/recognizer/utterance_search.hpp"

namespace harpy {

/// Makes words of scores that are there already, whichever network they are from: what a session
/// does behind its network. Each matrix is one utterance; the model's blank penalty is taken from
/// its first column here.
///
/// Results do not depend on which utterances are searched together. Threads: one at a time; a
/// program has one decoder a thread.
class ScoreDecoder {
 public:
  /// An utterance and who is told its words.
  struct Utterance {
    ScoreMatrix scores;                                 ///< [frames, pdfs], see arrange_scores
    std::function<void(const SessionEvent&)> on_final;  ///< called once, by run
  };
  /// Gives the next utterance; nothing: there are no others.
  using Source = std::function<std::optional<Utterance>()>;

  /// `session` says what is asked of results; of the rest nothing is looked at but its steering,
  /// which `steering` is made of.
  /// Errors: those of make_beam_search; std::invalid_argument for a threshold of blanks that is out
  /// of range, or below 1 for a graph without blanks.
  ScoreDecoder(std::shared_ptr<const DecodingModel> model, Device device,
               const SessionOptions& session, std::shared_ptr<const Steering> steering);
  ~ScoreDecoder();

  /// Decodes all utterances of the source: one at a time on the CPU, as many as the device does
  /// well on a GPU, block by block. An exception of source or on_final ends the run.
  void run(const Source& source);

 private:
  /// An utterance on its way through the search.
  struct Work;

  /// Takes utterances until there is enough to do.
  void fill(const Source& source);
  /// Searches the next block of each.
  void advance();

  std::shared_ptr<const DecodingModel> model_;
  const SessionOptions session_;
  std::shared_ptr<const Steering> steering_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<BeamSearch> search_;
  std::mutex device_;  ///< of search_, for no other thread
  std::list<Work> works_;
  bool is_at_end_ = false;
  std::vector<float> block_;  ///< of all works, row after row
};

}  // namespace harpy

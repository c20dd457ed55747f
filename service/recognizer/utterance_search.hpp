#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "decoder/blank_skipping.hpp"
#include "decoder/endpoint.hpp"
#include "decoder/lattice/least_errors.hpp"
#include "decoder/path_summary.hpp"
#include "decoder/search/beam_search.hpp"
#include "frontend/ivector/frame_weights.hpp"
#include "service/recognizer/decoding_model.hpp"
#include "service/recognizer/recognizer_options.hpp"
#include "service/recognizer/session_event.hpp"
#include "service/recognizer/steering.hpp"

namespace harpy {

/// A search that threads share, each with streams of its own. Whoever asks the search's device for
/// something, such as a lattice, holds `device`.
struct SharedSearch {
  BeamSearch& search;
  std::mutex& device;
};

/// The search of one session: utterance after utterance, whichever program the log-likelihoods are
/// from. At an endpoint the search begins anew, while features and network go on.
///
/// After each block that was searched, `settle` looks at the best path and tells what is new.
/// Threads: one worker at a time.
class UtteranceSearch {
 public:
  UtteranceSearch(std::shared_ptr<const DecodingModel> model, const SessionOptions& options);

  /// Says what the search is steered by, before the first block.
  void steer(std::shared_ptr<const Steering> steering) { steering_ = std::move(steering); }

  /// Makes the next block's input of a search; it has no frames where blank skipping leaves
  /// none. The log-likelihoods are changed and must stay in place until they are searched.
  /// Shapes: log_likelihoods [frames, pdfs] on the device.
  SearchInput next_input(const Backend& backend, BeamSearch& search, TensorView log_likelihoods);

  /// After the block's search: tests for an endpoint and sends a kFinal or a kPartial, if there is
  /// something new.
  void settle(const SharedSearch& shared, const EventHandler& handler);

  /// How much frames count by the paths after the last block that was settled, if the model weighs
  /// them.
  const std::optional<FrameWeights>& frame_weights() const { return frame_weights_; }

  /// After the last block: sends the kFinal of the running utterance, which may have no words.
  void end(const SharedSearch& shared, const EventHandler& handler);

 private:
  /// A best path without its decided steps.
  BestPath end_of_path(BeamSearch& search, bool final);
  /// What such a path says in all, together with the decided steps.
  PathSummary summary_of(const BestPath& end) const;
  /// The whole of such a path.
  std::vector<PathStep> steps_of(BeamSearch& search, const BestPath& end) const;
  EndpointState endpoint_state(const PathSummary& path) const;
  /// Sends a kSpeechStart, if it is wanted and the path is the utterance's first with speech.
  void tell_start(const PathSummary& path, const EventHandler& handler);
  /// Sends a kPartial if its text is not that of the last one; `words` are those of the whole path.
  void tell_partial(BeamSearch& search, const BestPath& end, std::vector<std::int32_t> words,
                    const EventHandler& handler);
  /// The running utterance is over.
  void begin_anew();
  /// Weighs the frames of the running utterance, by its best path without the decided steps.
  void weigh_frames(BeamSearch& search, const BestPath& end);
  /// Until there is a path, frames count as silence.
  void weigh_as_silence();
  SessionEvent make_event(EventKind kind, std::span<const PathStep> steps) const;
  /// A kFinal with all that was asked for.
  SessionEvent make_final(const SharedSearch& shared, std::vector<PathStep> steps) const;
  std::shared_ptr<const Lattice> lattice_of(const SharedSearch& shared) const;
  std::vector<RecognizedWord> words_of(std::span<const PathStep> steps) const;
  /// Whether the larger n-gram model decides on finals.
  bool rescores() const;
  /// Whether the search keeps a lattice of the utterances.
  bool keeps_lattice() const;
  /// Whether the words of finals are those of least expected errors.
  bool minimizes_errors() const;
  /// Whether the model asks for a least confidence and no word has it.
  bool is_taken_for_noise(const LeastErrors& least) const;
  /// Whether the session has no closed grammar in place of the model's graph.
  bool searches_models_graph() const;
  /// The words of least expected errors; `path_words` are those of their path.
  std::vector<RecognizedWord> likely_words(const LeastErrors& least,
                                           std::vector<RecognizedWord> path_words) const;
  /// The lattice with the costs of the larger n-gram model; nothing if that takes too long.
  std::optional<CompactLattice> rescored(const CompactLattice& lattice) const;
  void add_phones(std::span<const PathStep> steps, std::vector<RecognizedWord>& words) const;
  void add_confidences(const CompactLattice& lattice, std::span<const PathStep> steps,
                       std::vector<RecognizedWord>& words) const;
  std::vector<Alternative> alternatives_of(const CompactLattice& lattice) const;
  /// When a frame of the running utterance begins.
  double seconds(std::int64_t frame) const;

  std::shared_ptr<const DecodingModel> model_;
  std::shared_ptr<const Steering> steering_;
  SessionOptions options_;
  std::vector<EndpointRule> endpoint_rules_;

  std::unique_ptr<SearchStream> stream_;  ///< of the running utterance; opened with its first block
  BlankSkipper skipper_;                  ///< in front of stream_
  std::int64_t begin_frame_ = 0;          ///< of the running utterance, from the session's start
  PathSummary decided_;                   ///< of the decided steps of the running utterance
  std::optional<FrameWeights> frame_weights_;
  std::vector<std::int32_t> told_words_;  ///< of the last path whose text was that of partial_text_
  std::string partial_text_;              ///< of the last kPartial
  bool has_told_start_ = false;           ///< whether the running utterance's kSpeechStart was sent
};

}  // namespace harpy

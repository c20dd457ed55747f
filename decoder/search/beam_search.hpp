#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "acoustic/backend/tensor.hpp"
#include "decoder/graph/added_words.hpp"
#include "decoder/graph/decoding_graph.hpp"
#include "decoder/graph/phrase_automaton.hpp"
#include "decoder/lattice/lattice.hpp"

namespace harpy {

struct BeamSearchOptions {
  /// Tokens whose cost exceeds that of the frame's best by more than this are dropped. A larger
  /// beam makes fewer search errors and is slower.
  float beam = 15.0F;
  /// A lattice keeps the paths whose cost exceeds the best path's by at most this. A larger one
  /// gives richer lattices and takes more memory.
  float lattice_beam = 8.0F;
  /// At most this many tokens, the best ones, go on to the next frame.
  std::int32_t max_active = 10000;
  /// At least this many tokens are kept even outside the beam, where so many exist.
  std::int32_t min_active = 200;
  /// Whether streams keep what `lattice` needs, unless they are opened otherwise. It takes time,
  /// and memory for each second of audio.
  bool keep_lattice = false;
  /// Factor on the log-likelihoods.
  float acoustic_scale = 1.0F;
};

/// One step along a path that consumed a frame or put out a word.
struct PathStep {
  std::int32_t frame =
      0;  ///< counted from the stream's start; an epsilon step carries the frame it follows
  std::int32_t input = 0;   ///< label of the arc, 0 for an epsilon step
  std::int32_t output = 0;  ///< word id, or 0
};

/// The best path through the frames seen so far.
struct BestPath {
  std::vector<PathStep> steps;  ///< in order of time; epsilon steps without a word are left out
  double cost =
      0.0;  ///< graph_cost + acoustic_scale * acoustic cost, final cost included if reached
  double graph_cost = 0.0;     ///< what phrases give and take back included
  bool reached_final = false;  ///< false: no live state was final, the best live state was taken

  /// Whether the graph has a path for the frames.
  bool exists() const { return cost < std::numeric_limits<double>::infinity(); }
};

/// What a stream searches.
struct StreamSteering {
  /// In place of the search's own graph, such as a closed grammar; of as many pdfs. Null: the
  /// search's own.
  std::shared_ptr<const DecodingGraph> graph = nullptr;
  /// Phrases of words that are boosted. Null: none.
  std::shared_ptr<const PhraseAutomaton> phrases = nullptr;
  /// Words that the graph lacks, made for it. Null: none.
  std::shared_ptr<const AddedWords> added_words = nullptr;
  /// Whether the stream keeps a lattice. Unset: as the search's options say.
  std::optional<bool> keep_lattice = std::nullopt;
};

/// The mutable part of a search: the tokens of one utterance. A stream needs little memory, so
/// there may be thousands of them.
class SearchStream {
 public:
  virtual ~SearchStream() = default;

  /// The number of frames that have been consumed.
  virtual std::int64_t frame_count() const = 0;
  /// The tokens that are alive behind these frames: the paths that are still followed.
  virtual std::int32_t active_count() const = 0;
};

/// A piece of work for BeamSearch::advance.
struct SearchInput {
  SearchStream* stream = nullptr;
  ConstTensorView log_likelihoods;  ///< [frames, pdfs], natural logarithms
};

/// Viterbi beam search over a decoding graph ("token passing"), defined without reference to any
/// order of work (docs/architecture.md, "The search"): the same scores give the same bits on every
/// device.
///
/// Threads: a BeamSearch is used by one thread at a time; a stream may move between searches of one
/// kind that have the same graph.
class BeamSearch {
 public:
  virtual ~BeamSearch() = default;

  /// A new stream, without frames. What the steering names is shared by all streams that name it
  /// too; on a device the first of them takes it there. Streams of all kinds may stand in a batch;
  /// those without a lattice cost what they cost alone.
  /// Errors: std::invalid_argument for a graph of another number of pdfs.
  virtual std::unique_ptr<SearchStream> open(const StreamSteering& steering) = 0;
  std::unique_ptr<SearchStream> open() { return open(StreamSteering{}); }
  std::unique_ptr<SearchStream> open(bool keep_lattice) {
    return open(StreamSteering{.keep_lattice = keep_lattice});
  }

  /// Consumes the frames of every input. A stream may stand in a batch only once.
  /// Errors: std::invalid_argument if the number of pdfs differs from the graph's.
  virtual void advance(std::span<const SearchInput> batch) = 0;

  /// The best path through the frames consumed so far. With `final` it must end in a final state
  /// and the final cost counts, if any live state is final. Of paths of equal cost the one that
  /// ends in the lower state wins. Before the first frame the path is empty; where the graph has no
  /// path for the frames it is empty too, and its cost is infinite.
  BestPath best_path(SearchStream& stream, bool final);

  /// The first steps of the best path, which all paths share: they stay as they are while further
  /// ones come behind them. Valid until the stream's next advance.
  /// Threads: this and best_end may be called for different streams at once, also while the search
  /// advances others.
  virtual std::span<const PathStep> decided_steps(SearchStream& stream) = 0;
  /// As best_path, but without the decided steps. If there is no path, neither do these count.
  virtual BestPath best_end(SearchStream& stream, bool final) = 0;

  /// The paths whose cost exceeds the best path's by at most lattice_beam, as far as the beam has
  /// not dropped them. They end in final states if any live state is final. Empty if there is no
  /// path. Errors: std::invalid_argument for a stream that keeps none.
  virtual Lattice lattice(const SearchStream& stream) const = 0;
};

}  // namespace harpy

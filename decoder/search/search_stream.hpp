#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "decoder/search/beam_search.hpp"
#include "decoder/search/lattice_store.hpp"
#include "decoder/search/program/lane.hpp"

namespace harpy::token_passing {

/// Where a path has come to.
struct PathPlace {
  std::int32_t frames = 0;
  std::uint32_t context = 0;
  double graph_cost = 0.0;
};

/// A search stream at rest in host memory: the live tokens, the part of the past on which their
/// paths differ, and the steps before it, which all paths share and which are therefore decided.
struct RestingStream final : SearchStream {
  /// `own` is the graph of the search, `steering` what the stream searches in its place.
  RestingStream(const std::shared_ptr<const DecodingGraph>& own, const StreamSteering& steering,
                bool keeps_its_lattice)
      : search_graph(own),
        graph(steering.graph ? steering.graph : own),
        steered(steering),
        keeps_lattice(keeps_its_lattice) {}

  std::int64_t frame_count() const override { return frames; }
  std::int32_t active_count() const override { return static_cast<std::int32_t>(active.size()); }

  /// What the stream searches, on the host.
  Searched searched() const;

  /// Appends arcs that all live paths have taken to the decided steps.
  void settle(std::span<const std::uint32_t> arcs);

  std::shared_ptr<const DecodingGraph> search_graph;  ///< of the search that opened the stream
  std::shared_ptr<const DecodingGraph> graph;         ///< that the stream searches
  StreamSteering steered;                             ///< what steers the stream
  bool keeps_lattice = false;
  std::int64_t frames = 0;
  double cost_offset = 0.0;  ///< absolute cost of a token = cost_offset + its cost
  std::vector<ActiveToken> active;
  LatticeStore past;  ///< only its history is used where no lattice is kept
  std::uint32_t history_root = kNone;

  std::vector<PathStep> decided_steps;
  PathPlace decided_place;  ///< behind the decided steps
};

/// Appends the steps of arcs, oldest first, to a path that has come to `place`.
void append_steps(const Searched& searched, std::span<const std::uint32_t> arcs,
                  std::vector<PathStep>& steps, PathPlace& place);

/// The end of a stream's best path; see BeamSearch::best_end. Equal costs: the lower state wins.
BestPath trace_best_end(const RestingStream& stream, bool final);

/// Errors: std::invalid_argument if a stream is missing or stands in the batch twice, or if scores
/// are not a matrix [frames, pdfs].
void check_batch(std::span<const SearchInput> batch, const DecodingGraph& graph);

/// The streams of a batch as what this kind of search works on.
/// Errors: those of check_batch; std::invalid_argument for a stream of another kind or graph.
std::vector<RestingStream*> checked_streams(std::span<const SearchInput> batch,
                                            const DecodingGraph& graph);
const RestingStream& checked_stream(const SearchStream& stream, const DecodingGraph& graph);
RestingStream& checked_stream(SearchStream& stream, const DecodingGraph& graph);

/// Puts views together. With added words but no phrases, `phrases` are those of no words.
Searched make_searched(const GraphView& graph, const PhraseView& phrases,
                       const AddedWordsView& added);

/// Completes steering for the search: with added words there is always a set of phrases too, which
/// may be empty.
/// Errors: std::invalid_argument for a graph of another number of pdfs.
StreamSteering checked_steering(StreamSteering steering, const DecodingGraph& graph);

/// Errors: std::invalid_argument naming the option that is out of range.
void check_options(const BeamSearchOptions& options);

/// Errors: std::invalid_argument if a lattice is asked for of a stream that keeps none.
void check_keeps_lattice(bool keeps_lattice);

/// A lane that searches the graph with these options, as yet without memory.
Lane make_lane(const GraphView& graph, const BeamSearchOptions& options);

}  // namespace harpy::token_passing

#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "decoder/search/beam_search.hpp"
#include "decoder/search/cpu/lane_memory.hpp"
#include "decoder/search/program/block.hpp"
#include "decoder/search/search_stream.hpp"

namespace harpy::token_passing {

/// Runs advance_block on a lane in host memory, by whatever team of threads, always to its end.
using BlockRunner = std::function<void(Lane&, LaneMemory&, SearchBlock&)>;

/// Beam search in host memory: one lane, through which the streams of a batch pass one after
/// another.
class LaneBeamSearch final : public BeamSearch {
 public:
  /// Errors: std::invalid_argument for options out of range.
  LaneBeamSearch(std::shared_ptr<const DecodingGraph> graph, const BeamSearchOptions& options,
                 BlockRunner run_block);

  using BeamSearch::open;
  std::unique_ptr<SearchStream> open(const StreamSteering& steering) override;
  void advance(std::span<const SearchInput> batch) override;
  std::span<const PathStep> decided_steps(SearchStream& stream) override;
  BestPath best_end(SearchStream& stream, bool final) override;
  Lattice lattice(const SearchStream& stream) const override;

 private:
  void advance_stream(RestingStream& stream, ConstTensorView log_likelihoods);
  void load(RestingStream& stream);
  void store(RestingStream& stream);

  std::shared_ptr<const DecodingGraph> graph_;
  BeamSearchOptions options_;
  BlockRunner run_block_;
  Lane lane_;
  LaneMemory memory_;
};

}  // namespace harpy::token_passing

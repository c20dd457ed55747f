#include "decoder/search/cpu/lane_beam_search.hpp"
#include "decoder/search/make_beam_search.hpp"

namespace harpy {

namespace {

using namespace token_passing;

/// Searches a block with all phases in one function, which is compiled for each instruction set.
[[gnu::target_clones("avx2", "default"), gnu::flatten]] void advance_block_on_cpu(
    Lane& lane, LaneMemory& memory, SearchBlock& block) {
  advance_block<PlainAccess>(SerialExecutor{}, lane, memory, block);
}

}  // namespace

std::unique_ptr<BeamSearch> make_cpu_beam_search(std::shared_ptr<const DecodingGraph> graph,
                                                 const BeamSearchOptions& options) {
  return std::make_unique<LaneBeamSearch>(std::move(graph), options, advance_block_on_cpu);
}

}  // namespace harpy

#include "decoder/search/cpu/lane_beam_search.hpp"

#include <algorithm>
#include <utility>

#include "decoder/search/cpu/lattice_window.hpp"
#include "decoder/search/cpu/resting_array.hpp"
#include "decoder/search/stream_lattice.hpp"

namespace harpy::token_passing {

LaneBeamSearch::LaneBeamSearch(std::shared_ptr<const DecodingGraph> graph,
                               const BeamSearchOptions& options, BlockRunner run_block)
    : graph_(std::move(graph)),
      options_(options),
      run_block_(std::move(run_block)),
      lane_(make_lane(graph_->view(), options)),
      memory_(lane_) {
  check_options(options);
}

std::unique_ptr<SearchStream> LaneBeamSearch::open(const StreamSteering& steering) {
  return std::make_unique<RestingStream>(graph_, checked_steering(steering, *graph_),
                                         steering.keep_lattice.value_or(options_.keep_lattice));
}

void LaneBeamSearch::advance(std::span<const SearchInput> batch) {
  const std::vector<RestingStream*> streams = checked_streams(batch, *graph_);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    advance_stream(*streams[i], batch[i].log_likelihoods);
  }
}

std::span<const PathStep> LaneBeamSearch::decided_steps(SearchStream& stream) {
  return checked_stream(stream, *graph_).decided_steps;
}

BestPath LaneBeamSearch::best_end(SearchStream& stream, bool final) {
  return trace_best_end(checked_stream(stream, *graph_), final);
}

Lattice LaneBeamSearch::lattice(const SearchStream& stream) const {
  const RestingStream& resting = checked_stream(stream, *graph_);
  check_keeps_lattice(resting.keeps_lattice);
  return make_lattice(resting, options_.lattice_beam);
}

void LaneBeamSearch::advance_stream(RestingStream& stream, ConstTensorView log_likelihoods) {
  const std::int64_t frame_count = log_likelihoods.rows();
  const auto pdf_count = static_cast<std::uint32_t>(log_likelihoods.dim());
  if (frame_count == 0) return;
  memory_.reserve_scores(pdf_count * static_cast<std::uint32_t>(kMostBlockFrames));
  load(stream);
  for (std::int64_t begin = 0; begin < frame_count; begin += kMostBlockFrames) {
    const std::int64_t block_frames = std::min(kMostBlockFrames, frame_count - begin);
    SearchBlock block{.log_likelihoods = log_likelihoods.data + begin * pdf_count,
                      .acoustic_costs = memory_.scores(),
                      .frame_count = static_cast<std::uint32_t>(block_frames),
                      .pdf_count = pdf_count,
                      .acoustic_scale = options_.acoustic_scale,
                      .starts_stream = stream.frames == 0};
    run_block_(lane_, memory_, block);
    stream.frames += block_frames;
  }
  store(stream);
}

/// The stream's tokens go into the lane.
void LaneBeamSearch::load(RestingStream& stream) {
  const auto active_count = static_cast<std::uint32_t>(stream.active.size());
  static_cast<Searched&>(lane_) = stream.searched();
  memory_.reserve_active(lane_, active_count);
  std::copy(stream.active.begin(), stream.active.end(), lane_.active);
  lane_.active_count = active_count;
  lane_.history_root = stream.history_root;
  lane_.cost_offset = stream.cost_offset;
  lane_.keep_lattice = stream.keeps_lattice;
  if (stream.keeps_lattice) {
    enter_window(stream.past, lane_, memory_);
    return;
  }
  const std::vector<HistoryToken>& history = stream.past.history;
  lane_.history_count = static_cast<std::uint32_t>(history.size());
  memory_.reserve_history(lane_, lane_.history_count);
  lane_.rested_count = lane_.looked_at_count = lane_.history_count;
  std::copy(history.begin(), history.end(), lane_.history);
}

/// What is left of the lane's tokens goes back into the stream.
void LaneBeamSearch::store(RestingStream& stream) {
  if (stream.keeps_lattice) leave_window(lane_, stream.past);
  resize_tightly(stream.active, lane_.active_count);
  std::copy_n(lane_.active, lane_.active_count, stream.active.begin());
  stream.history_root = lane_.history_root;
  stream.cost_offset = lane_.cost_offset;
  if (stream.keeps_lattice) return;
  resize_tightly(stream.past.history, lane_.history_count);
  std::copy_n(lane_.history, lane_.history_count, stream.past.history.begin());
  stream.settle(memory_.settled_arcs());
  memory_.settled_arcs().clear();
}

}  // namespace harpy::token_passing

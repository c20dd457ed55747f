#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "acoustic/backend/phase.hpp"
#include "decoder/search/frame.hpp"
#include "decoder/search/history.hpp"
#include "decoder/search/lane_memory.hpp"
#include "decoder/search/search_stream.hpp"

namespace harpy {

/// Beam search in host memory by any team of threads: one lane, through which the streams of a
/// batch pass one after another.
template <typename Team, typename Access>
class PhaseBeamSearch final : public BeamSearch {
 public:
  /// Errors: std::invalid_argument for options out of range.
  PhaseBeamSearch(std::shared_ptr<const DecodingGraph> graph, const BeamSearchOptions& options,
                  Team team)
      : graph_(std::move(graph)), options_(options), team_(std::move(team)), memory_(lane_) {
    check_options(options);
    lane_.graph = graph_->view();
    lane_.beam = options.beam;
    lane_.min_active = static_cast<std::uint32_t>(options.min_active);
    lane_.max_active = static_cast<std::uint32_t>(options.max_active);
  }

  std::unique_ptr<SearchStream> open() const override {
    return std::make_unique<RestingStream>(graph_);
  }

  void advance(std::span<const SearchInput> batch) override {
    const std::vector<RestingStream*> streams = checked_streams(batch, *graph_);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      advance_stream(*streams[i], batch[i].log_likelihoods);
    }
  }

  BestPath best_path(const SearchStream& stream, bool final) const override {
    return trace_best_path(checked_stream(stream, *graph_), final);
  }

 private:
  /// The history is pruned in the middle of a block when it holds this many tokens more than the
  /// last pruning left.
  static constexpr std::uint32_t kHistoryGrowth = 1U << 18;

  void advance_stream(RestingStream& stream, ConstTensorView log_likelihoods) {
    const auto frame_count = static_cast<std::uint32_t>(log_likelihoods.rows());
    if (frame_count == 0) return;
    const auto pdf_count = static_cast<std::uint32_t>(log_likelihoods.dim());
    memory_.reserve_scores(frame_count * pdf_count);
    float* scores = memory_.scores();
    load(stream);
    team_.launch([&](const auto& executor) {
      executor.run(ScaleScores{log_likelihoods.data, scores, frame_count * pdf_count,
                               options_.acoustic_scale});
      if (stream.frames == 0) start_search<Access>(executor, lane_, memory_);
      std::uint32_t history_limit = lane_.history_count + kHistoryGrowth;
      for (std::uint32_t frame = 0; frame < frame_count; ++frame) {
        executor.alone([&] { lane_.acoustic_costs = scores + frame * pdf_count; });
        advance_frame<Access>(executor, lane_, memory_);
        if (lane_.history_count >= history_limit || frame + 1 == frame_count) {
          prune_history<Access>(executor, lane_, memory_);
          history_limit = lane_.history_count + kHistoryGrowth;
        }
      }
    });
    store(stream, frame_count);
  }

  /// The stream's tokens go into the lane.
  void load(const RestingStream& stream) {
    const auto active_count = static_cast<std::uint32_t>(stream.active.size());
    const auto history_count = static_cast<std::uint32_t>(stream.history.size());
    memory_.reserve_active(lane_, active_count);
    memory_.reserve_history(lane_, history_count);
    std::copy(stream.active.begin(), stream.active.end(), lane_.active);
    std::copy(stream.history.begin(), stream.history.end(), lane_.history);
    lane_.active_count = active_count;
    lane_.history_count = history_count;
    lane_.history_root = stream.history_root;
    lane_.cost_offset = stream.cost_offset;
  }

  /// What is left of the lane's tokens goes back into the stream.
  void store(RestingStream& stream, std::uint32_t frame_count) {
    stream.active.assign(lane_.active, lane_.active + lane_.active_count);
    stream.history.assign(lane_.history, lane_.history + lane_.history_count);
    stream.history_root = lane_.history_root;
    stream.cost_offset = lane_.cost_offset;
    stream.frames += frame_count;
    stream.settle(memory_.settled_arcs());
    memory_.settled_arcs().clear();
  }

  std::shared_ptr<const DecodingGraph> graph_;
  BeamSearchOptions options_;
  Team team_;
  Lane lane_;
  LaneMemory memory_;
};

}  // namespace harpy

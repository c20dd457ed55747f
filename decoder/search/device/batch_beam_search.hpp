#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "acoustic/backend/device_buffer.hpp"
#include "decoder/graph/device_added_words.hpp"
#include "decoder/graph/device_copies.hpp"
#include "decoder/graph/device_graph.hpp"
#include "decoder/graph/device_phrases.hpp"
#include "decoder/search/beam_search.hpp"
#include "decoder/search/device/device_lane.hpp"
#include "decoder/search/device/device_stream.hpp"
#include "decoder/search/device/lane_runner.hpp"

namespace harpy::token_passing {

struct BatchSearchOptions {
  /// At most this many streams are searched at once. More lanes use more of the device, and each
  /// one takes its memory when a batch first needs it.
  std::uint32_t lane_count = 1;
  /// Room that a new lane, a stream at rest and the lanes' common output begin with. More room
  /// means fewer interruptions at first and more memory. A kind of room left at 0 begins as
  /// usual_rooms says.
  RoomSizes first_rooms;
};

/// Beam search on a device for many streams at once: the streams of a batch pass through the lanes,
/// a block of frames at a time. Only scores and tasks go to the device; only tasks and the arcs of
/// best paths come back.
///
/// After an error of the device, such as a lack of memory, the streams of the batch cannot be used
/// any more; the search and its other streams can.
class BatchBeamSearch final : public BeamSearch {
 public:
  /// Errors: std::invalid_argument for options out of range.
  BatchBeamSearch(std::shared_ptr<const DeviceGraph> graph, const BeamSearchOptions& options,
                  std::unique_ptr<LaneRunner> runner, const BatchSearchOptions& batch_options);
  ~BatchBeamSearch() override;

  using BeamSearch::open;
  std::unique_ptr<SearchStream> open(const StreamSteering& steering) override;
  /// The log-likelihoods of a batch are on the host or on the device, all in the same place.
  void advance(std::span<const SearchInput> batch) override;
  std::span<const PathStep> decided_steps(SearchStream& stream) override;
  BestPath best_end(SearchStream& stream, bool final) override;
  Lattice lattice(const SearchStream& stream) const override;

  /// What the lanes have done, for tests and benchmarks.
  struct Statistics {
    std::uint64_t launch_count = 0;
    std::uint64_t block_count = 0;          ///< of all streams
    std::uint64_t stopped_block_count = 0;  ///< that took further launches for want of room
    std::uint64_t near_frame_count = 0;     ///< frames whose table was in the lane's near memory
    std::uint64_t retried_frame_count = 0;  ///< frames begun again with a larger table
    RoomSizes enlarged_counts;              ///< how often each kind of room was too small
    std::size_t lane_bytes = 0;             ///< working memory of all lanes
  };
  Statistics statistics() const;

 private:
  class Lanes;

  /// Errors: std::invalid_argument for a stream that no search of this kind has opened.
  template <typename Resting, typename Stream>
  Resting& checked(Stream& stream) const;

  std::shared_ptr<const DeviceGraph> graph_;
  BeamSearchOptions options_;
  std::unique_ptr<Lanes> lanes_;
  // What streams search in place of the search's own graph, or follow besides.
  DeviceCopies<DecodingGraph, DeviceGraph> stream_graphs_;
  DeviceCopies<PhraseAutomaton, DevicePhrases> stream_phrases_;
  DeviceCopies<AddedWords, DeviceAddedWords> stream_words_;
};

}  // namespace harpy::token_passing

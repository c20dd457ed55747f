#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "acoustic/backend/device_buffer.hpp"
#include "decoder/graph/device_added_words.hpp"
#include "decoder/graph/device_graph.hpp"
#include "decoder/graph/device_phrases.hpp"
#include "decoder/search/device/lane_task.hpp"
#include "decoder/search/program/cost.hpp"
#include "decoder/search/search_stream.hpp"

namespace harpy::token_passing {

/// What a stream searches, on the device.
struct DeviceSteering {
  std::shared_ptr<const DeviceGraph> graph;
  std::shared_ptr<const DevicePhrases> phrases;         ///< null: none
  std::shared_ptr<const DeviceAddedWords> added_words;  ///< null: none
};

/// A search stream at rest on a device. Its live tokens and the part of the past on which their
/// paths differ stay there. The host has the decided steps of the best path, which all paths share,
/// and the arcs of its two possible ends (without and with final costs).
class DeviceStream final : public SearchStream {
 public:
  /// `search_graph` is that of the search, `steering` what the stream searches; `first_rooms` says
  /// how much it has room for at first: tokens at rest, or the frames, tokens and links of a
  /// lattice.
  DeviceStream(std::shared_ptr<const DeviceGraph> search_graph, DeviceSteering steering,
               bool keep_lattice, const RoomSizes& first_rooms);

  std::int64_t frame_count() const override { return decided_.frames; }
  std::int32_t active_count() const override { return static_cast<std::int32_t>(active_count_); }
  const DeviceGraph& search_graph() const { return *search_graph_; }
  bool keeps_lattice() const { return keep_lattice_; }

  /// Bytes that it holds on the device.
  std::size_t device_bytes() const;

  /// Tells a lane's task where the stream's tokens are, so that the lane can load them. The first
  /// time the stream takes the memory that it begins with.
  void enter(LaneTask& task);
  /// Enlarges each array that is smaller than the task needs, to twice its size at least. The
  /// lattice keeps its contents.
  void make_room(LaneTask& task);
  /// Takes the arcs that the lane has delivered: settled ones and those of the two ends. What they
  /// mean is looked up when it is asked for.
  void accept_arcs(const LaneTask& task, std::span<const std::uint32_t> arcs);
  /// Takes the counts of the task once the lane has stored the stream, which has consumed
  /// `frame_count` frames more.
  void leave(const LaneTask& task, std::int64_t frame_count);

  /// See BeamSearch. The stream must be at rest; for best_end its ends must have been traced.
  std::span<const PathStep> decided_steps();
  BestPath best_end(bool final);
  Lattice lattice(float lattice_beam) const;

 private:
  struct End {
    std::uint64_t key = kNoPathEnd;
    std::vector<std::uint32_t> arcs;  ///< behind the decided ones, oldest first
  };

  StreamSteering host_steering() const;
  void take_first_memory();
  void set_capacities(LaneTask& task) const;
  void lend_lattice(LaneTask& task);

  std::shared_ptr<const DeviceGraph> search_graph_;
  DeviceSteering steering_;
  bool keep_lattice_;
  RoomSizes first_rooms_;
  RestingStream decided_;  ///< frames, cost offset and decided steps; its tokens are on the device
  std::uint32_t active_count_ = 0;
  std::uint32_t history_count_ = 0;
  std::uint32_t looked_at_count_ = 0;  ///< see Lane
  std::uint32_t history_root_ = kNone;
  DeviceBuffer<ActiveToken> active_;
  DeviceBuffer<HistoryToken> history_;
  std::vector<std::uint32_t> new_arcs_;  ///< settled ones that are no decided steps yet
  End end_;
  End final_end_;

  // With a lattice; see LatticeStore.
  std::uint32_t lattice_frame_count_ = 0;
  std::uint32_t pruned_frame_count_ = 0;
  std::uint32_t link_count_ = 0;
  std::uint32_t root_frame_ = 0;
  std::uint32_t settled_frame_count_ = 0;
  DeviceBuffer<SearchState> states_;
  DeviceBuffer<std::uint32_t> extras_;
  DeviceBuffer<std::uint32_t> token_begins_;
  DeviceBuffer<LatticeLink> links_;
  DeviceBuffer<std::uint32_t> link_ends_;
};

}  // namespace harpy::token_passing

#include "decoder/search/device/device_lane.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "decoder/search/search_stream.hpp"

namespace harpy::token_passing {

namespace {

/// Arrays begin at multiples of so many bytes.
constexpr std::size_t kAlignment = 256;
/// The usual room is for at most so many active tokens, whatever max_active says.
constexpr std::uint32_t kMostActive = 16384;
/// Tokens of the past on which the paths of a stream at rest differ.
constexpr std::uint32_t kUsualRestingHistory = 98304;
/// Frames of an utterance.
constexpr std::uint32_t kUsualLatticeFrames = 512;

constexpr std::initializer_list<Room> kLaneRooms{
    Room::kActive,  Room::kPositions,   Room::kCandidates, Room::kTokens, Room::kSlotBits,
    Room::kHistory, Room::kMovedTokens, Room::kMovedLinks, Room::kTail};

/// Places arrays one behind another. Without a base it only counts.
class Placement {
 public:
  explicit Placement(std::byte* base) : base_(base) {}

  template <typename T>
  T* take(std::size_t count) {
    std::byte* const place = base_ == nullptr ? nullptr : base_ + size_;
    size_ += (count * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    return reinterpret_cast<T*>(place);
  }

  std::size_t size() const { return size_; }

 private:
  std::byte* base_;
  std::size_t size_ = 0;
};

/// Points the task at its arrays; see Lane for their sizes. Phases may write one item beyond some
/// of them.
void place_arrays(Placement& placement, LaneTask& task) {
  Lane& lane = task.lane;
  LaneArena& arena = task.arena;
  const RoomSizes& room = arena.capacity;
  const std::size_t active = room[Room::kActive];
  const std::size_t positions = room[Room::kPositions];
  const std::size_t tokens = room[Room::kTokens];
  lane.active = placement.take<ActiveToken>(active + 1);
  lane.arc_shifts = placement.take<std::uint32_t>(active);
  lane.arc_offsets = placement.take<std::uint32_t>(active + 1);
  lane.position_tokens = placement.take<std::uint32_t>(positions + 1);
  lane.position_costs = placement.take<float>(positions);
  lane.kept_positions = placement.take<std::uint32_t>(positions + 1);
  lane.candidates = placement.take<Candidate>(std::size_t{room[Room::kCandidates]} + 1);
  lane.candidate_contexts = placement.take<ContextStep>(std::size_t{room[Room::kCandidates]} + 1);
  lane.token_slots = placement.take<std::uint32_t>(tokens + 1);
  lane.token_states = placement.take<SearchState>(tokens + 1);
  lane.token_keys = placement.take<std::uint64_t>(tokens);
  lane.epsilon_tokens = placement.take<EpsilonToken>(tokens + 1);
  lane.segment_ends = placement.take<std::uint32_t>(kMostSegments);
  lane.remaining_keys = placement.take<std::uint64_t>(std::max(positions, tokens) + 1);
  arena.slots = placement.take<HashSlot>(std::size_t{1} << room[Room::kSlotBits]);
  arena.slot_previous = placement.take<std::uint32_t>(std::size_t{1} << room[Room::kSlotBits]);
  task.block.acoustic_costs =
      placement.take<float>(static_cast<std::size_t>(kMostBlockFrames * lane.graph.pdf_count));
  task.end.arcs = placement.take<std::uint32_t>(room[Room::kTail]);
  task.final_end.arcs = placement.take<std::uint32_t>(room[Room::kTail]);

  // For streams without a lattice and for those with one; both use most of it.
  const std::size_t history = room[Room::kHistory];
  const std::size_t moved_tokens = room[Room::kMovedTokens];
  task.lane_history = placement.take<HistoryToken>(history);
  task.lane_history_spare = placement.take<HistoryToken>(std::max(history, moved_tokens));
  lane.history_marks = placement.take<std::uint32_t>(std::max(history, moved_tokens) + 1);
  lane.follower_counts = placement.take<std::uint32_t>(std::max(history, moved_tokens));
  lane.followers = placement.take<std::uint32_t>(std::max(history, moved_tokens));
  arena.settled = placement.take<std::uint32_t>(std::max(history, moved_tokens));
  lane.former_extras = placement.take<std::uint32_t>(tokens);
  lane.states_spare = placement.take<SearchState>(moved_tokens);
  lane.extras_spare = placement.take<std::uint32_t>(moved_tokens);
  lane.link_marks = placement.take<std::uint32_t>(std::size_t{room[Room::kMovedLinks]} + 1);
  lane.links_spare = placement.take<LatticeLink>(room[Room::kMovedLinks]);
}

}  // namespace

RoomSizes usual_rooms(const GraphView& graph, const BeamSearchOptions& options) {
  const std::uint32_t active =
      std::min({static_cast<std::uint32_t>(options.max_active),
                static_cast<std::uint32_t>(graph.state_count), kMostActive});
  RoomSizes rooms;
  rooms[Room::kActive] = active;
  rooms[Room::kPositions] = 16 * active;
  rooms[Room::kCandidates] = 4 * active;
  rooms[Room::kTokens] = 3 * active;
  rooms[Room::kSlotBits] = slot_bits_for(3 * active);
  rooms[Room::kHistory] = 24 * active;
  if (options.keep_lattice) {
    rooms[Room::kMovedTokens] = 8 * active;
    rooms[Room::kMovedLinks] = 16 * active;
  }
  rooms[Room::kTail] = 512;
  rooms[Room::kRestingActive] = active;
  rooms[Room::kRestingHistory] = kUsualRestingHistory;
  // What the frames that are not pruned yet have, and some seconds that are.
  rooms[Room::kLatticeFrames] = kUsualLatticeFrames;
  rooms[Room::kLatticeTokens] = 14 * active;
  rooms[Room::kLatticeLinks] = 20 * active;
  return rooms;
}

DeviceLane::DeviceLane(std::shared_ptr<DeviceMemory> memory, const GraphView& graph,
                       const BeamSearchOptions& options, const RoomSizes& rooms)
    : memory_(std::move(memory)) {
  task.lane = make_lane(graph, options);
  task.block.pdf_count = static_cast<std::uint32_t>(graph.pdf_count);
  task.block.acoustic_scale = options.acoustic_scale;
  for (const Room room : kLaneRooms) task.arena.capacity[room] = rooms[room];
  RoomSizes& capacity = task.arena.capacity;
  capacity[Room::kSlotBits] = std::max(capacity[Room::kSlotBits], slot_bits_for(0));
  allocate();
}

void DeviceLane::allocate() {
  Placement counting(nullptr);
  LaneTask draft = task;
  place_arrays(counting, draft);
  DeviceBuffer<std::byte> arrays(memory_, counting.size());
  Placement placing(arrays.data());
  place_arrays(placing, task);
  task.arena.is_table_new = true;
  std::swap(arrays_, arrays);
}

void DeviceLane::make_room(const RoomSizes& needs) {
  RoomSizes& capacity = task.arena.capacity;
  bool is_enough = true;
  for (const Room room : kLaneRooms) {
    if (needs[room] <= capacity[room]) continue;
    is_enough = false;
    capacity[room] = room == Room::kSlotBits
                         ? needs[room]
                         : std::max(needs[room], capacity[room] + capacity[room] / 2);
  }
  if (is_enough) return;
  const LaneTask before = task;
  const DeviceBuffer<std::byte> kept = std::exchange(arrays_, {});
  allocate();
  const auto keep = [&](auto* target, const auto* source, std::uint32_t count) {
    if (count != 0) memory_->copy_within(target, source, count * sizeof(*source));
  };
  keep(task.lane.active, before.lane.active, before.lane.active_count);
  keep(task.arena.settled, before.arena.settled, before.arena.settled_count);
  task.lane.history_spare = task.lane_history_spare;
  if (before.lane.keep_lattice) return;
  task.lane.history = task.lane_history;
  keep(task.lane.history, before.lane.history, before.lane.history_count);
}

}  // namespace harpy::token_passing

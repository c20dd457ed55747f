#include "decoder/search/device/device_stream.hpp"

#include <algorithm>
#include <utility>

#include "decoder/search/stream_lattice.hpp"

namespace harpy::token_passing {

namespace {

/// Room for a lattice's frames is made for so many more than needed.
constexpr std::uint32_t kFramesAhead = 64;

/// Where the tokens of a lattice's first frame begin.
constexpr std::uint32_t kFirstToken = 0;

/// A buffer of at least `needed` items, twice as large as before, that begins with the `kept` first
/// ones of the old.
template <typename T>
void grow(DeviceBuffer<T>& buffer, const std::shared_ptr<DeviceMemory>& memory, std::size_t needed,
          std::size_t kept) {
  if (buffer.size() >= needed) return;
  DeviceBuffer<T> larger(memory, std::max(needed, 2 * buffer.size()));
  if (kept != 0) memory->copy_within(larger.data(), buffer.data(), kept * sizeof(T));
  buffer = std::move(larger);
}

template <typename T>
std::vector<T> download(const DeviceBuffer<T>& buffer, std::size_t count) {
  std::vector<T> values(count);
  if (count != 0) buffer.copy_to_host(values);
  return values;
}

}  // namespace

DeviceStream::DeviceStream(std::shared_ptr<const DeviceGraph> search_graph, DeviceSteering steering,
                           bool keep_lattice, const RoomSizes& first_rooms)
    : search_graph_(std::move(search_graph)),
      steering_(std::move(steering)),
      keep_lattice_(keep_lattice),
      first_rooms_(first_rooms),
      decided_(search_graph_->host(), host_steering(), keep_lattice) {}

StreamSteering DeviceStream::host_steering() const {
  return {.graph = steering_.graph->host(),
          .phrases = steering_.phrases ? steering_.phrases->host() : nullptr,
          .added_words = steering_.added_words ? steering_.added_words->host() : nullptr};
}

std::size_t DeviceStream::device_bytes() const {
  return active_.size() * sizeof(ActiveToken) + history_.size() * sizeof(HistoryToken) +
         links_.size() * sizeof(LatticeLink) + states_.size() * sizeof(SearchState) +
         (extras_.size() + token_begins_.size() + link_ends_.size()) * sizeof(std::uint32_t);
}

void DeviceStream::take_first_memory() {
  const auto& memory = steering_.graph->memory();
  active_ = {memory, first_rooms_[Room::kRestingActive]};
  if (!keep_lattice_) {
    history_ = {memory, first_rooms_[Room::kRestingHistory]};
    return;
  }
  const auto segments =
      static_cast<std::size_t>(steering_.graph->host()->view().epsilon_level_count);
  const std::size_t frames = first_rooms_[Room::kLatticeFrames];
  token_begins_ = {memory, frames + 2};
  token_begins_.copy_from_host({&kFirstToken, 1});
  link_ends_ = {memory, frames * segments};
  history_ = {memory, first_rooms_[Room::kLatticeTokens]};
  states_ = {memory, first_rooms_[Room::kLatticeTokens]};
  extras_ = {memory, first_rooms_[Room::kLatticeTokens]};
  links_ = {memory, first_rooms_[Room::kLatticeLinks] + std::size_t{1}};
}

void DeviceStream::enter(LaneTask& task) {
  if (active_.size() == 0) take_first_memory();
  Lane& lane = task.lane;
  static_cast<Searched&>(lane) = make_searched(
      steering_.graph->view(), steering_.phrases ? steering_.phrases->view() : PhraseView{},
      steering_.added_words ? steering_.added_words->view() : AddedWordsView{});
  lane.keep_lattice = keep_lattice_;
  lane.history_spare = task.lane_history_spare;
  lane.active_count = active_count_;
  lane.history_count = lane.rested_count = history_count_;
  lane.looked_at_count = looked_at_count_;
  lane.history_root = history_root_;
  lane.cost_offset = decided_.cost_offset;
  task.resting_active = active_.data();
  if (keep_lattice_) {
    lane.lattice_frame_count = lattice_frame_count_;
    lane.pruned_frame_count = pruned_frame_count_;
    lane.link_count = link_count_;
    task.root_frame = root_frame_;
    task.settled_frame_count = settled_frame_count_;
    lend_lattice(task);
  } else {
    lane.history = task.lane_history;
    task.resting_history = history_.data();
  }
  set_capacities(task);
}

void DeviceStream::lend_lattice(LaneTask& task) {
  task.lane.history = history_.data();
  task.lane.history_states = states_.data();
  task.lane.history_extras = extras_.data();
  task.lane.token_begins = token_begins_.data();
  task.lane.links = links_.data();
  task.lane.link_ends = link_ends_.data();
}

void DeviceStream::set_capacities(LaneTask& task) const {
  const auto size = [](const auto& buffer) { return static_cast<std::uint32_t>(buffer.size()); };
  RoomSizes& capacity = task.arena.capacity;
  capacity[Room::kRestingActive] = size(active_);
  if (keep_lattice_) {
    // One link and one bound more may be written.
    capacity[Room::kLatticeFrames] = size(token_begins_) - 2;
    capacity[Room::kLatticeTokens] = size(states_);
    capacity[Room::kLatticeLinks] = size(links_) - 1;
  } else {
    capacity[Room::kRestingHistory] = size(history_);
  }
}

void DeviceStream::make_room(LaneTask& task) {
  const RoomSizes& needs = task.arena.needs;
  const Lane& lane = task.lane;
  const auto& memory = steering_.graph->memory();
  grow(active_, memory, needs[Room::kRestingActive], 0);
  task.resting_active = active_.data();
  if (keep_lattice_) {
    const std::size_t tokens = needs[Room::kLatticeTokens];
    grow(history_, memory, tokens, lane.history_count);
    grow(states_, memory, tokens, lane.history_count);
    grow(extras_, memory, tokens, lane.history_count);
    if (needs[Room::kLatticeLinks] != 0) {
      grow(links_, memory, std::size_t{needs[Room::kLatticeLinks]} + 1, lane.link_count);
    }
    if (needs[Room::kLatticeFrames] != 0) {
      const std::size_t frames = needs[Room::kLatticeFrames] + std::size_t{kFramesAhead};
      const auto segments = static_cast<std::size_t>(lane.graph.epsilon_level_count);
      grow(token_begins_, memory, frames + 2, lane.lattice_frame_count + std::size_t{1});
      grow(link_ends_, memory, (token_begins_.size() - 2) * segments,
           lane.lattice_frame_count * segments);
    }
    lend_lattice(task);
  } else {
    grow(history_, memory, needs[Room::kRestingHistory], 0);
    task.resting_history = history_.data();
  }
  set_capacities(task);
}

void DeviceStream::accept_arcs(const LaneTask& task, std::span<const std::uint32_t> arcs) {
  const auto begin = arcs.begin() + task.output_begin;
  const auto settled_end = begin + task.arena.settled_count;
  const auto end = settled_end + task.end.arc_count;
  new_arcs_.insert(new_arcs_.end(), begin, settled_end);
  end_.key = task.end.key;
  end_.arcs.assign(settled_end, end);
  final_end_.key = task.final_end.key;
  if (task.final_end.token == task.end.token) {
    final_end_.arcs = end_.arcs;
  } else {
    final_end_.arcs.assign(end, end + final_arc_count(task));
  }
}

void DeviceStream::leave(const LaneTask& task, std::int64_t frame_count) {
  const Lane& lane = task.lane;
  decided_.frames += frame_count;
  decided_.cost_offset = lane.cost_offset;
  active_count_ = lane.active_count;
  history_count_ = lane.history_count;
  looked_at_count_ = lane.looked_at_count;
  history_root_ = lane.history_root;
  lattice_frame_count_ = lane.lattice_frame_count;
  pruned_frame_count_ = lane.pruned_frame_count;
  link_count_ = lane.link_count;
  root_frame_ = task.root_frame;
  settled_frame_count_ = task.settled_frame_count;
}

std::span<const PathStep> DeviceStream::decided_steps() {
  decided_.settle(new_arcs_);
  new_arcs_.clear();
  return decided_.decided_steps;
}

BestPath DeviceStream::best_end(bool final) {
  BestPath path;
  if (decided_.frames == 0) return path;
  path.reached_final = final && final_end_.key != kNoPathEnd;
  const End& end = path.reached_final ? final_end_ : end_;
  if (end.key == kNoPathEnd) {
    path.cost = kInfiniteCost;
    return path;
  }
  decided_steps();
  const Searched searched = decided_.searched();
  PathPlace place = decided_.decided_place;
  append_steps(searched, end.arcs, path.steps, place);
  path.graph_cost = place.graph_cost;
  path.cost = decided_.cost_offset + key_cost(end.key);
  if (path.reached_final) {
    path.graph_cost += searched.final_cost(static_cast<std::uint32_t>(end.key), place.context);
  }
  return path;
}

Lattice DeviceStream::lattice(float lattice_beam) const {
  RestingStream stream(decided_.search_graph, host_steering(), true);
  const auto segments = static_cast<std::size_t>(stream.searched().graph.epsilon_level_count);
  stream.frames = decided_.frames;
  stream.cost_offset = decided_.cost_offset;
  stream.active = download(active_, active_count_);
  stream.past.history = download(history_, history_count_);
  stream.past.states = download(states_, history_count_);
  stream.past.extras = download(extras_, history_count_);
  if (token_begins_.size() != 0) {
    stream.past.token_begins = download(token_begins_, lattice_frame_count_ + std::size_t{1});
  }
  stream.past.links = download(links_, link_count_);
  stream.past.link_ends = download(link_ends_, lattice_frame_count_ * segments);
  stream.history_root = history_root_;
  return make_lattice(stream, lattice_beam);
}

}  // namespace harpy::token_passing

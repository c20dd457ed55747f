#include "decoder/search/cpu/lattice_window.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "decoder/search/cpu/resting_array.hpp"

namespace harpy::token_passing {

namespace {

/// The frames that a pruning changes are followed by so many others in the next window, and by a
/// quarter of their number: the next pruning may go back a little farther.
constexpr std::uint32_t kSpareFrames = 4;

/// Where a window begins in the arrays of a store.
struct WindowBegin {
  WindowBegin(const LatticeStore& store, std::uint32_t segment_count)
      : frame(store.window_begin),
        token(store.token_begins[frame]),
        link(frame == 0 ? 0 : store.link_ends[std::size_t{frame + 1} * segment_count - 1]) {}

  std::uint32_t frame;
  std::uint32_t token;
  std::uint32_t link;  ///< the links into a fixed frame are no part of the window
};

std::uint32_t segments_of(const Lane& lane) {
  return static_cast<std::uint32_t>(lane.graph.epsilon_level_count);
}

/// Where the next window begins, after a pruning.
std::uint32_t next_window_begin(const Lane& lane, std::uint32_t frame_count, bool is_settled) {
  const std::uint32_t changed = lane.lattice_frame_count - lane.first_changed_frame;
  const std::uint32_t length = changed + (is_settled ? changed / 4 : changed) + kSpareFrames;
  return frame_count - std::min(frame_count, length);
}

}  // namespace

void enter_window(const LatticeStore& store, Lane& lane, LaneMemory& memory) {
  const std::uint32_t segment_count = segments_of(lane);
  const WindowBegin begin(store, segment_count);
  const auto token_count = static_cast<std::uint32_t>(store.history.size()) - begin.token;
  const auto link_count = static_cast<std::uint32_t>(store.links.size()) - begin.link;
  lane.lattice_frame_count = store.frame_count() - begin.frame;
  lane.pruned_frame_count = store.pruned_frame_count - begin.frame;
  lane.first_changed_frame = lane.lattice_frame_count;
  lane.fixed_frame_count = begin.frame == 0 ? 0 : 1;
  memory.reserve_lattice(lane, token_count, link_count, lane.lattice_frame_count);

  for (std::uint32_t i = 0; i < token_count; ++i) {
    const HistoryToken& token = store.history[begin.token + i];
    const bool is_first = token.previous == kNone;
    lane.history[i] = {is_first ? kNone : token.previous - begin.token, token.arc};
  }
  if (lane.is_steered()) {
    std::copy_n(store.states.data() + begin.token, token_count, lane.history_states);
  }
  std::copy_n(store.extras.data() + begin.token, token_count, lane.history_extras);
  for (std::uint32_t i = 0; i < link_count; ++i) {
    LatticeLink link = store.links[begin.link + i];
    link.source -= begin.token;
    link.target -= begin.token;
    lane.links[i] = link;
  }
  for (std::uint32_t frame = 0; frame <= lane.lattice_frame_count; ++frame) {
    lane.token_begins[frame] = store.token_begins[begin.frame + frame] - begin.token;
  }
  const std::uint32_t fixed_segments = lane.fixed_frame_count * segment_count;
  std::fill_n(lane.link_ends, fixed_segments, 0U);
  for (std::uint32_t i = fixed_segments; i < lane.lattice_frame_count * segment_count; ++i) {
    lane.link_ends[i] = store.link_ends[std::size_t{begin.frame} * segment_count + i] - begin.link;
  }
  for (std::uint32_t i = 0; i < lane.active_count; ++i) lane.active[i].history -= begin.token;
  lane.history_count = token_count;
  lane.link_count = link_count;
}

void leave_window(Lane& lane, LatticeStore& store) {
  const std::uint32_t segment_count = segments_of(lane);
  const WindowBegin begin(store, segment_count);
  const std::uint32_t first_frame = lane.first_changed_frame;
  const std::uint32_t first_token = lane.token_begins[first_frame];
  const std::uint32_t first_link =
      first_frame == 0 ? 0 : lane.link_ends[first_frame * segment_count - 1];

  const std::size_t token_count = std::size_t{begin.token} + lane.history_count;
  resize_tightly(store.history, token_count);
  resize_tightly(store.states, lane.is_steered() ? token_count : 0);
  resize_tightly(store.extras, token_count);
  for (std::uint32_t i = first_token; i < lane.history_count; ++i) {
    const HistoryToken& token = lane.history[i];
    const bool is_first = token.previous == kNone;
    store.history[begin.token + i] = {is_first ? kNone : token.previous + begin.token, token.arc};
    if (lane.is_steered()) store.states[begin.token + i] = lane.history_states[i];
    store.extras[begin.token + i] = lane.history_extras[i];
  }
  resize_tightly(store.links, std::size_t{begin.link} + lane.link_count);
  for (std::uint32_t i = first_link; i < lane.link_count; ++i) {
    LatticeLink link = lane.links[i];
    link.source += begin.token;
    link.target += begin.token;
    store.links[begin.link + i] = link;
  }
  const std::uint32_t frame_count = begin.frame + lane.lattice_frame_count;
  resize_tightly(store.token_begins, std::size_t{frame_count} + 1);
  for (std::uint32_t frame = first_frame; frame <= lane.lattice_frame_count; ++frame) {
    store.token_begins[begin.frame + frame] = lane.token_begins[frame] + begin.token;
  }
  resize_tightly(store.link_ends, std::size_t{frame_count} * segment_count);
  for (std::uint32_t i = first_frame * segment_count; i < lane.lattice_frame_count * segment_count;
       ++i) {
    store.link_ends[std::size_t{begin.frame} * segment_count + i] = lane.link_ends[i] + begin.link;
  }
  for (std::uint32_t i = 0; i < lane.active_count; ++i) lane.active[i].history += begin.token;

  store.pruned_frame_count = begin.frame + lane.pruned_frame_count;
  if (lane.pruned_frame_count < lane.lattice_frame_count) return;
  const bool is_settled = begin.frame == 0 || first_frame > lane.fixed_frame_count;
  // Otherwise the next pruning goes back beyond this window.
  if (!is_settled) store.pruned_frame_count = begin.frame + first_frame;
  store.window_begin = next_window_begin(lane, frame_count, is_settled);
}

}  // namespace harpy::token_passing

#include "tests/support/cuda_emulation/block.hpp"

#include <cuda_runtime.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "tests/support/cuda_emulation/address_sanitizer.hpp"
#include "tests/support/cuda_emulation/fiber.hpp"
#include "tests/support/cuda_emulation/thread_sanitizer.hpp"

uint3 blockIdx;
dim3 blockDim, gridDim;

namespace harpy::cuda_emulation {
namespace {

constexpr unsigned kWarpThreads = 32;
constexpr int kStaleByte = 0xA5;  ///< what shared memory holds before a block writes to it

enum class ThreadState { kReady, kWaitsForBlock, kWaitsForWarp, kEnded };

struct Thread {
  uint3 index{};
  Fiber* fiber = nullptr;  ///< that it runs on, once it has begun
  ThreadState state = ThreadState::kReady;
  std::source_location place;  ///< where it waits
};

/// The exchanges of a warp. Values of one exchange stay until the next but one begins, for which
/// all lanes must have read them.
struct Warp {
  std::array<std::array<std::uint64_t, kWarpThreads>, 2> values{};
  unsigned turn = 0;
  std::uint32_t arrived = 0;
  char met = 0;  ///< a mark
};

struct Block {
  std::size_t shared_bytes = 0;
  const std::function<void()>* work = nullptr;
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  std::size_t begun = 0;    ///< threads
  std::size_t ended = 0;    ///< threads
  std::size_t waiting = 0;  ///< threads at a barrier of the block
  std::size_t running = 0;  ///< number of a thread
  std::string fault;
  bool fiber_is_idle = false;  ///< the one that was resumed last
  bool downwards = false;
  bool comes_alone = false;              ///< it must be over before the next one begins
  char begins = 0, ends = 0, meets = 0;  ///< marks
};

/// The block that runs, of which there is one at a time; see Device.
Block block;
std::vector<std::unique_ptr<Fiber>> fibers;
std::deque<Fiber*> idle_fibers;
alignas(16) std::array<std::byte, kMostSharedBytes> shared_memory;

std::string text_of(const std::source_location& where) {
  return std::string(where.file_name()) + ":" + std::to_string(where.line());
}

std::string text_of(const uint3& index) {
  return "(" + std::to_string(index.x) + ", " + std::to_string(index.y) + ", " +
         std::to_string(index.z) + ")";
}

std::string text_of(const Thread& thread) {
  return "thread " + text_of(thread.index) + " of block " + text_of(blockIdx);
}

/// Carries out the next thread that has not begun, on the fiber that calls it.
void run_next_thread(Fiber& fiber) {
  const std::size_t i = block.begun++;
  const std::size_t number = block.downwards ? block.threads.size() - 1 - i : i;
  block.running = number;
  block.threads[number].fiber = &fiber;
  follow(&block.begins);
  (*block.work)();
  precede(&block.ends);
  block.threads[number].state = ThreadState::kEnded;
  ++block.ended;
}

/// What a fiber does. Threads that wait for no others follow one another on one fiber.
void run_threads(Fiber& fiber) {
  for (;;) {
    do {
      run_next_thread(fiber);
    } while (!kWatchesThreads && block.begun < block.threads.size());
    block.fiber_is_idle = true;
    fiber.suspend();
  }
}

void wait_here(ThreadState state, const std::source_location& where) {
  Thread& thread = block.threads[block.running];
  thread.state = state;
  thread.place = where;
  thread.fiber->suspend();
}

void resume(Fiber& fiber) {
  fiber.resume();
  if (std::exchange(block.fiber_is_idle, false)) idle_fibers.push_back(&fiber);
}

void begin_threads() {
  const std::size_t least_fibers = kWatchesThreads ? block.threads.size() : 1;
  while (block.begun < block.threads.size() && block.fault.empty()) {
    while (idle_fibers.empty() || fibers.size() < least_fibers) {
      fibers.push_back(std::make_unique<Fiber>(run_threads));
      idle_fibers.push_back(fibers.back().get());
    }
    Fiber& fiber = *idle_fibers.front();
    idle_fibers.pop_front();
    resume(fiber);
  }
}

/// Resumes each thread that can go on, once. Returns whether there was one.
bool resume_threads() {
  bool any = false;
  const std::size_t count = block.threads.size();
  for (std::size_t i = 0; i < count && block.fault.empty(); ++i) {
    block.running = block.downwards ? count - 1 - i : i;
    const Thread& thread = block.threads[block.running];
    if (thread.state != ThreadState::kReady) continue;
    any = true;
    resume(*thread.fiber);
  }
  return any;
}

/// What keeps threads waiting when none can go on: a thread that waits, and one that does not wait
/// with it.
std::string stuck_threads() {
  const auto is_of_state = [](ThreadState state) {
    return [state](const Thread& thread) { return thread.state == state; };
  };
  const auto begin = block.threads.begin(), end = block.threads.end();
  const auto waiting = std::find_if_not(begin, end, is_of_state(ThreadState::kEnded));
  // Lanes wait for lanes of their warp, which begins with the first of them or before.
  const auto first = waiting - (waiting - begin) % kWarpThreads;
  const auto other = std::find_if_not(waiting->state == ThreadState::kWaitsForWarp ? first : begin,
                                      end, is_of_state(waiting->state));
  const std::string text =
      text_of(*waiting) + " waits at " + text_of(waiting->place) + " for others";
  if (other == end) return text;
  return text + ", but " + text_of(*other) +
         (other->state == ThreadState::kEnded ? " has ended"
                                              : " waits at " + text_of(other->place));
}

/// All threads wait for their block: they go on if they wait at the same place.
void pass_barrier() {
  for (Thread& thread : block.threads) {
    const std::source_location& first = block.threads.front().place;
    if (thread.place.line() != first.line() ||
        std::strcmp(thread.place.file_name(), first.file_name()) != 0) {
      block.fault = text_of(block.threads.front()) + " waits at " + text_of(first) + ", " +
                    text_of(thread) + " at " + text_of(thread.place);
      return;
    }
    thread.state = ThreadState::kReady;
  }
  block.waiting = 0;
}

void begin_block(uint3 index) {
  if (block.comes_alone) follow(&block.ends);
  blockIdx = index;
  block.begun = block.ended = block.waiting = 0;
  block.downwards = !block.downwards;
  for (Thread& thread : block.threads) thread.state = ThreadState::kReady;
  for (Warp& warp : block.warps) warp.arrived = 0;
  std::memset(shared_memory.data(), kStaleByte, block.shared_bytes);
  precede(&block.begins);
}

void run_block(uint3 index) {
  begin_block(index);
  begin_threads();
  while (block.ended < block.threads.size() && block.fault.empty()) {
    if (block.waiting == block.threads.size()) {
      pass_barrier();
    } else if (!resume_threads()) {
      block.fault = stuck_threads();
    }
  }
}

void make_threads(const dim3& extents) {
  const std::size_t count = std::size_t{extents.x} * extents.y * extents.z;
  block.threads.assign(count, {});
  block.warps.assign((count + kWarpThreads - 1) / kWarpThreads, {});
  std::size_t number = 0;
  for (unsigned z = 0; z < extents.z; ++z) {
    for (unsigned y = 0; y < extents.y; ++y) {
      for (unsigned x = 0; x < extents.x; ++x) block.threads[number++].index = {x, y, z};
    }
  }
}

}  // namespace

uint3 thread_index() { return block.threads[block.running].index; }
std::byte* dynamic_shared_memory() { return shared_memory.data(); }

void wait_for_block(const std::source_location& where) {
  block.comes_alone = true;
  ++block.waiting;
  precede(&block.meets);
  wait_here(ThreadState::kWaitsForBlock, where);
  follow(&block.meets);
}

std::uint64_t exchange_in_warp(std::uint32_t lanes, std::uint64_t value, std::uint32_t lane_bits,
                               const std::source_location& where) {
  const std::size_t number = block.running;
  const auto lane = static_cast<std::uint32_t>(number % kWarpThreads);
  const std::uint32_t partner = lane ^ lane_bits;
  Warp& warp = block.warps[number / kWarpThreads];
  if (((lanes >> lane) & 1U) == 0 || partner >= kWarpThreads || ((lanes >> partner) & 1U) == 0) {
    block.fault = text_of(block.threads[number]) + " exchanges values at " + text_of(where) +
                  " with a lane that does not take part";
    precede(&block.ends);
    for (;;) block.threads[number].fiber->suspend();  // never resumed
  }
  precede(&warp.met);
  const unsigned turn = warp.turn;
  warp.values[turn][lane] = value;
  warp.arrived |= std::uint32_t{1} << lane;
  if (warp.arrived == lanes) {
    warp.arrived = 0;
    warp.turn = 1 - turn;
    const std::size_t first = number - lane;
    for (std::size_t i = first; i < first + kWarpThreads && i < block.threads.size(); ++i) {
      Thread& thread = block.threads[i];
      if (thread.state == ThreadState::kWaitsForWarp) thread.state = ThreadState::kReady;
    }
  } else {
    wait_here(ThreadState::kWaitsForWarp, where);
  }
  follow(&warp.met);
  return warp.values[turn][partner];
}

std::string run_grid(const BlockShape& shape, const std::function<void()>& thread) {
  gridDim = shape.grid;
  blockDim = shape.threads;
  block.shared_bytes = shape.shared_bytes;
  block.work = &thread;
  block.comes_alone = shape.shared_bytes != 0;
  block.fault.clear();
  make_threads(shape.threads);
  allow(shared_memory.data(), shared_memory.size());
  forbid(shared_memory.data() + shape.shared_bytes, shared_memory.size() - shape.shared_bytes);
  for (unsigned z = 0; z < shape.grid.z && block.fault.empty(); ++z) {
    for (unsigned y = 0; y < shape.grid.y && block.fault.empty(); ++y) {
      for (unsigned x = 0; x < shape.grid.x && block.fault.empty(); ++x) run_block({x, y, z});
    }
  }
  follow(&block.ends);
  // Fibers in the midst of a thread cannot begin another one.
  if (!block.fault.empty()) {
    follow(&block.meets);
    for (Warp& warp : block.warps) follow(&warp.met);
    idle_fibers.clear();
    fibers.clear();
  }
  return block.fault;
}

}  // namespace harpy::cuda_emulation

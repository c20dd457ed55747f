#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <source_location>
#include <string>

/// A block of threads of a kernel. Each thread is a fiber; they take turns, changing where a
/// barrier or an exchange between threads makes them wait.
namespace harpy::cuda_emulation {

/// The place in its block of the thread that asks.
uint3 thread_index();

/// The dynamic shared memory of the block that runs. Under AddressSanitizer what lies behind it may
/// not be touched.
std::byte* dynamic_shared_memory();

/// Waits until all threads of the block have come to this barrier.
void wait_for_block(const std::source_location& where);

/// Waits until all `lanes` of the thread's warp (a bit for each) have come here with their values,
/// and returns that of the lane whose number differs in `lane_bits`.
std::uint64_t exchange_in_warp(std::uint32_t lanes, std::uint64_t value, std::uint32_t lane_bits,
                               const std::source_location& where);

/// The most dynamic shared memory that a block can have.
inline constexpr std::size_t kMostSharedBytes = 232448;

/// What a launch says of its blocks.
struct BlockShape {
  dim3 grid, threads;
  std::size_t shared_bytes = 0;
};

/// Runs the threads of all blocks, one block after the other, threads upwards in one and downwards
/// in the next. For ThreadSanitizer the threads of a block run at once; so do the blocks, unless
/// they have barriers or shared memory, for which all blocks have the same place. Returns what went
/// wrong, or nothing: threads that wait for others which have ended or wait elsewhere.
std::string run_grid(const BlockShape& shape, const std::function<void()>& thread);

}  // namespace harpy::cuda_emulation

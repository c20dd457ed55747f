#pragma once

#include <cstdint>
#include <type_traits>

#include "acoustic/backend/cuda/compiler_language.cuh"
#include "acoustic/backend/phase.hpp"

namespace harpy::cuda {

/// Carries out a bulk-synchronous program by the threads of a block (of one dimension). All of them
/// run the program; the barrier at a phase's end makes its writes to memory seen by the block.
/// (Functions are constexpr because nvcc lets programs, constexpr without __device__, call no
/// others of the device.)
struct BlockExecutor {
  template <typename Phase>
  __device__ constexpr void run(const Phase& phase) const {
    phase(PhaseThread{threadIdx.x, blockDim.x});
    wait();
  }
  template <typename Action>
  __device__ constexpr void alone(const Action& action) const {
    if (threadIdx.x == 0) action();
    wait();
  }

 private:
  __device__ static void wait() { __syncthreads(); }
};

/// How the threads of a block touch what they share within a phase; see PlainAccess.
struct BlockAccess {
  static constexpr bool kConcurrent = true;

  template <typename T>
  __device__ static constexpr T load(const T& place) {
    return load_relaxed(place);
  }
  template <typename T>
  __device__ static constexpr void store(T& place, T value) {
    store_relaxed(place, value);
  }
  template <typename T>
  __device__ static constexpr T add(T& place, T value) {
    return static_cast<T>(atomicAdd(word(place), static_cast<Word<T>>(value)));
  }
  template <typename T>
  __device__ static constexpr T min(T& place, T value) {
    return static_cast<T>(atomicMin(word(place), static_cast<Word<T>>(value)));
  }
  template <typename T>
  __device__ static constexpr T exchange(T& place, T value) {
    return static_cast<T>(atomicExch(word(place), static_cast<Word<T>>(value)));
  }
  template <typename T>
  __device__ static constexpr T compare_exchange(T& place, T expected, T desired) {
    return static_cast<T>(
        atomicCAS(word(place), static_cast<Word<T>>(expected), static_cast<Word<T>>(desired)));
  }
  __device__ static constexpr void prefetch(const auto* place) { prefetch_line(place); }

 private:
  /// The unsigned integer of T's size that CUDA's atomic operations take.
  template <typename T>
  using Word = std::conditional_t<sizeof(T) == 8, unsigned long long, unsigned int>;

  template <typename T>
  __device__ static constexpr Word<T>* word(T& place) {
    static_assert(std::is_unsigned_v<T> && (sizeof(T) == 4 || sizeof(T) == 8));
    return reinterpret_cast<Word<T>*>(&place);
  }
};

}  // namespace harpy::cuda

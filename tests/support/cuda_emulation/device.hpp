#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace harpy::cuda_emulation {

/// A step of a stream. Returns what went wrong on the device, or nothing.
using Step = std::function<std::string()>;

/// Memory that a pool or, during a capture, a graph has given out.
struct Allocation {
  std::size_t size_bytes = 0;
  const CUgraph_st* graph = nullptr;  ///< null: a pool's
  bool is_freed = false;              ///< for calls; the stream may not have come there yet
};

}  // namespace harpy::cuda_emulation

// The runtime's objects.

struct CUmemPoolHandle_st {};

struct CUgraph_st {
  std::vector<harpy::cuda_emulation::Step> steps;
  std::vector<void*> memory;
  std::size_t kept_count = 0;  ///< allocations that the graph does not free
};

struct CUgraphExec_st {
  CUgraph_st* graph;
  bool was_launched = false;
};

struct CUstream_st {
  std::deque<harpy::cuda_emulation::Step> waiting;
  std::uint64_t given = 0, done = 0;  ///< steps
  cudaStreamCaptureStatus capture = cudaStreamCaptureStatusNone;
  std::unique_ptr<CUgraph_st> recorded;  ///< during a capture
  std::thread::id capturer;
};

struct CUevent_st {
  CUstream_st* stream = nullptr;  ///< null: never recorded, or its stream has ended
  std::uint64_t position = 0;     ///< of the stream's steps
};

namespace harpy::cuda_emulation {

/// The emulated device with its host's side. Steps wait in their streams until a call has to know
/// that they are done, which is as late as CUDA allows.
/// Threads: one call at a time, see on_device.
class Device {
 public:
  /// The error of a broken device, or success.
  cudaError_t broken() const { return broken_; }
  void set_broken(cudaError_t error) { broken_ = error; }
  /// Remembers the words for take_fault() and returns the error.
  cudaError_t refuse(cudaError_t error, const std::string& fault);
  std::string take_fault() { return std::exchange(fault_, {}); }
  /// What a call returns, kept for cudaGetLastError.
  cudaError_t finish(cudaError_t status);
  cudaError_t take_last_error() { return std::exchange(last_error_, cudaSuccess); }

  cudaStream_t make_stream();
  /// After carrying out its steps.
  cudaError_t end_stream(CUstream_st& stream);
  cudaEvent_t make_event();
  void end_event(cudaEvent_t event);

  /// Gives a stream a step, to be carried out or recorded. Refused for a thread that has made no
  /// device current, which would use the first one, whatever the stream's.
  cudaError_t give(cudaStream_t stream, Step step);
  /// The same for a step that computes: a kernel or a product.
  cudaError_t give_computation(cudaStream_t stream, Step step);
  void skip_computations() { skips_computations_ = true; }
  double steps_cpu_s() const { return steps_cpu_s_; }
  /// Carries out a stream's steps up to a position.
  cudaError_t carry_out(CUstream_st& stream, std::uint64_t position);
  /// The same for all steps. Refused during a capture, which it spoils.
  cudaError_t wait_for(CUstream_st& stream);
  /// Refuses a call that may not be made during a capture, which it ends without a graph.
  cudaError_t spoil(CUstream_st& stream, const std::string& fault);
  /// The stream whose capture the calling thread has begun, or null.
  CUstream_st* captured_here();

  /// Null if there is no memory left, or none is to be left.
  void* allocate(std::size_t size_bytes, const CUgraph_st* graph);
  void release(void* data);
  /// Fills new memory with what stands there before anything was written, unless kernels do
  /// nothing.
  void unwrite(void* data, std::size_t size_bytes) const;
  /// The live allocation that begins there, or null.
  Allocation* allocation_at(void* data);
  /// Whether all bytes lie in one live allocation.
  bool holds(const void* data, std::size_t size_bytes);
  std::size_t allocated_bytes() const { return allocated_bytes_; }
  void fail_allocation_after(int count) { allocations_until_failure_ = count; }

  void* pin(std::size_t size_bytes);
  bool unpin(void* data);
  bool is_pinned(const void* data) const;

  /// The most dynamic shared memory of a kernel's launches.
  std::size_t& shared_limit(const void* kernel);

 private:
  cudaError_t broken_ = cudaSuccess, last_error_ = cudaSuccess;
  std::string fault_;
  bool skips_computations_ = false;
  double steps_cpu_s_ = 0.0;
  std::map<cudaStream_t, std::unique_ptr<CUstream_st>> streams_;
  std::map<cudaEvent_t, std::unique_ptr<CUevent_st>> events_;
  std::map<const void*, Allocation> allocations_;
  std::size_t allocated_bytes_ = 0;
  int allocations_until_failure_ = -1;
  std::map<const void*, std::size_t> pinned_, shared_limits_;
};

/// What memory holds before anything was written there: as floats, no numbers.
inline constexpr int kUnwrittenByte = 0xFF;

/// Whether the calling thread has made the device current.
bool& is_current_here();

std::mutex& device_mutex();
Device& the_device();

/// A call of the runtime: `call` does its work on the device and returns how that went. A broken
/// device does nothing.
template <typename Call>
cudaError_t on_device(const Call& call) {
  const std::scoped_lock lock(device_mutex());
  Device& device = the_device();
  if (device.broken() != cudaSuccess) return device.broken();
  return device.finish(call(device));
}

}  // namespace harpy::cuda_emulation

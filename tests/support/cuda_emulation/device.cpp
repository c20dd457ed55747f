#include "tests/support/cuda_emulation/device.hpp"

#include <cstdlib>
#include <cstring>
#include <ctime>
#include <utility>

#include "tests/support/cuda_emulation/emulation.hpp"

namespace harpy::cuda_emulation {
namespace {

constexpr std::size_t kAllocationBoundary = 256;
constexpr std::size_t kUsualSharedBytes = std::size_t{48} << 10;

void* aligned_memory(std::size_t size_bytes) {
  void* data = nullptr;
  if (posix_memalign(&data, kAllocationBoundary, size_bytes) != 0) return nullptr;
  return data;
}

/// The entry of a map by addresses whose bytes hold this one, or its end.
template <typename Map>
auto entry_below(Map& map, const void* address) {
  const auto above = map.upper_bound(address);
  return above == map.begin() ? map.end() : std::prev(above);
}

double thread_cpu_s() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Adds the processor time of a scope to a sum.
class CpuTimer {
 public:
  explicit CpuTimer(double& sum_s) : sum_s_(sum_s), begin_s_(thread_cpu_s()) {}
  CpuTimer(const CpuTimer&) = delete;
  CpuTimer& operator=(const CpuTimer&) = delete;
  ~CpuTimer() { sum_s_ += thread_cpu_s() - begin_s_; }

 private:
  double& sum_s_;
  double begin_s_;
};

std::size_t offset_in(const void* begin, const void* address) {
  return static_cast<std::size_t>(static_cast<const std::byte*>(address) -
                                  static_cast<const std::byte*>(begin));
}

}  // namespace

bool& is_current_here() {
  static thread_local bool is_current = false;
  return is_current;
}

std::mutex& device_mutex() {
  static std::mutex mutex;
  return mutex;
}

Device& the_device() {
  static Device& device = *new Device;  // outlives all that frees its memory at exit
  return device;
}

cudaError_t Device::refuse(cudaError_t error, const std::string& fault) {
  fault_ = fault;
  return error;
}

cudaError_t Device::finish(cudaError_t status) {
  if (status != cudaSuccess) last_error_ = status;
  return status;
}

cudaStream_t Device::make_stream() {
  auto stream = std::make_unique<CUstream_st>();
  const cudaStream_t key = stream.get();
  streams_.emplace(key, std::move(stream));
  return key;
}

cudaError_t Device::end_stream(CUstream_st& stream) {
  const cudaError_t status = carry_out(stream, stream.given);
  for (const auto& [key, event] : events_) {
    if (event->stream == &stream) event->stream = nullptr;
  }
  streams_.erase(&stream);
  return status;
}

cudaEvent_t Device::make_event() {
  auto event = std::make_unique<CUevent_st>();
  const cudaEvent_t key = event.get();
  events_.emplace(key, std::move(event));
  return key;
}

void Device::end_event(cudaEvent_t event) { events_.erase(event); }

cudaError_t Device::give(cudaStream_t stream, Step step) {
  if (!is_current_here()) {
    return refuse(cudaErrorInvalidDevice, "a step from a thread that has chosen no device");
  }
  CUstream_st* const captured = captured_here();
  if (!streams_.contains(stream)) {
    if (captured != nullptr) return spoil(*captured, "a step outside of the capture");
    return refuse(cudaErrorInvalidResourceHandle, "a step of no stream");
  }
  if (stream->capture == cudaStreamCaptureStatusInvalidated) {
    return cudaErrorStreamCaptureInvalidated;
  }
  if (stream->capture == cudaStreamCaptureStatusActive) {
    stream->recorded->steps.push_back(std::move(step));
    return cudaSuccess;
  }
  if (captured != nullptr) return spoil(*captured, "a step outside of the capture");
  stream->waiting.push_back(std::move(step));
  ++stream->given;
  return cudaSuccess;
}

cudaError_t Device::give_computation(cudaStream_t stream, Step step) {
  if (skips_computations_) step = [] { return std::string(); };
  return give(stream, std::move(step));
}

cudaError_t Device::carry_out(CUstream_st& stream, std::uint64_t position) {
  const CpuTimer timer(steps_cpu_s_);
  while (stream.done < position) {
    const Step step = std::move(stream.waiting.front());
    stream.waiting.pop_front();
    ++stream.done;
    const std::string fault = step();
    if (fault.empty()) continue;
    broken_ = cudaErrorLaunchFailure;
    stream.waiting.clear();
    stream.done = stream.given;
    return refuse(broken_, fault);
  }
  return cudaSuccess;
}

cudaError_t Device::wait_for(CUstream_st& stream) {
  if (stream.capture != cudaStreamCaptureStatusNone) {
    return spoil(stream, "a wait for a stream that is recorded");
  }
  return carry_out(stream, stream.given);
}

cudaError_t Device::spoil(CUstream_st& stream, const std::string& fault) {
  stream.capture = cudaStreamCaptureStatusInvalidated;
  return refuse(cudaErrorStreamCaptureUnsupported, fault);
}

CUstream_st* Device::captured_here() {
  for (const auto& [key, stream] : streams_) {
    if (stream->capture != cudaStreamCaptureStatusNone &&
        stream->capturer == std::this_thread::get_id()) {
      return stream.get();
    }
  }
  return nullptr;
}

void* Device::allocate(std::size_t size_bytes, const CUgraph_st* graph) {
  if (allocations_until_failure_ >= 0 && allocations_until_failure_-- == 0) return nullptr;
  if (size_bytes > kMemoryBytes - allocated_bytes_) return nullptr;
  void* const data = aligned_memory(size_bytes);
  if (data == nullptr) return nullptr;
  unwrite(data, size_bytes);
  allocated_bytes_ += size_bytes;
  allocations_.emplace(data, Allocation{.size_bytes = size_bytes, .graph = graph});
  return data;
}

void Device::unwrite(void* data, std::size_t size_bytes) const {
  if (!skips_computations_) std::memset(data, kUnwrittenByte, size_bytes);
}

void Device::release(void* data) {
  const auto found = allocations_.find(data);
  allocated_bytes_ -= found->second.size_bytes;
  allocations_.erase(found);
  std::free(data);
}

Allocation* Device::allocation_at(void* data) {
  const auto found = allocations_.find(data);
  return found == allocations_.end() || found->second.is_freed ? nullptr : &found->second;
}

bool Device::holds(const void* data, std::size_t size_bytes) {
  const auto found = entry_below(allocations_, data);
  return found != allocations_.end() && !found->second.is_freed &&
         offset_in(found->first, data) + size_bytes <= found->second.size_bytes;
}

void* Device::pin(std::size_t size_bytes) {
  void* const data = aligned_memory(size_bytes);
  if (data == nullptr) return nullptr;
  std::memset(data, kUnwrittenByte, size_bytes);
  pinned_.emplace(data, size_bytes);
  return data;
}

bool Device::unpin(void* data) {
  if (pinned_.erase(data) == 0) return false;
  std::free(data);
  return true;
}

bool Device::is_pinned(const void* data) const {
  const auto found = entry_below(pinned_, data);
  return found != pinned_.end() && offset_in(found->first, data) < found->second;
}

std::size_t& Device::shared_limit(const void* kernel) {
  return shared_limits_.emplace(kernel, kUsualSharedBytes).first->second;
}

void fail_allocation_after(int count) {
  on_device([&](Device& device) {
    device.fail_allocation_after(count);
    return cudaSuccess;
  });
}

std::size_t allocated_bytes() {
  const std::scoped_lock lock(device_mutex());
  return the_device().allocated_bytes();
}

void break_device(cudaError_t error) {
  const std::scoped_lock lock(device_mutex());
  the_device().set_broken(error);
}

void mend_device() { break_device(cudaSuccess); }

void skip_kernels() {
  const std::scoped_lock lock(device_mutex());
  the_device().skip_computations();
}

double steps_cpu_s() {
  const std::scoped_lock lock(device_mutex());
  return the_device().steps_cpu_s();
}

std::string take_fault() {
  const std::scoped_lock lock(device_mutex());
  return the_device().take_fault();
}

}  // namespace harpy::cuda_emulation

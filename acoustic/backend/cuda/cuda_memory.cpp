#include "acoustic/backend/cuda/cuda_memory.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "acoustic/backend/cuda/check.hpp"

namespace harpy::cuda {
namespace {

cudaMemPool_t make_pool(int device_index) {
  cudaMemPoolProps properties{};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.handleTypes = cudaMemHandleTypeNone;
  properties.location.type = cudaMemLocationTypeDevice;
  properties.location.id = device_index;
  cudaMemPool_t pool = nullptr;
  check(cudaMemPoolCreate(&pool, &properties));
  // Without it every wait for the stream would give the pool's free blocks back to the driver.
  std::uint64_t kept_bytes = UINT64_MAX;
  const cudaError_t status =
      cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &kept_bytes);
  if (status != cudaSuccess) cudaMemPoolDestroy(pool);
  check(status);
  return pool;
}

Stream make_stream_of(int device_index) {
  make_current(device_index);
  return make_stream();
}

}  // namespace

CudaMemory::Recording::Recording(CudaMemory& memory) : memory_(memory) {
  const std::scoped_lock lock(memory.mutex_);
  memory.recorder_ = std::this_thread::get_id();
}

CudaMemory::Recording::~Recording() {
  {
    const std::scoped_lock lock(memory_.mutex_);
    memory_.recorder_ = {};
    for (void* const data : memory_.freed_meanwhile_) memory_.free_in_order(data);
    memory_.freed_meanwhile_.clear();
  }
  memory_.recorded_.notify_all();
}

CudaMemory::CudaMemory(int device_index)
    : device_index_(device_index),
      stream_(make_stream_of(device_index)),
      pool_(make_pool(device_index)) {}

CudaMemory::~CudaMemory() {
  // Errors here say no more than that the device is lost and all of this with it.
  cudaSetDevice(device_index_);
  cudaStreamSynchronize(stream_.get());  // the device has read the stages
  for (Stage& stage : stages_) {
    if (stage.data != nullptr) cudaFreeHost(stage.data);
  }
  cudaMemPoolDestroy(pool_);
  cudaGetLastError();
}

void* CudaMemory::allocate(std::size_t size_bytes) {
  make_current(device_index_);
  std::unique_lock lock(mutex_);
  recorded_.wait(lock, [this] { return !is_recorded_elsewhere(); });
  void* data = nullptr;
  const cudaError_t status = cudaMallocFromPoolAsync(&data, size_bytes, pool_, stream_.get());
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();  // so that the next call is not blamed for it
    throw error_at(DeviceErrorKind::kOutOfMemory, "cuda:" + std::to_string(device_index_) +
                                                      ": no " + std::to_string(size_bytes) +
                                                      " bytes of device memory left");
  }
  check(status);
  return data;
}

void CudaMemory::deallocate(void* data, std::size_t /*size_bytes*/) noexcept {
  const std::scoped_lock lock(mutex_);
  if (is_recorded_elsewhere()) {
    freed_meanwhile_.push_back(data);
  } else {
    free_in_order(data);
  }
}

void CudaMemory::copy_from_host(void* target, const void* source, std::size_t size_bytes) {
  make_current(device_index_);
  // A recording would copy again what the stage holds by then.
  if (is_recording(stream_.get())) {
    throw error_at(DeviceErrorKind::kOther, "copies from the host cannot be recorded");
  }
  for (std::size_t begin = 0; begin < size_bytes; begin += kStageBytes) {
    const std::size_t count = std::min(kStageBytes, size_bytes - begin);
    Stage& stage = next_stage();
    std::memcpy(stage.data, static_cast<const std::byte*>(source) + begin, count);
    check(cudaMemcpyAsync(static_cast<std::byte*>(target) + begin, stage.data, count,
                          cudaMemcpyHostToDevice, stream_.get()));
    check(cudaEventRecord(stage.copied.get(), stream_.get()));
  }
}

void CudaMemory::copy_to_host(void* target, const void* source, std::size_t size_bytes) {
  receive(target, source, size_bytes);
  check(cudaStreamSynchronize(stream_.get()));
}

void CudaMemory::copy_within(void* target, const void* source, std::size_t size_bytes) {
  make_current(device_index_);
  check(cudaMemcpyAsync(target, source, size_bytes, cudaMemcpyDeviceToDevice, stream_.get()));
}

void CudaMemory::fill_zero(void* target, std::size_t size_bytes) {
  make_current(device_index_);
  check(cudaMemsetAsync(target, 0, size_bytes, stream_.get()));
}

void* CudaMemory::allocate_host(std::size_t size_bytes) {
  make_current(device_index_);
  void* data = nullptr;
  check(cudaHostAlloc(&data, size_bytes, cudaHostAllocDefault));
  return data;
}

void CudaMemory::deallocate_host(void* data) noexcept {
  if (cudaSetDevice(device_index_) != cudaSuccess || cudaFreeHost(data) != cudaSuccess) {
    cudaGetLastError();
  }
}

void CudaMemory::send(void* target, const void* source, std::size_t size_bytes) {
  make_current(device_index_);
  check(cudaMemcpyAsync(target, source, size_bytes, cudaMemcpyHostToDevice, stream_.get()));
}

void CudaMemory::receive(void* target, const void* source, std::size_t size_bytes) {
  make_current(device_index_);
  check(cudaMemcpyAsync(target, source, size_bytes, cudaMemcpyDeviceToHost, stream_.get()));
}

void CudaMemory::wait() {
  make_current(device_index_);
  check(cudaStreamSynchronize(stream_.get()));
}

bool CudaMemory::is_recorded_elsewhere() const {
  return recorder_ != std::thread::id() && recorder_ != std::this_thread::get_id();
}

void CudaMemory::free_in_order(void* data) noexcept {
  // Fail only where the device is lost and its memory with it. A thread that has never used the
  // device would make a context on the first one.
  if (cudaSetDevice(device_index_) != cudaSuccess ||
      cudaFreeAsync(data, stream_.get()) != cudaSuccess) {
    cudaGetLastError();
  }
}

CudaMemory::Stage& CudaMemory::next_stage() {
  Stage& stage = stages_[stage_index_];
  stage_index_ = (stage_index_ + 1) % stages_.size();
  if (stage.data == nullptr) {
    stage.copied = make_event();
    check(cudaHostAlloc(&stage.data, kStageBytes, cudaHostAllocDefault));
  }
  check(cudaEventSynchronize(stage.copied.get()));  // at once for an event never recorded
  return stage;
}

}  // namespace harpy::cuda

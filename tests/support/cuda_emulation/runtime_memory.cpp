// The runtime's calls about memory.

#include <cuda_runtime_api.h>

#include <cstring>
#include <memory>
#include <vector>

#include "tests/support/cuda_emulation/address_sanitizer.hpp"
#include "tests/support/cuda_emulation/device.hpp"
#include "tests/support/cuda_emulation/emulation.hpp"

namespace harpy::cuda_emulation {
namespace {

Step step_of(std::function<void()> work) {
  return [work = std::move(work)] {
    work();
    return std::string();
  };
}

bool is_recorded(const CUstream_st& stream) {
  return stream.capture == cudaStreamCaptureStatusActive;
}

/// Memory that a graph has between its step that allocates and its step that frees.
cudaError_t allocate_in_graph(Device& device, CUstream_st& stream, void** data,
                              std::size_t size_bytes) {
  CUgraph_st& graph = *stream.recorded;
  void* const memory = device.allocate(size_bytes, &graph);
  if (memory == nullptr) return cudaErrorMemoryAllocation;
  forbid(memory, size_bytes);
  graph.memory.push_back(memory);
  ++graph.kept_count;
  *data = memory;
  return device.give(&stream, step_of([&device, memory, size_bytes] {
    allow(memory, size_bytes);
    device.unwrite(memory, size_bytes);
  }));
}

cudaError_t free_memory(Device& device, CUstream_st& stream, void* data) {
  Allocation* const allocation = device.allocation_at(data);
  if (allocation == nullptr) {
    return device.refuse(cudaErrorInvalidValue, "memory is freed that is not allocated");
  }
  const std::size_t size_bytes = allocation->size_bytes;
  const CUgraph_st* const graph = allocation->graph;
  if (is_recorded(stream) && graph != stream.recorded.get()) {
    device.spoil(stream, "memory from outside is freed in a capture");
    return cudaErrorInvalidValue;
  }
  allocation->is_freed = true;
  if (graph == nullptr) {
    return device.give(&stream, step_of([&device, data] { device.release(data); }));
  }
  if (is_recorded(stream)) --stream.recorded->kept_count;
  return device.give(&stream, step_of([data, size_bytes] { forbid(data, size_bytes); }));
}

cudaError_t copy_from_host(Device& device, CUstream_st& stream, void* target, const void* source,
                           std::size_t size_bytes) {
  if (device.is_pinned(source)) {
    return device.give(&stream, step_of([=] { std::memcpy(target, source, size_bytes); }));
  }
  if (is_recorded(stream)) return device.spoil(stream, "a copy of pageable memory in a capture");
  const auto* const bytes = static_cast<const std::byte*>(source);
  auto staged = std::make_shared<std::vector<std::byte>>(bytes, bytes + size_bytes);
  return device.give(&stream, step_of([=] { std::memcpy(target, staged->data(), size_bytes); }));
}

cudaError_t copy_to_host(Device& device, CUstream_st& stream, void* target, const void* source,
                         std::size_t size_bytes) {
  const bool is_pinned = device.is_pinned(target);
  if (!is_pinned && is_recorded(stream)) {
    return device.spoil(stream, "a copy to pageable memory in a capture");
  }
  const cudaError_t status =
      device.give(&stream, step_of([=] { std::memcpy(target, source, size_bytes); }));
  return status != cudaSuccess || is_pinned ? status : device.wait_for(stream);
}

}  // namespace
}  // namespace harpy::cuda_emulation

namespace emulation = harpy::cuda_emulation;
using emulation::Device;
using emulation::on_device;

cudaError_t cudaMemPoolCreate(cudaMemPool_t* pool, const cudaMemPoolProps* properties) {
  return on_device([&](Device&) {
    if (properties->allocType != cudaMemAllocationTypePinned || properties->location.id != 0) {
      return cudaErrorInvalidValue;
    }
    *pool = new CUmemPoolHandle_st;
    return cudaSuccess;
  });
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t /*pool*/, cudaMemPoolAttr /*attribute*/,
                                    void* /*value*/) {
  return on_device([](Device&) { return cudaSuccess; });
}

cudaError_t cudaMemPoolDestroy(cudaMemPool_t pool) {
  delete pool;
  return cudaSuccess;
}

cudaError_t cudaMallocFromPoolAsync(void** data, std::size_t size_bytes, cudaMemPool_t /*pool*/,
                                    cudaStream_t stream) {
  return on_device([&](Device& device) {
    if (stream->capture == cudaStreamCaptureStatusInvalidated) {
      return cudaErrorStreamCaptureInvalidated;
    }
    if (emulation::is_recorded(*stream)) {
      return emulation::allocate_in_graph(device, *stream, data, size_bytes);
    }
    *data = device.allocate(size_bytes, nullptr);
    return *data == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
  });
}

cudaError_t cudaMemGetInfo(std::size_t* free_bytes, std::size_t* all_bytes) {
  return on_device([&](Device& device) {
    *all_bytes = emulation::kMemoryBytes;
    *free_bytes = emulation::kMemoryBytes - device.allocated_bytes();
    return cudaSuccess;
  });
}

cudaError_t cudaFreeAsync(void* data, cudaStream_t stream) {
  return on_device([&](Device& device) { return emulation::free_memory(device, *stream, data); });
}

cudaError_t cudaHostAlloc(void** data, std::size_t size_bytes, unsigned /*flags*/) {
  return on_device([&](Device& device) {
    if (CUstream_st* const captured = device.captured_here(); captured != nullptr) {
      return device.spoil(*captured, "host memory is allocated during a capture");
    }
    *data = device.pin(size_bytes);
    return *data == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
  });
}

cudaError_t cudaFreeHost(void* data) {
  return on_device([&](Device& device) {
    return device.unpin(data)
               ? cudaSuccess
               : device.refuse(cudaErrorInvalidValue, "host memory is freed that is not pinned");
  });
}

cudaError_t cudaMemcpyAsync(void* target, const void* source, std::size_t size_bytes,
                            cudaMemcpyKind kind, cudaStream_t stream) {
  return on_device([&](Device& device) {
    if ((kind != cudaMemcpyDeviceToHost && !device.holds(target, size_bytes)) ||
        (kind != cudaMemcpyHostToDevice && !device.holds(source, size_bytes))) {
      return device.refuse(cudaErrorInvalidValue, "a copy of what the device does not hold");
    }
    switch (kind) {
      case cudaMemcpyHostToDevice:
        return emulation::copy_from_host(device, *stream, target, source, size_bytes);
      case cudaMemcpyDeviceToHost:
        return emulation::copy_to_host(device, *stream, target, source, size_bytes);
      case cudaMemcpyDeviceToDevice:
        break;
    }
    return device.give(stream,
                       emulation::step_of([=] { std::memcpy(target, source, size_bytes); }));
  });
}

cudaError_t cudaMemsetAsync(void* target, int value, std::size_t size_bytes, cudaStream_t stream) {
  return on_device([&](Device& device) {
    if (!device.holds(target, size_bytes)) {
      return device.refuse(cudaErrorInvalidValue, "a fill of what the device does not hold");
    }
    return device.give_computation(
        stream, emulation::step_of([=] { std::memset(target, value, size_bytes); }));
  });
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  return on_device([&](Device& device) {
    *attributes = {};
    if (device.holds(pointer, 1)) {
      attributes->type = cudaMemoryTypeDevice;
    } else if (device.is_pinned(pointer)) {
      attributes->type = cudaMemoryTypeHost;
    }
    return cudaSuccess;
  });
}

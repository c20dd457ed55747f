// The runtime's calls about streams, events and graphs.

#include <cuda_runtime_api.h>

#include <utility>

#include "tests/support/cuda_emulation/device.hpp"

using harpy::cuda_emulation::Device;
using harpy::cuda_emulation::on_device;
using harpy::cuda_emulation::Step;

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned /*flags*/) {
  return on_device([&](Device& device) {
    *stream = device.make_stream();
    return cudaSuccess;
  });
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return on_device([&](Device& device) { return device.end_stream(*stream); });
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return on_device([&](Device& device) { return device.wait_for(*stream); });
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return on_device([&](Device& device) {
    if (stream->capture != cudaStreamCaptureStatusNone) return device.wait_for(*stream);
    if (stream->done == stream->given) return cudaSuccess;
    const cudaError_t status = device.carry_out(*stream, stream->done + 1);
    return status == cudaSuccess ? cudaErrorNotReady : status;
  });
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, void (*function)(void* data), void* data) {
  return on_device([&](Device& device) {
    return device.give(stream, [function, data] {
      function(data);
      return std::string();
    });
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned /*flags*/) {
  return on_device([&](Device& device) {
    *event = device.make_event();
    return cudaSuccess;
  });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return on_device([&](Device& device) {
    device.end_event(event);
    return cudaSuccess;
  });
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return on_device([&](Device& device) {
    if (stream->capture != cudaStreamCaptureStatusNone) {
      return device.spoil(*stream, "an event for the host in a capture");
    }
    *event = {.stream = stream, .position = stream->given};
    return cudaSuccess;
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return on_device([&](Device& device) {
    return event->stream == nullptr ? cudaSuccess
                                    : device.carry_out(*event->stream, event->position);
  });
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode /*mode*/) {
  return on_device([&](Device& device) {
    if (stream->capture != cudaStreamCaptureStatusNone) {
      return device.refuse(cudaErrorStreamCaptureUnsupported, "a capture within a capture");
    }
    stream->capture = cudaStreamCaptureStatusActive;
    stream->recorded = std::make_unique<CUgraph_st>();
    stream->capturer = std::this_thread::get_id();
    return cudaSuccess;
  });
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  return on_device([&](Device& device) {
    *graph = nullptr;
    if (stream->capturer != std::this_thread::get_id()) {
      return device.refuse(cudaErrorStreamCaptureWrongThread, "another thread ends the capture");
    }
    std::unique_ptr<CUgraph_st> recorded = std::move(stream->recorded);
    if (std::exchange(stream->capture, cudaStreamCaptureStatusNone) ==
        cudaStreamCaptureStatusInvalidated) {
      for (void* data : recorded->memory) device.release(data);
      return cudaErrorStreamCaptureInvalidated;
    }
    *graph = recorded.release();
    return cudaSuccess;
  });
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  return on_device([&](Device&) {
    *status = stream->capture;
    return cudaSuccess;
  });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long /*flags*/) {
  return on_device([&](Device&) {
    *executable = new CUgraphExec_st{.graph = graph};
    return cudaSuccess;
  });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return on_device([&](Device& device) {
    if (executable->graph->kept_count > 0 && std::exchange(executable->was_launched, true)) {
      return device.refuse(cudaErrorInvalidValue, "a graph is launched that keeps its memory");
    }
    return device.give(stream, [steps = executable->graph->steps] {
      for (const Step& step : steps) {
        if (std::string fault = step(); !fault.empty()) return fault;
      }
      return std::string();
    });
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const cudaError_t status = on_device([&](Device& device) {
    for (void* data : graph->memory) device.release(data);
    return cudaSuccess;
  });
  delete graph;
  return status;
}

#include "acoustic/backend/cuda/graph.hpp"

#include <utility>

#include "acoustic/backend/cuda/check.hpp"

namespace harpy::cuda {
namespace {

using Graph = Owner<cudaGraph_t, cudaGraphDestroy>;
using ExecutableGraph = Owner<cudaGraphExec_t, cudaGraphExecDestroy>;

/// Whether the steps may succeed when called one by one after their graph has failed in this way.
bool can_do_without(const DeviceError& error) {
  return error.kind() == DeviceErrorKind::kOther || error.kind() == DeviceErrorKind::kOutOfMemory;
}

class GraphRecording : public Recording {
 public:
  GraphRecording(cudaStream_t stream, Graph graph, ExecutableGraph executable)
      : stream_(stream), graph_(std::move(graph)), executable_(std::move(executable)) {}
  GraphRecording(const GraphRecording&) = delete;
  GraphRecording& operator=(const GraphRecording&) = delete;
  ~GraphRecording() override {
    // The graph's memory must not end before its last launch; errors say no more than that the
    // device is lost.
    cudaStreamSynchronize(stream_);
    cudaGetLastError();
  }

  bool launch() override {
    try {
      check(cudaGraphLaunch(executable_.get(), stream_));
    } catch (const DeviceError& error) {
      if (!can_do_without(error)) throw;
      return false;
    }
    return true;
  }

 private:
  cudaStream_t stream_;
  Graph graph_;  ///< owns the memory of the executable one, and so ends after it
  ExecutableGraph executable_;
};

/// Records what the stream is given between the construction of the object and finish().
class Capture {
 public:
  explicit Capture(cudaStream_t stream) : stream_(stream) {
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() {
    if (stream_ == nullptr) return;
    cudaGraph_t graph = nullptr;
    cudaStreamEndCapture(stream_, &graph);  // which fails if a step did, but ends the capture
    cudaGetLastError();
    const Graph unwanted(graph);
  }

  Graph finish() {
    return made_by<Graph>([&](cudaGraph_t* graph) {
      return cudaStreamEndCapture(std::exchange(stream_, nullptr), graph);
    });
  }

 private:
  cudaStream_t stream_;
};

}  // namespace

std::unique_ptr<Recording> record_graph(cudaStream_t stream, const std::function<void()>& steps) {
  try {
    Capture capture(stream);
    steps();
    Graph graph = capture.finish();
    auto executable = made_by<ExecutableGraph>(
        [&](cudaGraphExec_t* made) { return cudaGraphInstantiate(made, graph.get(), 0); });
    return std::make_unique<GraphRecording>(stream, std::move(graph), std::move(executable));
  } catch (const DeviceError& error) {
    if (!can_do_without(error)) throw;
    return nullptr;
  }
}

}  // namespace harpy::cuda

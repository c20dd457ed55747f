#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/cuda/backend_stream.hpp"
#include "acoustic/backend/cuda/block_executor.cuh"
#include "acoustic/backend/cuda/kernel_launch.cuh"
#include "decoder/path_sums/forward_backward_batch.hpp"
#include "decoder/path_sums/forward_backward_program.hpp"

namespace harpy::forward_backward {
namespace {

constexpr unsigned kLeastThreads = 64;
constexpr unsigned kMostThreads = 1024;

/// Each block of threads sums over the paths of one utterance.
__global__ void __launch_bounds__(kMostThreads) sum_utterances(const ForwardBackwardTask* tasks) {
  const ForwardBackwardTask task = tasks[blockIdx.x];
  sum_over_paths<cuda::BlockAccess>(cuda::BlockExecutor{}, task);
}

/// As many threads of a block as find work in a frame of the largest graph.
unsigned thread_count(std::int32_t state_count) {
  unsigned count = kLeastThreads;
  while (count < kMostThreads && count < static_cast<unsigned>(state_count)) count *= 2;
  return count;
}

}  // namespace

void evaluate_on_device(Backend& backend, const ForwardBackwardBatch& batch,
                        std::span<double> log_probabilities) {
  const cudaStream_t stream = cuda::stream_of(backend);
  if (log_probabilities.size() != batch.utterance_count()) {
    throw std::invalid_argument(
        "forward-backward: expected " + std::to_string(batch.utterance_count()) +
        " log probabilities, got " + std::to_string(log_probabilities.size()));
  }
  if (log_probabilities.empty()) return;
  const auto& memory = backend.memory();
  DeviceBuffer<std::byte> graphs(memory, batch.graph_bytes().size());
  graphs.copy_from_host(batch.graph_bytes());
  DeviceBuffer<std::byte> work(memory, batch.memory_bytes());
  DeviceBuffer<ForwardBackwardResult> device_results(memory, batch.utterance_count());
  const std::vector<ForwardBackwardTask> tasks =
      batch.tasks({graphs.data(), work.data(), device_results.data()});
  DeviceBuffer<ForwardBackwardTask> device_tasks(memory, tasks.size());
  device_tasks.copy_from_host(tasks);

  cuda::launch(stream,
               {static_cast<unsigned>(tasks.size()), thread_count(batch.largest_state_count())},
               sum_utterances, device_tasks.data());

  std::vector<ForwardBackwardResult> results(tasks.size());
  device_results.copy_to_host(results);
  std::transform(results.begin(), results.end(), log_probabilities.begin(), log_probability);
}

}  // namespace harpy::forward_backward

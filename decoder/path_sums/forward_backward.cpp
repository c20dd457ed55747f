#include "decoder/path_sums/forward_backward.hpp"

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/cpu/thread_team.hpp"
#include "decoder/path_sums/forward_backward_batch.hpp"
#include "decoder/path_sums/forward_backward_cpu.hpp"

namespace harpy {
namespace {

bool is_on_cpu(const Backend& backend) { return backend.device().kind == DeviceKind::kCpu; }

int checked_thread_count(int thread_count) {
  if (thread_count < 1) {
    throw std::invalid_argument("forward-backward: expected at least 1 thread, got " +
                                std::to_string(thread_count));
  }
  return thread_count;
}

void check_sizes(std::span<const UtteranceScores> utterances,
                 std::span<const double> log_probabilities) {
  if (log_probabilities.size() == utterances.size()) return;
  throw std::invalid_argument("forward-backward: expected " + std::to_string(utterances.size()) +
                              " log probabilities, got " +
                              std::to_string(log_probabilities.size()));
}

}  // namespace

/// What the object keeps from call to call: threads and their memory for the CPU, the graphs of a
/// call's utterances for a device.
class ForwardBackward::Workplace {
 public:
  explicit Workplace(int thread_count)
      : threads(thread_count), of_threads(static_cast<std::size_t>(thread_count)) {}

  struct OfThread {
    SummationGraph graph;
    CpuForwardBackward sums;
  };

  cpu::ThreadTeam threads;
  std::vector<OfThread> of_threads;
  forward_backward::ForwardBackwardBatch batch;
};

ForwardBackward::ForwardBackward(int thread_count)
    : workplace_(std::make_unique<Workplace>(checked_thread_count(thread_count))) {}
ForwardBackward::ForwardBackward(ForwardBackward&&) noexcept = default;
ForwardBackward& ForwardBackward::operator=(ForwardBackward&&) noexcept = default;
ForwardBackward::~ForwardBackward() = default;

void ForwardBackward::evaluate(Backend& backend, const SummationGraph& graph,
                               std::span<const UtteranceScores> utterances, float factor,
                               std::span<double> log_probabilities) {
  check_sizes(utterances, log_probabilities);
  if (is_on_cpu(backend)) {
    // Threads take contiguous parts, so that each computes as many as it can side by side.
    const std::size_t count = utterances.size();
    const std::size_t thread_count = workplace_->of_threads.size();
    workplace_->threads.run([&](int part) {
      const auto thread = static_cast<std::size_t>(part);
      const std::size_t begin = count * thread / thread_count;
      const std::size_t size = count * (thread + 1) / thread_count - begin;
      workplace_->of_threads[thread].sums.evaluate(graph, utterances.subspan(begin, size), factor,
                                                   log_probabilities.subspan(begin, size));
    });
    return;
  }
  forward_backward::ForwardBackwardBatch& batch = workplace_->batch;
  batch.clear();
  const std::size_t number = batch.add_graph(graph);
  for (const UtteranceScores& utterance : utterances) {
    batch.add_utterance(number, utterance, factor);
  }
  forward_backward::evaluate_on_device(backend, batch, log_probabilities);
}

void ForwardBackward::evaluate(Backend& backend, const GraphMaker& make_graph,
                               std::span<const UtteranceScores> utterances, float factor,
                               std::span<double> log_probabilities) {
  check_sizes(utterances, log_probabilities);
  if (is_on_cpu(backend)) {
    std::atomic<std::size_t> next = 0;
    workplace_->threads.run([&](int part) {
      const auto thread = static_cast<std::size_t>(part);
      auto& [graph, sums] = workplace_->of_threads[thread];
      for (std::size_t u = next++; u < utterances.size(); u = next++) {
        make_graph(thread, u, graph);
        sums.evaluate(graph, utterances.subspan(u, 1), factor, log_probabilities.subspan(u, 1));
      }
    });
    return;
  }
  forward_backward::ForwardBackwardBatch& batch = workplace_->batch;
  SummationGraph& graph = workplace_->of_threads[0].graph;
  batch.clear();
  for (std::size_t u = 0; u < utterances.size(); ++u) {
    make_graph(0, u, graph);
    batch.add_utterance(batch.add_graph(graph), utterances[u], factor);
  }
  forward_backward::evaluate_on_device(backend, batch, log_probabilities);
}

}  // namespace harpy

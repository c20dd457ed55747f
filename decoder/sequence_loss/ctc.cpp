#include "decoder/sequence_loss/ctc.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "acoustic/backend/cpu/thread_team.hpp"
#include "decoder/search/forward_backward.hpp"
#include "decoder/sequence_loss/ctc_graph.hpp"

namespace harpy {
namespace {

/// What one thread works with.
class Worker {
 public:
  /// Writes the gradient and returns log P(labels), -infinity if there is no alignment.
  /// Shapes: head and gradient [frames, pdfs].
  double evaluate(ConstTensorView head, const LossTarget& target, TensorView gradient) {
    std::fill_n(gradient.data, gradient.size(), 0.0F);
    graph_.assign(target.labels, static_cast<std::int32_t>(head.dim()));
    if (graph_.least_frame_count() > head.rows()) {
      return -std::numeric_limits<double>::infinity();
    }
    summation_graph_.assign(graph_.view());
    const UtteranceScores scores{head.data, head.rows(), gradient.data};
    double log_probability = 0.0;
    forward_backward_.evaluate(summation_graph_, {&scores, 1}, -1.0F, {&log_probability, 1});
    return log_probability;
  }

 private:
  CtcGraph graph_;
  SummationGraph summation_graph_;
  ForwardBackward forward_backward_;
};

void check_arguments(const Backend& backend, std::span<const ConstTensorView> heads,
                     std::span<const LossTarget> targets, std::span<const TensorView> gradients) {
  const auto check = [](bool good, const std::string& expected, const std::string& got) {
    if (!good) throw std::invalid_argument("CTC: expected " + expected + ", got " + got);
  };
  check(backend.device().kind == DeviceKind::kCpu, "heads on the cpu",
        "heads on " + to_string(backend.device()));
  check(heads.size() == 1, "1 head", std::to_string(heads.size()));
  check(gradients.size() == 1, "1 gradient", std::to_string(gradients.size()));
  const Shape& shape = heads[0].shape;
  check(shape.rank() == 3 && shape.dim() >= 1, "a head [sequences, frames, dim]", to_string(shape));
  check(gradients[0].shape == shape, "a gradient " + to_string(shape),
        to_string(gradients[0].shape));
  check(static_cast<std::int64_t>(targets.size()) == shape[0],
        std::to_string(shape[0]) + " targets", std::to_string(targets.size()));
  for (std::size_t sequence = 0; sequence < targets.size(); ++sequence) {
    for (const std::int32_t label : targets[sequence].labels) {
      check(label >= 1 && label < shape.dim(),
            "labels from 1 to " + std::to_string(shape.dim() - 1),
            std::to_string(label) + " in sequence " + std::to_string(sequence));
    }
  }
}

}  // namespace

class Ctc::Team {
 public:
  explicit Team(int thread_count)
      : threads(thread_count), workers(static_cast<std::size_t>(thread_count)) {}

  cpu::ThreadTeam threads;
  std::vector<Worker> workers;
  std::vector<double> log_probabilities;
};

Ctc::Ctc(int thread_count) {
  if (thread_count < 1) {
    throw std::invalid_argument("CTC: expected at least 1 thread, got " +
                                std::to_string(thread_count));
  }
  team_ = std::make_unique<Team>(thread_count);
}

Ctc::~Ctc() = default;

LossValue Ctc::evaluate(Backend& backend, std::span<const ConstTensorView> heads,
                        std::span<const LossTarget> targets,
                        std::span<const TensorView> gradients) {
  check_arguments(backend, heads, targets, gradients);
  const std::int64_t frame_count = heads[0].shape[1];
  std::vector<double>& log_probabilities = team_->log_probabilities;
  log_probabilities.resize(targets.size());
  std::atomic<std::size_t> next_sequence = 0;
  team_->threads.run([&](int part) {
    Worker& worker = team_->workers[static_cast<std::size_t>(part)];
    for (std::size_t s = next_sequence++; s < targets.size(); s = next_sequence++) {
      const std::int64_t begin = static_cast<std::int64_t>(s) * frame_count;
      log_probabilities[s] = worker.evaluate(slice_rows(heads[0], begin, frame_count), targets[s],
                                             slice_rows(gradients[0], begin, frame_count));
    }
  });
  LossValue value;
  for (const double log_probability : log_probabilities) {
    if (log_probability == -std::numeric_limits<double>::infinity()) {
      ++value.skipped;
    } else {
      value.total -= log_probability;
      value.frames += frame_count;
    }
  }
  return value;
}

}  // namespace harpy

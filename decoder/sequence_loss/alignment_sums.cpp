#include "decoder/sequence_loss/alignment_sums.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include "acoustic/backend/cpu/thread_team.hpp"
#include "decoder/path_sums/cuda/forward_backward_cuda.hpp"
#include "decoder/path_sums/forward_backward.hpp"
#include "decoder/path_sums/summation_batch.hpp"
#include "decoder/sequence_loss/ctc_graph.hpp"

namespace harpy {
namespace {

/// What one thread works with.
class Worker {
 public:
  /// Writes the gradient and returns log P(labels), -infinity if there is no alignment.
  /// Shapes: head and gradient [frames, pdfs].
  double evaluate(ConstTensorView head, const LossTarget& target, float factor,
                  TensorView gradient) {
    std::fill_n(gradient.data, gradient.size(), 0.0F);
    graph_.assign(target.labels, static_cast<std::int32_t>(head.dim()));
    if (graph_.least_frame_count() > head.rows()) {
      return -std::numeric_limits<double>::infinity();
    }
    summation_graph_.assign(graph_.view());
    const UtteranceScores scores{head.data, head.rows(), gradient.data};
    double log_probability = 0.0;
    forward_backward_.evaluate(summation_graph_, {&scores, 1}, factor, {&log_probability, 1});
    return log_probability;
  }

 private:
  CtcGraph graph_;
  SummationGraph summation_graph_;
  ForwardBackward forward_backward_;
};

}  // namespace

class AlignmentSums::Team {
 public:
  explicit Team(int thread_count)
      : threads_(thread_count), workers_(static_cast<std::size_t>(thread_count)) {}

  void evaluate_on_host(ConstTensorView head, std::span<const LossTarget> targets, float factor,
                        TensorView gradient, std::span<double> log_probabilities) {
    const std::int64_t frame_count = head.shape[1];
    std::atomic<std::size_t> next_sequence = 0;
    threads_.run([&](int part) {
      Worker& worker = workers_[static_cast<std::size_t>(part)];
      for (std::size_t s = next_sequence++; s < targets.size(); s = next_sequence++) {
        const std::int64_t begin = static_cast<std::int64_t>(s) * frame_count;
        log_probabilities[s] = worker.evaluate(slice_rows(head, begin, frame_count), targets[s],
                                               factor, slice_rows(gradient, begin, frame_count));
      }
    });
  }

  void evaluate_on_device(Backend& backend, ConstTensorView head,
                          std::span<const LossTarget> targets, float factor, TensorView gradient,
                          std::span<double> log_probabilities) {
    const std::int64_t frame_count = head.shape[1];
    batch_.clear();
    batch_sequences_.clear();
    for (std::size_t s = 0; s < targets.size(); ++s) {
      log_probabilities[s] = -std::numeric_limits<double>::infinity();
      graph_.assign(targets[s].labels, static_cast<std::int32_t>(head.dim()));
      if (graph_.least_frame_count() > frame_count) continue;
      summation_graph_.assign(graph_.view());
      const std::int64_t first = static_cast<std::int64_t>(s) * frame_count * head.dim();
      batch_.add_utterance(batch_.add_graph(summation_graph_),
                           {head.data + first, frame_count, gradient.data + first}, factor);
      batch_sequences_.push_back(s);
    }
    backend.fill(0.0F, gradient);
    std::vector<double> of_batch(batch_sequences_.size());
    cuda::sum_over_paths(backend, batch_, of_batch);
    for (std::size_t i = 0; i < of_batch.size(); ++i) {
      log_probabilities[batch_sequences_[i]] = of_batch[i];
    }
  }

  cpu::ThreadTeam& threads() { return threads_; }

 private:
  cpu::ThreadTeam threads_;
  std::vector<Worker> workers_;
  CtcGraph graph_;
  SummationGraph summation_graph_;
  summation::SummationBatch batch_;
  std::vector<std::size_t> batch_sequences_;
};

AlignmentSums::AlignmentSums(std::string loss_name, int thread_count)
    : loss_name_(std::move(loss_name)) {
  if (thread_count < 1) {
    throw std::invalid_argument(loss_name_ + ": expected at least 1 thread, got " +
                                std::to_string(thread_count));
  }
  team_ = std::make_unique<Team>(thread_count);
}

AlignmentSums::~AlignmentSums() = default;

cpu::ThreadTeam& AlignmentSums::threads() { return team_->threads(); }

void AlignmentSums::check_arguments(std::span<const ConstTensorView> heads,
                                    std::span<const LossTarget> targets,
                                    std::span<const TensorView> gradients) const {
  const auto check = [this](bool good, const std::string& expected, const std::string& got) {
    if (!good) throw std::invalid_argument(loss_name_ + ": expected " + expected + ", got " + got);
  };
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

void AlignmentSums::evaluate(Backend& backend, ConstTensorView head,
                             std::span<const LossTarget> targets, float factor, TensorView gradient,
                             std::span<double> log_probabilities) {
  if (backend.device().kind == DeviceKind::kCpu) {
    team_->evaluate_on_host(head, targets, factor, gradient, log_probabilities);
  } else {
    team_->evaluate_on_device(backend, head, targets, factor, gradient, log_probabilities);
  }
}

}  // namespace harpy

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>

#include "acoustic/optimizers/adam.hpp"
#include "acoustic/training/trainer.hpp"
#include "tests/acoustic/training/test_data.hpp"

namespace harpy::testing {

/// The mean of -log p(label) with the labels spread evenly over the frames: a loss that needs no
/// graph.
class EvenAlignmentLoss : public Loss {
 public:
  LossValue evaluate(Backend& backend, std::span<const ConstTensorView> heads,
                     std::span<const LossTarget> targets,
                     std::span<const TensorView> gradients) override {
    const Shape shape = heads[0].shape;
    const std::vector<float> scores = backend.to_host(heads[0]);
    std::vector<float> slopes(scores.size(), 0.0F);
    LossValue value;
    for (std::int64_t b = 0; b < shape[0]; ++b) {
      const auto& labels = targets[static_cast<std::size_t>(b)].labels;
      for (std::int64_t t = 0; t < shape[1]; ++t) {
        const auto label =
            static_cast<std::size_t>(labels[static_cast<std::size_t>(t) * labels.size() /
                                            static_cast<std::size_t>(shape[1])]);
        const std::size_t at = static_cast<std::size_t>((b * shape[1] + t) * shape[2]) + label;
        value.total -= scores[at];
        slopes[at] = -1.0F;
      }
      value.frames += shape[1];
    }
    backend.copy(backend.from_host(shape, slopes), gradients[0]);
    return value;
  }
};

/// Keeps the reports and stops after a number of steps.
class RecordingObserver : public TrainingObserver {
 public:
  explicit RecordingObserver(std::int64_t stop_after = -1) : stop_after_(stop_after) {}

  bool step_done(const StepReport& report) override {
    steps.push_back(report);
    return report.step != stop_after_;
  }
  void epoch_done(const EpochReport& report) override { epochs.push_back(report); }
  void checkpoint_written() override { ++checkpoints; }

  std::vector<StepReport> steps;
  std::vector<EpochReport> epochs;
  int checkpoints = 0;

 private:
  std::int64_t stop_after_;
};

/// All that one small training needs. Two of them do not know each other.
class SmallTraining {
 public:
  SmallTraining(std::filesystem::path checkpoint, Loss& loss, const TrainerOptions& options,
                const SyntheticData& data = {}, std::filesystem::path compact_checkpoint = {},
                Ranks& ranks = only_rank())
      : backend(create_backend({})),
        dataset(data.dataset(2)),
        network(*backend, description(data), 3),
        augmentation(kAugmentation, {20.0, 8000.0, data.dim}),
        groups(LengthGroupsOptions{15, 60, 2, 8}),
        trainer({.backend = backend.get(),
                 .network = &network,
                 .loss = &loss,
                 .optimizer = &optimizer,
                 .train = {&dataset, &augmentation, &groups, 200},
                 .validation = &dataset,
                 .checkpoint = std::move(checkpoint),
                 .compact_checkpoint = std::move(compact_checkpoint),
                 .ranks = &ranks},
                options) {}

  /// Every value of the network, in order.
  std::vector<float> values() {
    std::vector<float> all;
    for (const NamedTensor& named : network.tensors()) {
      const std::vector<float> part = backend->to_host(*named.tensor);
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }

  static constexpr AugmentationOptions kAugmentation{0.1, 0.02, 0.2, 1, 2, 0.1, 0, 0};

  std::unique_ptr<Backend> backend;
  Dataset dataset;
  Network network;
  Adam optimizer;
  Augmentation augmentation;
  LengthGroups groups;
  Trainer trainer;

 private:
  static boost::json::object description(const SyntheticData& data) {
    boost::json::object object = boost::json::parse(R"({
      "trunk": [
        {"type": "convolution", "output_dim": 16, "kernel": 3, "stride": 2},
        {"type": "relu"}, {"type": "batch_norm"},
        {"type": "convolution", "output_dim": 16, "kernel": 3},
        {"type": "relu"}, {"type": "batch_norm"}, {"type": "dropout", "rate": 0.1}],
      "heads": {"ctc": [{"type": "linear", "output_dim": 5}, {"type": "log_softmax"}]}})")
                                     .as_object();
    object["input_dim"] = data.dim;
    return object;
  }
};

}  // namespace harpy::testing

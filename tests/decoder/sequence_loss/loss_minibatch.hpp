#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/loss.hpp"
#include "tests/decoder/sequence_loss/path_enumeration.hpp"

namespace harpy::testing {

/// A minibatch with random scores, and the gradient of a loss.
struct LossMinibatch {
  LossMinibatch(std::int64_t sequences, std::int64_t frames, std::int64_t dim, std::uint32_t seed)
      : shape{sequences, frames, dim},
        targets(static_cast<std::size_t>(sequences)),
        gradient(static_cast<std::size_t>(shape.size()), 99.0F) {
    std::mt19937 random(seed);
    head = random_log_softmax(random, static_cast<std::size_t>(sequences * frames),
                              static_cast<std::size_t>(dim));
  }

  LossValue evaluate(Loss& loss, Device device = {}) {
    const auto backend = create_backend({.device = device});
    const Tensor device_head = backend->from_host(shape, head);
    Tensor device_gradient = backend->from_host(shape, gradient);
    const ConstTensorView head_view = device_head;
    const TensorView gradient_view = device_gradient;
    const LossValue value = loss.evaluate(*backend, {&head_view, 1}, targets, {&gradient_view, 1});
    gradient = backend->to_host(device_gradient);
    return value;
  }

  std::size_t sequence_size() const { return static_cast<std::size_t>(shape[1] * shape[2]); }
  std::vector<float> head_of(std::size_t sequence) const { return part(head, sequence); }
  std::vector<float> gradient_of(std::size_t sequence) const { return part(gradient, sequence); }

  Shape shape;
  std::vector<LossTarget> targets;
  std::vector<float> head;
  std::vector<float> gradient;

 private:
  std::vector<float> part(const std::vector<float>& values, std::size_t sequence) const {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(sequence * sequence_size());
    return {first, first + static_cast<std::ptrdiff_t>(sequence_size())};
  }
};

/// Expects of a loss on every CUDA device what it gives on the CPU: the total within
/// `total_tolerance` of it, gradients within `gradient_tolerance`. Skips where there is no device.
inline void expect_the_same_on_cuda(Loss& loss, const LossMinibatch& batch, double total_tolerance,
                                    float gradient_tolerance) {
  const DeviceReport found = find_devices();
  if (found.devices.size() == 1) GTEST_SKIP() << "needs a CUDA device: " << found.cuda_obstacle;
  LossMinibatch on_cpu = batch;
  const LossValue expected = on_cpu.evaluate(loss);
  EXPECT_GT(expected.skipped, 0);
  for (const DeviceDescription& described : found.devices) {
    LossMinibatch on_device = batch;
    const LossValue value = on_device.evaluate(loss, described.device);
    EXPECT_EQ(value.skipped, expected.skipped);
    EXPECT_EQ(value.frames, expected.frames);
    EXPECT_NEAR(value.total, expected.total, total_tolerance * expected.total);
    EXPECT_THAT(on_device.gradient,
                ::testing::Pointwise(::testing::FloatNear(gradient_tolerance), on_cpu.gradient));
  }
}

/// Merges repeats, then leaves out blanks: the labels that an alignment means.
inline std::vector<std::int32_t> collapse(std::span<const std::int32_t> alignment) {
  std::vector<std::int32_t> labels;
  std::int32_t previous = 0;
  for (const std::int32_t pdf : alignment) {
    if (pdf != previous && pdf != 0) labels.push_back(pdf);
    previous = pdf;
  }
  return labels;
}

/// Calls visit(alignment, labels, log weight) for all dim^frames alignments.
template <typename Visit>
void visit_alignments(std::span<const float> head, std::size_t dim, Visit&& visit) {
  const std::size_t frames = head.size() / dim;
  std::vector<std::int32_t> alignment(frames, 0);
  while (true) {
    double log_weight = 0.0;
    for (std::size_t t = 0; t < frames; ++t) {
      log_weight += double{head[t * dim + static_cast<std::size_t>(alignment[t])]};
    }
    visit(alignment, collapse(alignment), log_weight);
    std::size_t t = 0;
    while (t < frames && ++alignment[t] == static_cast<std::int32_t>(dim)) alignment[t++] = 0;
    if (t == frames) break;
  }
}

}  // namespace harpy::testing

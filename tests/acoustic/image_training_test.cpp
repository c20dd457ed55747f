// The core is not for speech alone: a small convolutional network learns to tell shapes in noisy
// images, whose rows are its frames and whose columns are its bins.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <random>

#include "acoustic/losses/cross_entropy.hpp"
#include "acoustic/network.hpp"
#include "acoustic/optimizers/adam.hpp"
#include "acoustic/optimizers/learning_rate.hpp"

namespace harpy::testing {
namespace {

constexpr int kExtent = 12;
constexpr int kDigitClasses = 4;

/// Draws a horizontal bar, a vertical bar, a cross or the outline of a box into noise.
class ShapePainter {
 public:
  explicit ShapePainter(unsigned seed) : random_(seed) {}

  int paint(float* image) {
    std::normal_distribution<float> noise(0.0F, 0.15F);
    for (int i = 0; i < kExtent * kExtent; ++i) image[i] = noise(random_);
    const int shape = draw(0, kDigitClasses - 1);
    const int size = draw(4, 8);
    const int top = draw(0, kExtent - size), left = draw(0, kExtent - size);
    const float ink = std::uniform_real_distribution<float>(0.7F, 1.0F)(random_);
    const auto dot = [&](int row, int column) {
      image[(top + row) * kExtent + left + column] += ink;
    };
    const int middle = size / 2;
    for (int i = 0; i < size; ++i) {
      if (shape == 0 || shape == 2) dot(middle, i);
      if (shape == 1 || (shape == 2 && i != middle)) dot(i, middle);
      if (shape != 3) continue;
      dot(0, i);
      dot(size - 1, i);
      if (i == 0 || i == size - 1) continue;
      dot(i, 0);
      dot(i, size - 1);
    }
    return shape;
  }

 private:
  int draw(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

  std::mt19937 random_;
};

struct Images {
  Tensor x;
  std::vector<LossTarget> targets;
};

Images paint(const Backend& backend, ShapePainter& painter, int count) {
  std::vector<float> values(static_cast<std::size_t>(count) * kExtent * kExtent);
  Images images;
  for (int i = 0; i < count; ++i) {
    images.targets.push_back({{painter.paint(&values[i * kExtent * kExtent])}});
  }
  images.x = backend.from_host({count, kExtent, kExtent}, values);
  return images;
}

TEST(ImageTraining, TellsShapesInNoisyImagesInMoreThan99OfAHundred) {
  const auto backend = create_backend({});
  Network network(*backend,
                  boost::json::parse(R"({"input_dim": 12, "trunk": [
      {"type": "convolution_2d", "bins": 12, "output_channels": 8},
      {"type": "relu"},
      {"type": "max_pooling", "bins": 12, "kernel_time": 2, "kernel_bins": 2},
      {"type": "convolution_2d", "bins": 6, "output_channels": 16},
      {"type": "relu"},
      {"type": "max_pooling", "bins": 6, "kernel_time": 2, "kernel_bins": 2},
      {"type": "splice", "kernel": 3, "stride": 3, "left": 0},
      {"type": "linear", "output_dim": 32},
      {"type": "relu"},
      {"type": "dropout", "rate": 0.2}],
    "heads": {"shape": [{"type": "linear", "output_dim": 4}, {"type": "log_softmax"}]}})")
                      .as_object(),
                  1);
  network.prepare_training(*backend);
  Adam adam;
  CrossEntropy loss;
  ShapePainter painter(1);
  constexpr int kSteps = 1500, kBatch = 32;
  for (int step = 1; step <= kSteps; ++step) {
    const Images images = paint(*backend, painter, kBatch);
    network.zero_gradients(*backend);
    network.begin_step(*backend, step);
    NetworkSaved saved;
    const std::vector<Tensor> heads = network.forward(*backend, images.x, &saved);
    ASSERT_EQ(heads[0].shape(), (Shape{kBatch, 1, kDigitClasses}));
    std::vector<Tensor> gradients;
    gradients.push_back(backend->empty(heads[0].shape()));
    loss.evaluate(*backend, std::vector<ConstTensorView>{heads[0]}, images.targets,
                  std::vector<TensorView>{gradients[0]});
    backend->scale(1.0F / kBatch, gradients[0]);
    network.backward(*backend, gradients, saved);
    adam.step(*backend, network.parameters(),
              learning_rate({.peak = 6e-3F, .warmup_steps = 50}, step, kSteps));
  }
  constexpr int kTested = 1000;
  ShapePainter unseen(2);
  const Images images = paint(*backend, unseen, kTested);
  const auto scores = backend->to_host(network.forward(*backend, images.x, nullptr)[0]);
  int right = 0;
  for (int i = 0; i < kTested; ++i) {
    const auto first = scores.begin() + i * kDigitClasses;
    if (std::max_element(first, first + kDigitClasses) - first == images.targets[i].labels[0])
      ++right;
  }
  EXPECT_GT(right, kTested * 99 / 100);
}

}  // namespace
}  // namespace harpy::testing

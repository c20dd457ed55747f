#include "acoustic/training/tensor_average.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace harpy {
namespace {

TEST(TensorAverage, IsTheExponentialAverageOfWhatItSaw) {
  const auto backend = create_backend({});
  Tensor value = backend->from_host({2}, std::vector<float>{1.0F, -1.0F});
  const std::vector<NamedTensor> tensors{{"value", &value}};
  TensorAverage average(*backend, tensors, 0.8);
  double expected = 1.0;
  for (int step = 1; step <= 50; ++step) {
    const auto seen = static_cast<float>(step % 7);
    backend->fill(seen, value);
    average.update(*backend, tensors, step);
    const double decay = std::min(0.8, (1.0 + step) / (10.0 + step));
    expected = decay * expected + (1.0 - decay) * static_cast<double>(seen);
    const std::vector<NamedTensor> averages = average.averages();
    EXPECT_EQ(averages[0].name, "value");
    EXPECT_NEAR(backend->to_host(*averages[0].tensor)[0], expected, 1e-5);
  }
}

TEST(TensorAverage, ExchangedTwiceIsAsBefore) {
  const auto backend = create_backend({});
  Tensor value = backend->from_host({2}, std::vector<float>{1.0F, 2.0F});
  const std::vector<NamedTensor> tensors{{"value", &value}};
  TensorAverage average(*backend, tensors, 0.5);
  backend->fill(7.0F, value);
  average.exchange(*backend, tensors);
  EXPECT_EQ(backend->to_host(value), (std::vector<float>{1.0F, 2.0F}));
  average.exchange(*backend, tensors);
  EXPECT_EQ(backend->to_host(value), (std::vector<float>{7.0F, 7.0F}));
}

TEST(TensorAverage, RefusesImpossibleDecays) {
  const auto backend = create_backend({});
  EXPECT_THROW(TensorAverage(*backend, {}, 1.0), std::invalid_argument);
  EXPECT_THROW(TensorAverage(*backend, {}, -0.1), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

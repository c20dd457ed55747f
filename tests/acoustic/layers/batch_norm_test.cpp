#include "acoustic/layers/batch_norm.hpp"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <cmath>

#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {
namespace {

TEST(BatchNormLayer, NormalizesInTrainingAndMovesItsRunningStatistics) {
  const auto backend = create_backend({});
  const boost::json::object description{{"type", "batch_norm"}, {"momentum", 0.25}};
  LayerFields fields("layer", description);
  BatchNorm layer(*backend, fields, 2);
  for (Parameter* parameter : layer.parameters()) {
    parameter->gradient = backend->zeros(parameter->value.shape());
  }
  const Tensor x = backend->from_host({1, 2, 2}, std::vector<float>{1, 10, 3, 30});
  SavedForwardPtr saved;
  const Tensor y = layer.forward(*backend, x, &saved);
  EXPECT_LT(largest_difference(backend->to_host(y), {-1, -1, 1, 1}), 1e-4);
  layer.backward(*backend, {x, y, y, saved.get(), true});
  EXPECT_LT(largest_difference(backend->to_host(layer.statistics()[0]->value), {0.5F, 5.0F}), 1e-6);
  EXPECT_LT(largest_difference(backend->to_host(layer.statistics()[1]->value), {1.0F, 25.75F}),
            1e-5);

  const std::vector<float> inferred = backend->to_host(layer.forward(*backend, x, nullptr));
  EXPECT_NEAR(inferred[0], (1 - 0.5) / std::sqrt(1.0 + 1e-5), 1e-5);
  EXPECT_NEAR(inferred[3], (30 - 5) / std::sqrt(25.75 + 1e-5), 1e-5);
}

TEST(BatchNormLayer, WithFixedStatisticsTrainsWhatInfers) {
  const auto backend = create_backend({});
  const boost::json::object description{{"type", "batch_norm"}};
  LayerFields fields("layer", description);
  BatchNorm layer(*backend, fields, 2);
  for (Parameter* parameter : layer.parameters()) {
    parameter->gradient = backend->zeros(parameter->value.shape());
  }
  backend->copy(backend->from_host({2}, std::vector<float>{1, 2}), layer.statistics()[0]->value);
  backend->copy(backend->from_host({2}, std::vector<float>{4, 0.25F}),
                layer.statistics()[1]->value);
  backend->copy(backend->from_host({2}, std::vector<float>{3, 5}), layer.parameters()[0]->value);
  layer.fix_statistics();
  const Tensor x = backend->from_host({1, 2, 2}, std::vector<float>{1, 10, 3, 30});
  SavedForwardPtr saved;
  const Tensor y = layer.forward(*backend, x, &saved);
  EXPECT_EQ(backend->to_host(y), backend->to_host(layer.forward(*backend, x, nullptr)));

  const Tensor dy = backend->from_host({1, 2, 2}, std::vector<float>{1, 2, 3, 4});
  const Tensor dx = layer.backward(*backend, {x, y, dy, saved.get(), true});
  // Factors of x: 3 / sqrt(4) and 5 / sqrt(0.25).
  EXPECT_LT(largest_difference(backend->to_host(dx), {1.5F, 20, 4.5F, 40}), 1e-2);
  // Normalised x: (0, 1) and (16, 56).
  EXPECT_LT(largest_difference(backend->to_host(layer.parameters()[0]->gradient), {3, 256}), 1e-2);
  EXPECT_LT(largest_difference(backend->to_host(layer.parameters()[1]->gradient), {4, 6}), 1e-5);
  EXPECT_EQ(backend->to_host(layer.statistics()[0]->value), (std::vector<float>{1, 2}));
  EXPECT_EQ(backend->to_host(layer.statistics()[1]->value), (std::vector<float>{4, 0.25F}));
}

}  // namespace
}  // namespace harpy::testing

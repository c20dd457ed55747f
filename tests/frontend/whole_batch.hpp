#pragma once

#include <span>

#include "frontend/device_feature_batch.hpp"

namespace harpy::testing {

/// Computes a batch of streams that stand in the rows of `features` one after another.
inline void compute_batch(Backend& backend, DeviceFeatureBatch& batch,
                          std::span<DeviceFeatureStream* const> streams, TensorView features) {
  backend.synchronize();
  batch.begin(streams.size(), features.shape[1]);
  for (std::size_t place = 0; place < streams.size(); ++place) batch.take(place, *streams[place]);
  batch.compute(0, streams.size(), features);
}

}  // namespace harpy::testing

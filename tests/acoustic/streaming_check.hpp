#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {

/// Feeds the frames of x [1, frames, dim] to `step(frames, last)` in blocks drawn at random, empty
/// ones among them, and returns all that it gives.
template <typename Step>
std::vector<float> streamed_in_random_blocks(Backend& backend, ConstTensorView x,
                                             std::mt19937& random, const Step& step) {
  std::vector<float> all;
  std::int64_t position = 0;
  const std::int64_t frames = x.shape[1];
  const std::int64_t longest = 1 + static_cast<std::int64_t>(random() % 20);
  const auto feed = [&](std::int64_t count, bool last) {
    const ConstTensorView rows = slice_rows(x, position, count);
    const Tensor y = step({rows.data, Shape{1, count, x.dim()}}, last);
    const std::vector<float> values = backend.to_host(y);
    all.insert(all.end(), values.begin(), values.end());
    position += count;
  };
  while (position < frames) {
    const auto block =
        static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(longest + 1));
    const std::int64_t count = std::min(block, frames - position);
    const bool last = position + count == frames && random() % 2 == 0;
    feed(count, last);
    if (last) return all;
  }
  feed(0, true);
  return all;
}

}  // namespace harpy::testing

// Operations on blocks of streams against the whole streams that the blocks are cut from.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "acoustic/backend/device_buffer.hpp"
#include "tests/acoustic/backend/backend_test.hpp"
#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {
namespace {

class StreamOperations : public BackendTest {
 protected:
  std::mt19937 random_{21};

  DeviceBuffer<StreamSlot> on_device(const std::vector<StreamSlot>& slots) const {
    DeviceBuffer<StreamSlot> buffer(backend_->memory(), slots.size());
    buffer.copy_from_host(slots);
    return buffer;
  }
};
INSTANTIATE_TEST_SUITE_P(Devices, StreamOperations, ::testing::ValuesIn(backend_cases()),
                         case_name);

TEST_P(StreamOperations, PushedBlocksJoinTheFramesBeforeThem) {
  struct Case {
    std::int64_t kept, block, joined, delay, rate, dim;
  };
  constexpr float kOutside = -7.0F;
  constexpr std::int64_t kOffset = 3;
  constexpr std::size_t kStreams = 5;  // the third row has none
  for (const auto& [kept, block, joined, delay, rate, dim] :
       {Case{4, 3, 7, 2, 1, 13}, Case{2, 8, 10, 0, 3, 33}, Case{9, 2, 11, 5, 2, 1},
        Case{0, 5, 5, 1, 1, 7}, Case{0, 6, 4, 0, 1, 130}, Case{3, 1, 4, 11, 4, 5}}) {
    const FrameQueue queue{kOffset, kept, {block, delay, rate}};
    std::vector<Tensor> states;
    std::vector<std::vector<float>> frames(kStreams);
    std::vector<std::int64_t> frame_counts;  // at this point of the network
    std::vector<std::int64_t> input_counts;
    for (std::size_t i = 0; i < kStreams; ++i) {
      states.push_back(backend_->from_host(
          {kOffset + kept * dim + 2},
          std::vector<float>(static_cast<std::size_t>(kOffset + kept * dim + 2), 1e30F)));
      input_counts.push_back(static_cast<std::int64_t>(random_() % 40));
      frame_counts.push_back((input_counts.back() + rate - 1) / rate);
      frames[i] = random_values(frame_counts.back() * dim, random_);
    }
    const auto value = [&](std::size_t i, std::int64_t frame, std::int64_t d) {
      const bool is_inside = frame >= 0 && frame < frame_counts[i];
      return is_inside ? frames[i][static_cast<std::size_t>(frame * dim + d)] : kOutside;
    };
    for (std::int64_t n = 0; n < 12; ++n) {
      std::vector<StreamSlot> slots(kStreams);
      std::vector<float> x;
      for (std::size_t i = 0; i < kStreams; ++i) {
        if (i != 2) slots[i] = {states[i].data(), n, input_counts[i]};
        for (std::int64_t t = 0; t < block; ++t) {
          const std::int64_t frame = n * block - delay + t;
          const bool is_inside = frame >= 0 && frame < frame_counts[i];
          for (std::int64_t d = 0; d < dim; ++d) {
            x.push_back(is_inside ? value(i, frame, d) : 1e30F);
          }
        }
      }
      const auto device_slots = on_device(slots);
      const auto rows = static_cast<std::int64_t>(kStreams);
      Tensor y = backend_->empty({rows, joined, dim});
      backend_->push_frames(queue, device_slots.data(), kOutside,
                            backend_->from_host({rows, block, dim}, x), y);
      std::vector<float> expected;
      for (std::size_t i = 0; i < kStreams; ++i) {
        for (std::int64_t t = kept + block - joined; t < kept + block; ++t) {
          const std::int64_t frame = n * block - delay - kept + t;
          for (std::int64_t d = 0; d < dim; ++d) {
            expected.push_back(i == 2 ? kOutside : value(i, frame, d));
          }
        }
      }
      ASSERT_EQ(backend_->to_host(y), expected) << "block " << n << " of " << block << " frames";
    }
    for (const Tensor& state : states) {  // nothing but the queue is written
      const std::vector<float> values = backend_->to_host(state);
      EXPECT_TRUE(std::all_of(values.begin(), values.begin() + kOffset,
                              [](float v) { return v == 1e30F; }));
      EXPECT_EQ(values[values.size() - 1], 1e30F);
      EXPECT_EQ(values[values.size() - 2], 1e30F);
    }
  }
}

TEST_P(StreamOperations, MeansCountTheFramesInsideTheStream) {
  const BlockTime time{6, 2, 1};
  const TimeWindow window{.kernel = 4, .dilation = 2, .stride = 2, .left = 3};
  const std::vector<std::int64_t> frame_counts{9, 4, 1, 30};
  constexpr std::int64_t kStreamDim = 11;
  for (std::int64_t n = 0; n < 4; ++n) {
    std::vector<StreamSlot> slots(5);
    for (std::size_t i = 0; i < 4; ++i) slots[i] = {nullptr, n, frame_counts[i]};
    const std::vector<float> before = random_values(5 * 3 * kStreamDim, random_);
    Tensor y = backend_->from_host({5, 3, kStreamDim}, before);
    const auto device_slots = on_device(slots);
    backend_->average_inside(time, window, device_slots.data(), y);
    const std::vector<float> after = backend_->to_host(y);
    for (std::int64_t row = 0; row < 15; ++row) {
      int count = 0;
      for (std::int64_t k = 0; k < 4; ++k) {
        const std::int64_t frame = n * 6 - 2 + row % 3 * 2 + k * 2 - 3;
        const std::int64_t end = row / 3 < 4 ? frame_counts[static_cast<std::size_t>(row / 3)] : 0;
        count += frame >= 0 && frame < end ? 1 : 0;
      }
      const float factor = count == 0 ? 1.0F : 4.0F / static_cast<float>(count);
      for (std::int64_t d = 0; d < kStreamDim; ++d) {
        const auto i = static_cast<std::size_t>(row * kStreamDim + d);
        ASSERT_FLOAT_EQ(after[i], before[i] * factor) << "block " << n << ", row " << row;
      }
    }
  }
}

TEST_P(StreamOperations, WrongShapesAreRefused) {
  const auto slots = on_device(std::vector<StreamSlot>(2));
  Tensor x = backend_->zeros({2, 3, 4});
  Tensor joined = backend_->zeros({2, 5, 4});
  const FrameQueue queue{0, 2, {3, 0, 1}};
  backend_->push_frames(queue, slots.data(), 0.0F, x, joined);
  const auto push = [&](const FrameQueue& wrong, const Shape& shape) {
    Tensor y = backend_->empty(shape);
    backend_->push_frames(wrong, slots.data(), 0.0F, x, y);
  };
  EXPECT_THROW(push({0, 2, {4, 0, 1}}, {2, 5, 4}), std::invalid_argument);  // other blocks
  EXPECT_THROW(push({-1, 2, {3, 0, 1}}, {2, 5, 4}), std::invalid_argument);
  EXPECT_THROW(push(queue, {2, 6, 4}), std::invalid_argument);  // more than there are
  EXPECT_THROW(push(queue, {1, 5, 4}), std::invalid_argument);
  EXPECT_THROW(push(queue, {2, 5, 3}), std::invalid_argument);
  const auto subtract = [&](const FrameQueue& wrong) {
    Tensor y = backend_->empty(x.shape());
    backend_->subtract_running_mean_of_streams({}, wrong, slots.data(), x, y);
  };
  EXPECT_THROW(subtract({0, 1, {3, 0, 1}}), std::invalid_argument);  // room for sums alone
  EXPECT_THROW(subtract({0, 2, {4, 0, 1}}), std::invalid_argument);
  EXPECT_THROW(backend_->average_inside({4, 0, 1}, {.stride = 2}, slots.data(), joined),
               std::invalid_argument);
}

}  // namespace
}  // namespace harpy::testing

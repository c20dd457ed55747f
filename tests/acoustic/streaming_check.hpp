#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/device_buffer.hpp"
#include "acoustic/layers/stream_layout.hpp"
#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {

/// Frames of one stream through something that works block by block, in a batch whose other rows
/// are empty or stand at other places of the same frames.
struct StreamedFrames {
  /// What comes in [1, frames, dim], and the frames that must come out.
  ConstTensorView x;
  std::int64_t output_frames = 0;
  /// Of blocks of x, and of those that come out, with the size of a stream's state.
  std::int64_t block_frames = 1;
  StreamLayout layout;
};

/// Feeds x to `step(blocks [3, block_frames, dim], slots)` for three rows: the stream, no stream,
/// and the stream again one block later. Returns the output frames of both rows that have one, and
/// expects what is kept of frames before the stream to be without meaning.
template <typename Step>
std::vector<std::vector<float>> streamed_in_blocks(Backend& backend, const StreamedFrames& streamed,
                                                   const Step& step) {
  constexpr std::int64_t kRows = 3;
  const std::int64_t dim = streamed.x.dim();
  const std::int64_t frames = streamed.x.shape[1];
  const std::int64_t block = streamed.block_frames;
  const std::int64_t output_block = streamed.layout.time.block_frames;
  const std::int64_t delay = streamed.layout.time.delay;
  const std::vector<float> values = backend.to_host(streamed.x);
  const std::int64_t state_size = std::max<std::int64_t>(1, streamed.layout.state_size);
  const std::vector<float> garbage(static_cast<std::size_t>(state_size), 1e30F);
  Tensor states[kRows];
  for (Tensor& state : states) state = backend.from_host({state_size}, garbage);
  DeviceBuffer<StreamSlot> slots(backend.memory(), kRows);
  std::vector<std::vector<float>> outputs(kRows);
  const std::int64_t block_count =
      (streamed.output_frames + delay + output_block - 1) / output_block;
  for (std::int64_t n = 0; n <= block_count; ++n) {
    std::vector<StreamSlot> on_host(kRows);
    std::vector<float> batch(static_cast<std::size_t>(kRows * block * dim), 1e30F);
    for (const std::int64_t row : {0, 2}) {
      const std::int64_t number = row == 0 ? n : n - 1;
      if (number < 0 || number >= block_count) continue;
      const std::int64_t begin = number * block;
      // The end becomes known with the block in which it is, as it does when a user stops.
      const bool is_known = begin + block > frames;
      on_host[static_cast<std::size_t>(row)] = {
          .state = states[row].data(),
          .block = number,
          .frame_count = is_known ? frames : StreamSlot::kEndless};
      for (std::int64_t i = 0; i < block * dim; ++i) {
        const std::int64_t place = begin * dim + i;
        batch[static_cast<std::size_t>(row * block * dim + i)] =
            place < frames * dim ? values[static_cast<std::size_t>(place)] : 0.0F;
      }
    }
    slots.copy_from_host(on_host);
    const Tensor x = backend.from_host({kRows, block, dim}, batch);
    const Tensor y = step(x, slots.data());
    EXPECT_EQ(y.shape()[1], output_block);
    const std::vector<float> got = backend.to_host(y);
    const std::int64_t output_dim = y.shape().dim();
    for (const std::int64_t row : {0, 2}) {
      const StreamSlot& slot = on_host[static_cast<std::size_t>(row)];
      if (slot.state == nullptr) continue;
      for (std::int64_t t = 0; t < output_block; ++t) {
        const std::int64_t frame = slot.block * output_block - delay + t;
        if (frame < 0 || frame >= streamed.output_frames) continue;
        const auto begin = got.begin() + (row * output_block + t) * output_dim;
        auto& output = outputs[static_cast<std::size_t>(row)];
        output.insert(output.end(), begin, begin + output_dim);
      }
    }
  }
  return {std::move(outputs[0]), std::move(outputs[2])};
}

}  // namespace harpy::testing

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "acoustic/acoustic_stream.hpp"
#include "acoustic/backend/device_buffer.hpp"
#include "acoustic/backend/replay.hpp"

namespace harpy {

struct AcousticBatchOptions {
  /// Sizes of the batches, ascending. Streams are put into the smallest batch that holds them all;
  /// if none does, into several. With {1} each stream has a batch of its own, so that the bits of
  /// its values never depend on how many streams there are.
  std::vector<std::int64_t> bucket_sizes{1};
  /// Values that are added to every output frame, or empty. They lie in the memory of the backend's
  /// device and must outlive the batch. Shapes: [output_dim].
  ConstTensorView output_offsets;
};

/// Advances many streams of one grid together, block by block.
///
/// Each stream has a row of a bucket, a batch of fixed size; rows that are left over stay empty. In
/// a bucket of one size, a stream's values are the same bits whatever stands beside it. A GPU
/// records the operations of each bucket once and launches them as one.
/// Threads: an object is used by one thread at a time, as is its backend.
class AcousticBatch {
 public:
  /// The backend outlives the object.
  /// Errors: std::invalid_argument if there is no bucket size or they do not ascend from 1.
  AcousticBatch(std::shared_ptr<const AcousticGrid> grid, Backend& backend,
                const AcousticBatchOptions& options = {});
  AcousticBatch(const AcousticBatch&) = delete;
  AcousticBatch& operator=(const AcousticBatch&) = delete;

  /// Writes the features of the next block of the streams number begin .. begin + count - 1 of the
  /// call, in device memory, one stream in each row. Frames behind a stream's end may have any
  /// values. Shapes: features [at least count, input_frames, feature_dim].
  using FeatureSource =
      std::function<void(std::size_t begin, std::size_t count, TensorView features)>;

  /// Advances each stream by a block. Its features are those that the stream was given, or those
  /// that the source writes. Returns the log-likelihoods that have come out for each stream. Since
  /// the network lags behind its input, a stream's first blocks give no frames or few, and its last
  /// one gives what is left. The values are on the device and valid until the next call; the caller
  /// may change them. Shapes: [0 .. output_frames, output_dim] for each stream.
  /// Errors: std::invalid_argument for a stream of another grid, without a block that is ready or
  /// without its features, and for a source where the grid repeats edges.
  std::span<const TensorView> advance(std::span<AcousticStream* const> streams,
                                      const FeatureSource& source = {});

 private:
  /// A batch of one size. Its steps compute the output from features and slots.
  struct Bucket {
    std::int64_t size = 0;
    Tensor features;                 ///< [size, input_frames, feature_dim]
    DeviceBuffer<StreamSlot> slots;  ///< [size]
    Tensor output;                   ///< [size, output_frames, output_dim]
    std::unique_ptr<Replay> steps;
  };

  Bucket& bucket_for(std::size_t stream_count);
  void prepare(Bucket& bucket);
  void fill_features(Bucket& bucket, std::span<AcousticStream* const> streams);
  void advance_bucket(Bucket& bucket, std::span<AcousticStream* const> streams);

  std::shared_ptr<const AcousticGrid> grid_;
  Backend& backend_;
  ConstTensorView output_offsets_;
  std::vector<Bucket> buckets_;
  std::vector<float> host_features_;
  std::vector<StreamSlot> host_slots_;
  std::vector<Tensor> outputs_;  ///< of the buckets of the last call
  std::vector<TensorView> rows_;
};

}  // namespace harpy

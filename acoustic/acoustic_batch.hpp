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
  /// Streams in a batch, ascending; a smaller number of streams takes the least bucket that holds
  /// them, a larger one several. {1}: each stream has a batch of its own, so that the bits of its
  /// values never depend on how many there are.
  std::vector<std::int64_t> bucket_sizes{1};
  /// Added to every output frame, or empty. Shapes: [output_dim], where the backend works; outlives
  /// the batch.
  ConstTensorView output_offsets;
};

/// Advances many streams of one grid together, block by block.
///
/// Streams stand in the rows of a bucket, a batch of fixed size; rows that are left stay empty. A
/// stream's values are the same bits whatever stands beside it in a bucket of one size. A GPU
/// records the steps of each bucket once and launches them as one.
/// Threads: used by one at a time, as its backend.
class AcousticBatch {
 public:
  /// The backend outlives the object.
  /// Errors: std::invalid_argument if there is no bucket size or they do not ascend from 1.
  AcousticBatch(std::shared_ptr<const AcousticGrid> grid, Backend& backend,
                const AcousticBatchOptions& options = {});
  AcousticBatch(const AcousticBatch&) = delete;
  AcousticBatch& operator=(const AcousticBatch&) = delete;

  /// Writes the features of the next block of streams begin .. begin + count - 1 of a call, one a
  /// row, where the backend works; those behind a stream's end may be anything.
  /// Shapes: features [at least count, input_frames, feature_dim].
  using FeatureSource =
      std::function<void(std::size_t begin, std::size_t count, TensorView features)>;

  /// Advances each stream by a block, of the features it has accepted or those of the source, and
  /// returns the log-likelihoods of the stream's frames among those that came out: none at first,
  /// then all of them, at last some. They are on the device, valid until the next call; the caller
  /// may change them. Shapes: [0 .. output_frames, output_dim] a stream. Errors:
  /// std::invalid_argument for a stream without a block that is ready or of another grid.
  std::span<const TensorView> advance(std::span<AcousticStream* const> streams,
                                      const FeatureSource& source = {});

 private:
  /// A batch of some size. Its steps go from features and slots to output.
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

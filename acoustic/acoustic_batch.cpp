#include "acoustic/acoustic_batch.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace harpy {

AcousticBatch::AcousticBatch(std::shared_ptr<const AcousticGrid> grid, Backend& backend,
                             const AcousticBatchOptions& options)
    : grid_(std::move(grid)), backend_(backend), output_offsets_(options.output_offsets) {
  std::int64_t last = 0;
  for (const std::int64_t size : options.bucket_sizes) {
    if (size <= last) {
      throw std::invalid_argument("acoustic batch: expected ascending bucket sizes from 1, got " +
                                  std::to_string(size) + " after " + std::to_string(last));
    }
    last = size;
    buckets_.emplace_back().size = size;
  }
  if (buckets_.empty()) throw std::invalid_argument("acoustic batch: expected bucket sizes");
}

std::span<const TensorView> AcousticBatch::advance(std::span<AcousticStream* const> streams,
                                                   const FeatureSource& source) {
  for (const AcousticStream* const stream : streams) {
    if (stream->grid_ != grid_) {
      throw std::invalid_argument("acoustic batch: a stream is one of another grid");
    }
    if (stream->blocks_ready() < 1) {
      throw std::invalid_argument("acoustic batch: a stream has no block that is ready");
    }
    if (source ? grid_->frames_before() + grid_->frames_behind() > 0
               : stream->frames_wanted() > 0) {
      throw std::invalid_argument(source ? "acoustic batch: a source repeats no edges"
                                         : "acoustic batch: features of a block are missing");
    }
  }
  outputs_.clear();
  rows_.clear();
  for (std::size_t begin = 0; begin < streams.size();) {
    Bucket& bucket = bucket_for(streams.size() - begin);
    const std::size_t count =
        std::min(streams.size() - begin, static_cast<std::size_t>(bucket.size));
    const auto rows = streams.subspan(begin, count);
    if (source) {
      source(begin, count, bucket.features);
    } else {
      fill_features(bucket, rows);
    }
    advance_bucket(bucket, rows);
    begin += count;
  }
  return rows_;
}

/// The bucket for so many streams, with its arrays and steps.
AcousticBatch::Bucket& AcousticBatch::bucket_for(std::size_t stream_count) {
  const auto fits = [&](const Bucket& bucket) {
    return static_cast<std::size_t>(bucket.size) >= stream_count;
  };
  const auto found = std::find_if(buckets_.begin(), buckets_.end(), fits);
  Bucket& bucket = found == buckets_.end() ? buckets_.back() : *found;
  if (bucket.steps == nullptr) prepare(bucket);
  return bucket;
}

void AcousticBatch::prepare(Bucket& bucket) {
  const Network& network = grid_->model()->network();
  bucket.features = backend_.empty({bucket.size, grid_->input_frames(), network.input_dim()});
  bucket.slots = {backend_.memory(), static_cast<std::size_t>(bucket.size)};
  bucket.output = backend_.empty({bucket.size, grid_->output_frames(), grid_->output_dim()});
  bucket.steps = std::make_unique<Replay>(backend_, [this, &network, &bucket] {
    Tensor output =
        network.forward_block(backend_, grid_->head(), bucket.features, bucket.slots.data());
    if (output_offsets_.size() > 0) backend_.add_bias(output_offsets_, output);
    backend_.copy(output, bucket.output);
  });
}

void AcousticBatch::fill_features(Bucket& bucket, std::span<AcousticStream* const> streams) {
  const auto block_values =
      static_cast<std::size_t>(grid_->input_frames() * grid_->model()->feature_dim());
  host_features_.resize(streams.size() * block_values);
  for (std::size_t i = 0; i < streams.size(); ++i) {
    streams[i]->take_features(std::span(host_features_).subspan(i * block_values, block_values));
  }
  backend_.memory()->copy_from_host(bucket.features.data(), host_features_.data(),
                                    host_features_.size() * sizeof(float));
}

void AcousticBatch::advance_bucket(Bucket& bucket, std::span<AcousticStream* const> streams) {
  host_slots_.assign(static_cast<std::size_t>(bucket.size), {});
  const std::int64_t block_frames = grid_->output_frames();
  for (std::size_t i = 0; i < streams.size(); ++i) host_slots_[i] = streams[i]->next_slot();
  bucket.slots.copy_from_host(host_slots_);
  bucket.steps->run();
  outputs_.push_back(backend_.copy_of(bucket.output));

  const TensorView output = outputs_.back();
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const StreamSlot& slot = host_slots_[i];
    const std::int64_t first = slot.block * block_frames - grid_->delay();  // frame of the stream
    const std::int64_t begin =
        std::clamp<std::int64_t>(streams[i]->output_begin() - first, 0, block_frames);
    std::int64_t end = block_frames;
    if (streams[i]->finished()) {
      end = std::clamp(streams[i]->output_end() - first, begin, block_frames);
    }
    rows_.push_back(
        slice_rows(output, static_cast<std::int64_t>(i) * block_frames + begin, end - begin));
  }
}

}  // namespace harpy

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "acoustic/acoustic_model.hpp"

namespace harpy {

struct AcousticStreamOptions {
  std::string head;  ///< of the network, whose output is taken
  /// Output frames the network advances by at a time, a constant of the model package. Larger: less
  /// work a frame, more latency.
  std::int64_t block_frames = 8;
};

/// How an acoustic model is run through in blocks. Threads: any.
class AcousticGrid {
 public:
  /// Errors: std::invalid_argument for an unknown head or a block without frames.
  AcousticGrid(std::shared_ptr<const AcousticModel> model, const AcousticStreamOptions& options);

  const std::shared_ptr<const AcousticModel>& model() const { return model_; }
  std::size_t head() const { return head_; }
  /// Feature frames of a block.
  std::int64_t input_frames() const { return input_frames_; }
  /// Output frames of a block.
  std::int64_t output_frames() const { return layout_.time.block_frames; }
  /// Width of the log-likelihoods.
  std::int64_t output_dim() const { return model_->network().head_dim(head_); }
  /// Values that the network keeps of a stream.
  std::int64_t state_size() const { return layout_.state_size; }
  /// Output frames by which a block lags behind its input.
  std::int64_t delay() const { return layout_.time.delay; }
  /// Blocks until the last output frame of so many feature frames is there.
  std::int64_t block_count(std::int64_t feature_frames) const;

 private:
  std::shared_ptr<const AcousticModel> model_;
  std::size_t head_;
  std::int64_t input_frames_;
  StreamLayout layout_;
};

/// One utterance on its way through an acoustic model: feature frames in, log-likelihoods out, by
/// way of an AcousticBatch.
///
/// The network runs only in blocks of input_frames counted from the stream's start (the last ones
/// filled up behind the end), so what comes out does not depend on how the features are cut.
/// Threads: one at a time.
class AcousticStream {
 public:
  /// The stream lives on the backend's device.
  AcousticStream(std::shared_ptr<const AcousticGrid> grid, Backend& backend);

  /// Keeps features for the blocks that they complete.
  /// Shapes: features [frames, feature_dim] on the host, any number of frames.
  /// Errors: std::invalid_argument for an incomplete frame, std::logic_error after finish.
  void accept(std::span<const float> features);
  /// Counts frames whose features the caller gives to AcousticBatch::advance by a source. A stream
  /// takes either these or features.
  void accept_frames(std::int64_t frame_count);
  /// Says that no features follow: the blocks with the remaining frames are there.
  /// Errors: std::logic_error if called twice.
  void finish();

  bool finished() const { return finished_; }
  /// Blocks that can be advanced by.
  std::int64_t blocks_ready() const;

 private:
  friend class AcousticBatch;

  void require_open(const char* call) const;
  /// Writes the accepted features of the next block, zero behind the end.
  /// Shapes: features [input_frames, feature_dim].
  void take_features(std::span<float> features);
  /// The stream as its next block's row sees it; goes on to the block after it.
  StreamSlot next_slot();

  std::shared_ptr<const AcousticGrid> grid_;
  Tensor state_;
  std::vector<float> pending_;     ///< features that are not yet in a block
  std::size_t pending_begin_ = 0;  ///< of these, values already taken
  std::int64_t feature_frames_ = 0;
  std::int64_t blocks_taken_ = 0;
  bool finished_ = false;
};

}  // namespace harpy

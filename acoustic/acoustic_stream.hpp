#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "acoustic/acoustic_model.hpp"

namespace harpy {

struct AcousticStreamOptions {
  std::string head;  ///< the network's head whose output is taken
  /// Output frames by which the network advances at a time, a constant of the model package. Larger
  /// blocks mean less work for each frame and more latency.
  std::int64_t block_frames = 8;
  /// Whether the first and the last feature frame stand for those before and behind a stream, as in
  /// the training of Kaldi's networks; otherwise those are zero, in every layer.
  bool repeats_edges = false;
};

/// The blocks in which streams pass through an acoustic model: their sizes, how far they lag behind
/// the input, and what the network keeps of a stream from block to block. It never changes.
/// Threads: may be used by any threads at once.
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
  /// Frames that repeat the first one before a stream's own, and the last one behind them.
  std::int64_t frames_before() const { return frames_before_; }
  std::int64_t frames_behind() const { return frames_behind_; }
  /// Output frames that the frames before a stream's own give.
  std::int64_t output_frames_before() const;
  /// How many blocks it takes until the last output frame of `feature_frames` of its own has come
  /// out.
  std::int64_t block_count(std::int64_t feature_frames) const;

 private:
  std::shared_ptr<const AcousticModel> model_;
  std::size_t head_;
  std::int64_t input_frames_;
  StreamLayout layout_;
  std::int64_t frames_before_ = 0;
  std::int64_t frames_behind_ = 0;
};

/// One utterance on its way through an acoustic model: feature frames in, log-likelihoods out, by
/// way of an AcousticBatch.
///
/// The network runs only in blocks of input_frames counted from the stream's start (the last ones
/// are filled up behind the end), so what comes out does not depend on how the features are cut.
/// Threads: an object is used by one thread at a time.
class AcousticStream {
 public:
  /// The stream lives on the backend's device.
  AcousticStream(std::shared_ptr<const AcousticGrid> grid, Backend& backend);

  /// Appends features; they are kept until AcousticBatch::advance takes them block by block.
  /// Shapes: features [frames, feature_dim] on the host, any number of frames.
  /// Errors: std::invalid_argument for an incomplete frame, std::logic_error after finish.
  void accept(std::span<const float> features);
  /// Says that so many further frames exist, whose features come later: by `give`, before the block
  /// that they are in is advanced, or, for all frames of a stream, by the source of
  /// AcousticBatch::advance. Errors: std::logic_error after finish.
  void accept_frames(std::int64_t frame_count);
  /// How many frames that exist are still to be given for the next block.
  std::int64_t frames_wanted() const;
  /// Features of the next frames that exist. Shapes: as accept.
  /// Errors: std::invalid_argument for an incomplete frame, or for more than there are.
  void give(std::span<const float> features);
  /// Says that no features follow: the blocks that hold the remaining frames become ready.
  /// Errors: std::logic_error if called twice.
  void finish();

  bool finished() const { return finished_; }
  /// How many blocks AcousticBatch::advance can take now.
  std::int64_t blocks_ready() const;

 private:
  friend class AcousticBatch;

  void require_open(const char* call) const;
  /// Errors: std::invalid_argument for an incomplete frame.
  std::int64_t count_frames(std::span<const float> features) const;
  /// Takes frames as they are.
  void append(std::span<const float> features);
  /// Once all frames are given, and no others exist, the copies of the last one follow.
  void end_edge();
  /// The stream's own output frames: [begin, end) of those that come out of the network; the end is
  /// only known once the stream is finished.
  std::int64_t output_begin() const { return grid_->output_frames_before(); }
  std::int64_t output_end() const;
  /// Writes the accepted features of the next block, zero behind the end.
  /// Shapes: features [input_frames, feature_dim].
  void take_features(std::span<float> features);
  /// The slot of the row that the stream's next block gets; the stream goes on to the block after
  /// it.
  StreamSlot next_slot();

  std::shared_ptr<const AcousticGrid> grid_;
  Tensor state_;
  std::vector<float> pending_;       ///< features that are not yet in a block
  std::size_t pending_begin_ = 0;    ///< of these, values already taken
  std::vector<float> last_frame_;    ///< where edges are repeated
  std::int64_t feature_frames_ = 0;  ///< the stream's own,
  std::int64_t given_frames_ = 0;    ///< and those of them whose features were given
  std::int64_t blocks_taken_ = 0;
  bool finished_ = false;
};

}  // namespace harpy

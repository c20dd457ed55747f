#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "acoustic/acoustic_model.hpp"
#include "acoustic/layers/frame_queue.hpp"

namespace harpy {

struct AcousticStreamOptions {
  std::string head;  ///< of the network, whose output is taken
  /// Output frames the network advances by at a time, a constant of the model package. Larger: less
  /// work a frame, more latency.
  std::int64_t block_frames = 8;
};

/// One utterance on its way through an acoustic model: feature frames in, log-likelihoods out.
///
/// The network runs only in blocks of block_frames * subsampling input frames counted from the
/// stream's start (the last one shorter), so the same features give the same bits however they are
/// cut. Threads: one at a time; the backend may be another one of the same device at each call.
class AcousticStream {
 public:
  /// Errors: std::invalid_argument for an unknown head or a block without frames.
  AcousticStream(std::shared_ptr<const AcousticModel> model, Backend& backend,
                 const AcousticStreamOptions& options);

  /// Shapes: features [frames, feature_dim] on the host, any number of frames.
  /// Errors: std::invalid_argument for an incomplete frame, std::logic_error after finish.
  void accept(Backend& backend, std::span<const float> features);
  /// Says that no features follow: the network gives its remaining frames.
  /// Errors: std::logic_error if called twice.
  void finish(Backend& backend);

  bool finished() const { return finished_; }
  /// Width of the log-likelihoods.
  std::int64_t output_dim() const { return model_->network().head_dim(state_.head); }
  /// Output frames that wait to be taken.
  std::int64_t frames_ready() const { return output_.size(); }
  /// The oldest waiting frames, at most `max_frames`: [frames, output_dim] on the device.
  Tensor take(Backend& backend, std::int64_t max_frames);

 private:
  void advance(Backend& backend, bool last);
  void require_open(const char* call) const;

  std::shared_ptr<const AcousticModel> model_;
  std::size_t block_values_;  ///< feature values of a block
  NetworkState state_;
  std::vector<float> pending_;  ///< of the block that is filling
  FrameQueue output_;
  bool finished_ = false;
};

}  // namespace harpy

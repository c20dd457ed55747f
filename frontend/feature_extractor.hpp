#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "frontend/feature_options.hpp"
#include "frontend/ivector/ivector_extractor.hpp"

namespace harpy {

/// Computes the features of single frames. It holds what all streams share: options, windows,
/// filters.
///
/// Threads: immutable, shared by any number of them; each thread or stream brings a Workspace.
class FeatureExtractor {
 public:
  /// Buffers and Fourier transform of one stream.
  class Workspace {
   public:
    explicit Workspace(const FeatureExtractor& extractor);
    ~Workspace();

   private:
    friend class FeatureExtractor;
    struct Buffers;
    std::unique_ptr<Buffers> buffers_;
  };

  /// With `ivectors`, each frame ends with the newest i-vector of its stream, which is estimated
  /// from the features before normalisation and deltas. Online normalisation needs the means of the
  /// training data's frames, `training_means` [frame_dim].
  /// Errors: std::invalid_argument naming the option for one out of its range, such as more mel
  /// filters than the transform resolves, or if i-vectors or means are those of other features.
  explicit FeatureExtractor(const FeatureOptions& options = {},
                            std::shared_ptr<const IvectorExtractor> ivectors = nullptr,
                            std::vector<double> training_means = {});
  ~FeatureExtractor();

  const FeatureOptions& options() const;
  /// What estimates i-vectors; null: frames have none.
  const std::shared_ptr<const IvectorExtractor>& ivectors() const { return ivectors_; }
  const std::vector<double>& training_means() const { return training_means_; }
  /// How many values a frame has, deltas and i-vector included.
  int dim() const { return feature_dim() + (ivectors_ ? ivectors_->dim() : 0); }
  /// How many values a frame has, deltas included.
  int feature_dim() const { return frame_dim() * (options().delta_order + 1); }
  /// How many values a frame has before deltas are appended.
  int frame_dim() const;
  double sample_rate_hz() const { return options().sample_rate_hz; }
  double frame_shift_s() const;
  int frame_length_samples() const;
  int frame_shift_samples() const;

  /// How many frames a whole recording has. With snip_edges these are 1 + floor((samples - length)
  /// / shift), or 0 if there are fewer samples than a frame takes; without it floor((samples +
  /// shift / 2) / shift).
  std::int64_t frame_count(std::int64_t sample_count) const;
  /// Index of a frame's first sample; negative for the first frames without snip_edges.
  std::int64_t first_sample(std::int64_t frame_index) const;

  /// Features of one frame, before normalisation and deltas.
  /// Shapes: samples [frame_length_samples], in the scale of 16-bit integers; output [frame_dim].
  void compute_frame(std::span<const float> samples, Workspace& workspace,
                     std::span<float> output) const;

 private:
  struct Tables;
  std::unique_ptr<const Tables> tables_;
  std::shared_ptr<const IvectorExtractor> ivectors_;
  std::vector<double> training_means_;
};

}  // namespace harpy

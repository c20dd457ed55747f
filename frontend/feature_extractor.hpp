#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "frontend/feature_options.hpp"

namespace harpy {

/// Computes features of single frames: what is the same for all streams.
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

  /// Errors: std::invalid_argument naming the option for one out of its range, such as more mel
  /// filters than the transform resolves.
  explicit FeatureExtractor(const FeatureOptions& options = {});
  ~FeatureExtractor();

  const FeatureOptions& options() const;
  /// Values of a frame, deltas included.
  int dim() const { return frame_dim() * (options().delta_order + 1); }
  /// Values of a frame before deltas.
  int frame_dim() const;
  double sample_rate_hz() const { return options().sample_rate_hz; }
  double frame_shift_s() const;
  int frame_length_samples() const;
  int frame_shift_samples() const;

  /// Frames of a whole recording: with snip_edges 1 + floor((samples - length) / shift), 0 for
  /// fewer samples than a frame; without it floor((samples + shift / 2) / shift).
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
};

}  // namespace harpy

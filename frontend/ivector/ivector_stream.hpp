#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "frontend/ivector/frame_weights.hpp"
#include "frontend/ivector/ivector_extractor.hpp"
#include "frontend/ivector/online_mean.hpp"

namespace harpy {

/// The i-vector of one stream, estimated anew every few frames from all that was heard.
///
/// Frame t is counted once the extractor's right neighbours are there. The estimate follows from
/// the frames, and from what they were said to weigh between which of them, not from how they are
/// cut. Memory does not grow with the stream. Threads: one at a time.
class IvectorStream {
 public:
  /// What is said of the weights of older frames than the newest so many that were counted comes
  /// too late for them.
  static constexpr std::int64_t kReweighedFrames = 300;

  explicit IvectorStream(std::shared_ptr<const IvectorExtractor> extractor);

  /// Says how much frames count from now on: those that were counted with another weight are
  /// counted again with the difference, as in Kaldi's online decoders (OnlineSilenceWeighting).
  /// Until it is called all frames count 1. `frames_each`: frames that a weight stands for.
  /// Errors: std::logic_error if the extractor's options let all frames count alike.
  void weigh(const FrameWeights& weights, std::int64_t frames_each);

  /// Takes the next frame. Shapes: frame [feature_dim].
  void accept(std::span<const float> frame);

  /// The newest estimate less its mean; zeros before the first.
  std::span<const float> ivector() const { return ivector_; }
  /// How many estimates were made.
  std::int64_t estimate_count() const { return estimate_count_; }

 private:
  /// The last frames, kept in a ring.
  class Ring {
   public:
    Ring(std::int64_t frame_count, std::int32_t dim)
        : frame_count_(frame_count),
          dim_(static_cast<std::size_t>(dim)),
          values_(static_cast<std::size_t>(frame_count) * dim_) {}
    std::span<float> frame(std::int64_t number) {
      return std::span(values_).subspan(static_cast<std::size_t>(number % frame_count_) * dim_,
                                        dim_);
    }

   private:
    std::int64_t frame_count_;
    std::size_t dim_;
    std::vector<float> values_;
  };

  /// Projects a frame with its neighbours.
  void project(Ring& frames, std::int64_t t, std::span<float> projected);
  /// Chooses the Gaussians of a projected frame of this weight and their scaled posteriors.
  void choose_gaussians(std::span<const float> projected, float weight);
  /// By what is known now.
  float weight_of(std::int64_t t) const;
  void count_frame(std::int64_t t);
  /// Adds a frame that is kept to the statistics; a weight below 0 takes it away.
  void add_statistics(std::int64_t t, float weight);
  void estimate();
  /// y = quadratic term times x.
  void multiply(std::span<const double> x, std::span<double> y) const;
  void solve_by_conjugate_gradient();

  struct Chosen {
    std::int32_t gaussian;
    float posterior;
  };

  std::shared_ptr<const IvectorExtractor> extractor_;
  std::int64_t frame_count_ = 0;
  std::int64_t estimate_count_ = 0;
  OnlineMean mean_;
  Ring raw_;         ///< a frame with its neighbours
  Ring normalized_;  ///< the same without the mean
  std::int64_t counted_frames_ = 0;
  FrameWeights weights_{.values = {1.0F}};
  std::int64_t frames_each_ = 1;  ///< that a weight stands for
  Ring projected_;                ///< frames that may be counted again,
  Ring projected_normalized_;     ///< the same of normalised ones,
  Ring counted_weights_;          ///< and what they were counted with
  std::vector<float> log_likelihoods_;
  std::vector<Chosen> chosen_;
  double count_ = 0.0;             ///< scaled frames
  std::vector<double> linear_;     ///< of the likelihood's logarithm, as a function of the i-vector
  std::vector<double> quadratic_;  ///< lower triangle
  std::vector<double> solution_;
  std::vector<double> residual_, direction_, product_;
  std::vector<float> ivector_;
};

}  // namespace harpy

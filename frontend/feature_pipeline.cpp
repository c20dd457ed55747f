#include "frontend/feature_pipeline.hpp"

#include <algorithm>
#include <stdexcept>

namespace harpy {
namespace {

/// Samples cut at a time; bounds the memory of the cutter.
constexpr std::size_t kPipelineBlockSamples = 4096;

}  // namespace

FeaturePipeline::FeaturePipeline(const FeatureExtractor& extractor)
    : extractor_(extractor),
      workspace_(extractor),
      cutter_(extractor),
      frames_(extractor.frame_dim()),
      normalized_(extractor.frame_dim()),
      with_deltas_(extractor.feature_dim()),
      features_(&FeaturePipeline::frames_) {
  const FeatureOptions& options = extractor.options();
  if (options.normalization == NormalizationKind::kOnline) {
    online_mean_.emplace(extractor.training_means(),
                         OnlineMean::Window{.frames = options.sliding_window_frames,
                                            .prior_frames = options.online_prior_frames});
  } else if (options.normalization != NormalizationKind::kNone) {
    normalizer_.emplace(options, extractor.frame_dim());
  }
  if (options.normalization != NormalizationKind::kNone) {
    features_ = &FeaturePipeline::normalized_;
  }
  if (options.delta_order > 0) {
    deltas_.emplace(options.delta_order, options.delta_window);
    features_ = &FeaturePipeline::with_deltas_;
  }
  if (extractor.ivectors()) ivectors_.emplace(extractor);
}

void FeaturePipeline::accept(std::span<const float> samples) {
  if (cutter_.finished()) throw std::logic_error("features: samples after the end of the stream");
  while (!samples.empty()) {
    const std::size_t count = std::min(samples.size(), kPipelineBlockSamples);
    cutter_.accept(samples.first(count));
    samples = samples.subspan(count);
    compute_frames();
  }
}

void FeaturePipeline::finish() {
  cutter_.finish();
  compute_frames();
}

void FeaturePipeline::compute_frames() {
  for (auto samples = cutter_.next_frame(); !samples.empty(); samples = cutter_.next_frame()) {
    const std::span<float> frame = frames_.append();
    extractor_.compute_frame(samples, workspace_, frame);
    if (ivectors_) std::ranges::copy(frame, ivectors_->waiting.append().begin());
  }
  if (normalizer_) normalizer_->process(frames_, cutter_.finished(), normalized_);
  while (online_mean_ && frames_.size() > 0) {
    online_mean_->subtract(frames_.take(1), normalized_.append());
  }
  if (deltas_) {
    const bool is_normalized = normalizer_ || online_mean_;
    deltas_->process(is_normalized ? normalized_ : frames_, cutter_.finished(), with_deltas_);
  }
}

void FeaturePipeline::weigh(const FrameWeights& weights, std::int64_t frames_each) {
  if (!ivectors_) throw std::logic_error("features: weights of frames without i-vectors");
  ivectors_->stream.weigh(weights, frames_each);
}

std::span<const float> FeaturePipeline::take(std::int64_t max_frames) {
  if (!ivectors_) return features().take(max_frames);
  const std::int64_t count = std::min(max_frames, frames_ready());
  for (std::int64_t i = 0; i < count; ++i) {
    const std::span<const float> frame = features().take(1);
    const auto behind = std::ranges::copy(frame, ivectors_->appended.append().begin()).out;
    ivectors_->stream.accept(ivectors_->waiting.take(1));
    std::ranges::copy(ivectors_->stream.ivector(), behind);
  }
  return ivectors_->appended.take(max_frames);
}

}  // namespace harpy

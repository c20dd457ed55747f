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
      with_ivectors_(extractor.dim()) {
  const FeatureOptions& options = extractor.options();
  if (options.normalization != NormalizationKind::kNone) {
    normalizer_.emplace(options, extractor.frame_dim());
  }
  if (options.delta_order > 0) deltas_.emplace(options.delta_order, options.delta_window);
  if (extractor.ivectors()) ivectors_.emplace(extractor.ivectors());
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
    if (ivectors_) ivectors_->accept(frame);
  }
  if (normalizer_) normalizer_->process(frames_, cutter_.finished(), normalized_);
  if (deltas_) {
    deltas_->process(normalizer_ ? normalized_ : frames_, cutter_.finished(), with_deltas_);
  }
  if (ivectors_) append_ivectors();
}

void FeaturePipeline::Ivectors::accept(std::span<const float> frame) {
  stream.accept(frame);
  std::ranges::copy(stream.ivector(), waiting.append().begin());
}

void FeaturePipeline::append_ivectors() {
  while (features().size() > 0) {
    const std::span<const float> frame = features().take(1);
    const auto behind = std::ranges::copy(frame, with_ivectors_.append().begin()).out;
    std::ranges::copy(ivectors_->waiting.take(1), behind);
  }
}

}  // namespace harpy

#include "frontend/feature_stream.hpp"

#include <stdexcept>
#include <utility>

#include "frontend/feature_pipeline.hpp"

namespace harpy {

struct FeatureStream::Pipeline {
  explicit Pipeline(std::shared_ptr<const FeatureExtractor> shared)
      : extractor(std::move(shared)), steps(*extractor) {}

  std::shared_ptr<const FeatureExtractor> extractor;
  FeaturePipeline steps;
};

FeatureStream::FeatureStream(std::shared_ptr<const FeatureExtractor> extractor) {
  if (!extractor) throw std::invalid_argument("FeatureStream: expected an extractor, got none");
  if (extractor->options().normalization == NormalizationKind::kUtterance) {
    throw std::invalid_argument(
        "FeatureStream: normalisation over the utterance needs all of it; expected none or "
        "sliding");
  }
  pipeline_ = std::make_unique<Pipeline>(std::move(extractor));
}

FeatureStream::FeatureStream(FeatureStream&&) noexcept = default;
FeatureStream& FeatureStream::operator=(FeatureStream&&) noexcept = default;
FeatureStream::~FeatureStream() = default;

void FeatureStream::accept(std::span<const float> samples) { pipeline_->steps.accept(samples); }

void FeatureStream::finish() { pipeline_->steps.finish(); }

std::int64_t FeatureStream::frames_ready() const { return pipeline_->steps.frames_ready(); }

void FeatureStream::weigh(const FrameWeights& weights, std::int64_t frames_each) {
  pipeline_->steps.weigh(weights, frames_each);
}

std::span<const float> FeatureStream::take(std::int64_t max_frames) {
  return pipeline_->steps.take(max_frames);
}

const FeatureExtractor& FeatureStream::extractor() const { return *pipeline_->extractor; }

}  // namespace harpy

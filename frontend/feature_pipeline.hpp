#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "frontend/cmvn.hpp"
#include "frontend/deltas.hpp"
#include "frontend/feature_extractor.hpp"
#include "frontend/frame_cutter.hpp"
#include "frontend/ivector/ivector_stream.hpp"
#include "frontend/ivector/online_mean.hpp"
#include "frontend/row_queue.hpp"

namespace harpy {

/// Does all steps from samples to features one after the other: it cuts frames, computes the
/// features of each, normalises them, appends deltas and the newest i-vector. It keeps what
/// FeatureStream promises.
/// Normalisation over the utterance is allowed too; it holds all frames back until finish.
class FeaturePipeline {
 public:
  /// Keeps a reference to `extractor`.
  explicit FeaturePipeline(const FeatureExtractor& extractor);

  void accept(std::span<const float> samples);
  void finish();
  std::int64_t frames_ready() const { return features().size(); }
  /// As FeatureStream::weigh.
  void weigh(const FrameWeights& weights, std::int64_t frames_each);
  /// Also appends the i-vectors, which follow from what frames weigh by then.
  std::span<const float> take(std::int64_t max_frames);

 private:
  /// The i-vectors of the stream, and the frames that they are estimated from as they are taken.
  struct Ivectors {
    explicit Ivectors(const FeatureExtractor& extractor)
        : stream(extractor.ivectors()), waiting(extractor.frame_dim()), appended(extractor.dim()) {}

    IvectorStream stream;
    RowQueue waiting;   ///< before normalisation and deltas
    RowQueue appended;  ///< frames with i-vectors
  };

  /// What comes before i-vectors are appended.
  RowQueue& features() { return this->*features_; }
  const RowQueue& features() const { return this->*features_; }
  void compute_frames();

  const FeatureExtractor& extractor_;
  FeatureExtractor::Workspace workspace_;
  FrameCutter cutter_;
  std::optional<FeatureNormalizer> normalizer_;
  std::optional<OnlineMean> online_mean_;  ///< in its place
  std::optional<DeltaAppender> deltas_;
  std::optional<Ivectors> ivectors_;
  RowQueue frames_;
  RowQueue normalized_;
  RowQueue with_deltas_;
  RowQueue FeaturePipeline::*features_;  ///< the last of these that is used
};

}  // namespace harpy

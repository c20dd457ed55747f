#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "frontend/cmvn.hpp"
#include "frontend/deltas.hpp"
#include "frontend/feature_extractor.hpp"
#include "frontend/frame_cutter.hpp"
#include "frontend/ivector/ivector_stream.hpp"
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
  std::int64_t frames_ready() const { return output().size(); }
  std::span<const float> take(std::int64_t max_frames) { return output().take(max_frames); }

 private:
  /// The i-vectors of the stream, and of each frame whose other features are still to come.
  struct Ivectors {
    explicit Ivectors(const std::shared_ptr<const IvectorExtractor>& extractor)
        : stream(extractor), waiting(extractor->dim()) {}
    void accept(std::span<const float> frame);

    IvectorStream stream;
    RowQueue waiting;
  };

  /// What comes before i-vectors are appended.
  RowQueue& features() { return deltas_ ? with_deltas_ : normalizer_ ? normalized_ : frames_; }
  RowQueue& output() { return ivectors_ ? with_ivectors_ : features(); }
  const RowQueue& output() const {
    return ivectors_     ? with_ivectors_
           : deltas_     ? with_deltas_
           : normalizer_ ? normalized_
                         : frames_;
  }
  void compute_frames();
  void append_ivectors();

  const FeatureExtractor& extractor_;
  FeatureExtractor::Workspace workspace_;
  FrameCutter cutter_;
  std::optional<FeatureNormalizer> normalizer_;
  std::optional<DeltaAppender> deltas_;
  std::optional<Ivectors> ivectors_;
  RowQueue frames_;
  RowQueue normalized_;
  RowQueue with_deltas_;
  RowQueue with_ivectors_;
};

}  // namespace harpy

#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "acoustic/training/background.hpp"
#include "acoustic/training/channel_variation.hpp"
#include "acoustic/training/dataset.hpp"
#include "acoustic/training/half.hpp"
#include "frontend/mel_axis.hpp"

namespace harpy {

/// How far log-mel features are varied in training. Zero turns a kind off.
struct AugmentationOptions {
  double tempo_range = 0.1;  ///< speaking rate times 1 - range .. 1 + range: larger, more variety
  double frequency_warp_range = 0.1;  ///< vocal tract length times 1 - range .. 1 + range
  double level_range = 2.0;           ///< constant added, -range .. range, in natural log of energy
  std::int64_t time_masks = 2;        ///< bands of frames replaced by the utterance's mean
  std::int64_t time_mask_frames = 30;     ///< widest such band
  double time_mask_fraction = 0.15;       ///< widest such band as a part of the utterance
  std::int64_t frequency_masks = 2;       ///< bands of bins replaced by the utterance's mean
  std::int64_t frequency_mask_bins = 12;  ///< widest such band
  BackgroundOptions background;           ///< music, machines and people behind the speech
  ChannelVariationOptions channel;        ///< microphone, noise and band
};

/// What all draws of an utterance follow from.
struct AugmentationKey {
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
  std::uint64_t utterance = 0;
};

/// Varies log-mel features of an utterance.
///
/// The result depends on the features and the key alone, whoever asks and in whatever order.
/// Applied in turn: frequency warp (the energy at frequency f is read at w f, by linear
/// interpolation over bins; beyond the last bin it repeats), tempo (linear interpolation over
/// frames to the length asked for), level, background, channel, and time and frequency masks.
/// Sources: vocal tract length perturbation (Jaitly and Hinton, 2013), SpecAugment (Park et al.,
/// 2019). Threads: may be shared.
class Augmentation {
 public:
  /// Backgrounds are drawn from `dataset`, which must outlive this object; it may be absent if
  /// there are none. Errors: std::invalid_argument for a range outside 0 .. 1 (level: below 0),
  /// negative counts, an axis with no bins or with ends out of order, or as Background.
  Augmentation(const AugmentationOptions& options, const MelAxis& axis,
               const Dataset* dataset = nullptr);

  std::int64_t dim() const { return axis_.bins; }
  /// The factor on the speaking rate: an utterance of n frames should be given n / tempo.
  double tempo(const AugmentationKey& key) const;
  /// Shapes: features [any, bins], result [any, bins].
  void apply(std::span<const Half> features, const AugmentationKey& key,
             std::span<float> result) const;

 private:
  AugmentationOptions options_;
  MelAxis axis_;
  std::optional<Background> background_;
  ChannelVariation channel_;
};

}  // namespace harpy

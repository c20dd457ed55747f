#pragma once

#include <optional>
#include <span>
#include <vector>

#include "frontend/audio/audio_source.hpp"
#include "frontend/feature_extractor.hpp"

namespace harpy {

/// Computes the features of a whole recording, row-major [frames, dim]. All kinds of normalisation
/// are allowed. The samples are in [-1, 1] at the extractor's rate.
std::vector<float> compute_features(const FeatureExtractor& extractor,
                                    std::span<const float> samples);

/// Computes the features of an audio source of any sample rate, or of its stretch from `start_s` to
/// before `end_s`. With a `speed` other than 1 it is played so many times as fast, so that tempo
/// and pitch change together, as on a tape. Errors: as AudioSource::read, MonoReader and Resampler.
std::vector<float> compute_features(const FeatureExtractor& extractor, AudioSource& source,
                                    double start_s = 0.0,
                                    std::optional<double> end_s = std::nullopt,
                                    ChannelSelection channels = {}, double speed = 1.0);

}  // namespace harpy

#include "acoustic/training/augmentation.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "acoustic/training/keyed_random.hpp"

namespace harpy {
namespace {

// Parts of the keys, so that the kinds of draws are independent.
constexpr std::uint64_t kTempoDraw = 1;
constexpr std::uint64_t kSpectrumDraw = 2;
constexpr std::uint64_t kChannelDraw = 3;
constexpr std::uint64_t kBackgroundDraw = 4;

/// A point between two neighbours: (1 - weight) * [index] + weight * [index + 1].
struct Position {
  std::size_t index = 0;
  float weight = 0.0F;
};

Position position_at(double at, std::size_t count) {
  const double inside = std::clamp(at, 0.0, static_cast<double>(count - 1));
  auto index = static_cast<std::size_t>(inside);
  if (index + 1 == count && index > 0) --index;
  return {index, static_cast<float>(inside - static_cast<double>(index))};
}

/// Where each bin is read when frequency f is read at `factor` * f.
std::vector<Position> warped_bins(const MelAxis& axis, double factor) {
  std::vector<Position> positions(static_cast<std::size_t>(axis.bins));
  for (std::size_t bin = 0; bin < positions.size(); ++bin) {
    const double centre_hz = axis.hz_of_bin(static_cast<double>(bin));
    positions[bin] = position_at(axis.bin_of_hz(centre_hz * factor), positions.size());
  }
  return positions;
}

/// The features as floats with their frequencies warped.
std::vector<float> warp(std::span<const Half> features, const MelAxis& axis, double factor) {
  std::vector<float> values(features.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = to_float(features[i]);
  if (factor == 1.0 || axis.bins < 2) return values;
  const std::vector<Position> positions = warped_bins(axis, factor);
  const std::size_t bins = positions.size();
  std::vector<float> row(bins);
  for (std::size_t start = 0; start < values.size(); start += bins) {
    const std::span<float> frame(values.data() + start, bins);
    std::copy(frame.begin(), frame.end(), row.begin());
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const Position at = positions[bin];
      frame[bin] = row[at.index] + at.weight * (row[at.index + 1] - row[at.index]);
    }
  }
  return values;
}

/// Stretches `source` to the frames of `result` and adds `level`.
void stretch(std::span<const float> source, std::size_t bins, float level,
             std::span<float> result) {
  const std::size_t from_frames = source.size() / bins;
  const std::size_t to_frames = result.size() / bins;
  const double ratio = static_cast<double>(from_frames) / static_cast<double>(to_frames);
  for (std::size_t t = 0; t < to_frames; ++t) {
    const Position at = position_at((static_cast<double>(t) + 0.5) * ratio - 0.5, from_frames);
    const float* first = source.data() + at.index * bins;
    const float* second = from_frames > 1 ? first + bins : first;
    float* frame = result.data() + t * bins;
    for (std::size_t d = 0; d < bins; ++d) {
      frame[d] = first[d] + at.weight * (second[d] - first[d]) + level;
    }
  }
}

std::vector<float> mean_frame(std::span<const float> values, std::size_t bins) {
  std::vector<double> sums(bins, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) sums[i % bins] += values[i];
  std::vector<float> mean(bins);
  const std::size_t frames = values.size() / bins;
  for (std::size_t d = 0; d < bins; ++d) {
    mean[d] = static_cast<float>(sums[d] / static_cast<double>(frames));
  }
  return mean;
}

/// A band of 0 .. widest places among `count`.
std::pair<std::int64_t, std::int64_t> draw_band(KeyedRandom& random, std::int64_t widest,
                                                std::int64_t count) {
  const std::int64_t width = random.below(std::min(widest, count) + 1);
  const std::int64_t first = random.below(count - width + 1);
  return {first, first + width};
}

}  // namespace

Augmentation::Augmentation(const AugmentationOptions& options, const MelAxis& axis,
                           const Dataset* dataset)
    : options_(options), axis_(axis), channel_(options.channel, axis) {
  const auto check = [](bool good, const std::string& name, double got) {
    if (!good)
      throw std::invalid_argument("Augmentation: bad " + name + ": " + std::to_string(got));
  };
  check(options.tempo_range >= 0.0 && options.tempo_range < 1.0, "tempo_range",
        options.tempo_range);
  check(options.frequency_warp_range >= 0.0 && options.frequency_warp_range < 1.0,
        "frequency_warp_range", options.frequency_warp_range);
  check(options.level_range >= 0.0, "level_range", options.level_range);
  check(options.time_mask_fraction >= 0.0 && options.time_mask_fraction <= 1.0,
        "time_mask_fraction", options.time_mask_fraction);
  for (const auto& [count, name] : {std::pair{options.time_masks, "time_masks"},
                                    {options.time_mask_frames, "time_mask_frames"},
                                    {options.frequency_masks, "frequency_masks"},
                                    {options.frequency_mask_bins, "frequency_mask_bins"}}) {
    check(count >= 0, name, static_cast<double>(count));
  }
  if (dataset != nullptr) background_.emplace(options.background, *dataset);
  check(axis.bins >= 1, "bins", static_cast<double>(axis.bins));
  check(axis.low_hz >= 0.0 && axis.low_hz < axis.high_hz, "low_hz", axis.low_hz);
}

double Augmentation::tempo(const AugmentationKey& key) const {
  KeyedRandom random{key.seed, key.epoch, key.utterance, kTempoDraw};
  return random.uniform(1.0 - options_.tempo_range, 1.0 + options_.tempo_range);
}

void Augmentation::apply(std::span<const Half> features, const AugmentationKey& key,
                         std::span<float> result) const {
  const auto bins = static_cast<std::size_t>(axis_.bins);
  if (features.empty() || features.size() % bins != 0 || result.empty() ||
      result.size() % bins != 0) {
    throw std::invalid_argument("Augmentation: expected whole frames of " + std::to_string(bins) +
                                " values, got " + std::to_string(features.size()) + " and " +
                                std::to_string(result.size()) + " values");
  }
  KeyedRandom random{key.seed, key.epoch, key.utterance, kSpectrumDraw};
  const double warp_range = options_.frequency_warp_range;
  const double factor = random.uniform(1.0 - warp_range, 1.0 + warp_range);
  const auto level =
      static_cast<float>(random.uniform(-options_.level_range, options_.level_range));
  stretch(warp(features, axis_, factor), bins, level, result);
  if (background_) {
    KeyedRandom background_random{key.seed, key.epoch, key.utterance, kBackgroundDraw};
    background_->add(background_random, result);
  }
  KeyedRandom channel_random{key.seed, key.epoch, key.utterance, kChannelDraw};
  channel_.apply(channel_random, result);

  const auto frames = static_cast<std::int64_t>(result.size() / bins);
  const std::vector<float> mean = mean_frame(result, bins);
  const auto widest_frames = std::min(
      options_.time_mask_frames,
      static_cast<std::int64_t>(options_.time_mask_fraction * static_cast<double>(frames)));
  for (std::int64_t mask = 0; mask < options_.time_masks; ++mask) {
    const auto [first, end] = draw_band(random, widest_frames, frames);
    for (std::int64_t t = first; t < end; ++t) {
      std::copy(mean.begin(), mean.end(), result.begin() + t * axis_.bins);
    }
  }
  for (std::int64_t mask = 0; mask < options_.frequency_masks; ++mask) {
    const auto [first, end] = draw_band(random, options_.frequency_mask_bins, axis_.bins);
    for (std::int64_t t = 0; t < frames; ++t) {
      std::copy(mean.begin() + first, mean.begin() + end, result.begin() + t * axis_.bins + first);
    }
  }
}

}  // namespace harpy

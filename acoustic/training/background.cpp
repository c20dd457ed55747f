#include "acoustic/training/background.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "acoustic/training/decibels.hpp"

namespace harpy {
namespace {

constexpr double kWeakestDb = 25.0;
constexpr double kLoudestRecordingDb = 0.0;
constexpr double kLoudestBabbleDb = 5.0;
constexpr int kBabbleVoices = 3;

double mean_energy(std::span<const float> features) {
  double sum = 0.0;
  for (const float value : features) sum += std::exp(double{value});
  return sum / static_cast<double>(features.size());
}

/// Adds the energies of a recording, from a random frame on, to `energies`, [frames, dim].
void add_recording(std::span<const Half> recording, std::int64_t dim, KeyedRandom& random,
                   std::span<float> energies) {
  const auto frame_count = static_cast<std::int64_t>(recording.size()) / dim;
  auto at = static_cast<std::size_t>(random.below(frame_count) * dim);
  for (float& energy : energies) {
    energy += std::exp(to_float(recording[at]));
    if (++at == recording.size()) at = 0;
  }
}

/// Adds `energies` so much below the energy of `features`.
void mix(std::span<const float> energies, double decibels_below, std::span<float> features) {
  double sum = 0.0;
  for (const float energy : energies) sum += energy;
  if (sum <= 0.0) return;
  const double factor = mean_energy(features) * static_cast<double>(energies.size()) / sum *
                        std::exp(-kNepersPerDecibel * decibels_below);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const double both = std::exp(double{features[i]}) + factor * energies[i];
    features[i] = static_cast<float>(std::log(both));
  }
}

}  // namespace

Background::Background(const BackgroundOptions& options, const Dataset& dataset)
    : options_(options), dataset_(&dataset) {
  for (const auto& [value, name] : {std::pair{options.recording_probability, "background"},
                                    {options.babble_probability, "babble"}}) {
    if (!(value >= 0.0 && value <= 1.0)) {
      throw std::invalid_argument("Background: expected a " + std::string(name) +
                                  "_probability of 0 to 1, got " + std::to_string(value));
    }
  }
  const auto utterances = dataset.utterances();
  for (std::size_t i = 0; i < utterances.size(); ++i) {
    if (utterances[i].label_count == 0) recordings_.push_back(i);
  }
  if (options.recording_probability > 0.0 && recordings_.empty()) {
    throw std::invalid_argument(
        "Background: background_probability asks for recordings in which nobody speaks, but there "
        "are none");
  }
}

void Background::add(KeyedRandom& random, std::span<float> features) const {
  const bool has_recording = random.uniform(0.0, 1.0) < options_.recording_probability;
  const bool has_babble = random.uniform(0.0, 1.0) < options_.babble_probability;
  const auto utterances = dataset_->utterances();
  const std::int64_t dim = dataset_->dim();
  std::vector<float> energies(has_recording || has_babble ? features.size() : 0);
  if (has_recording) {
    const auto drawn = random.below(static_cast<std::int64_t>(recordings_.size()));
    const Utterance& recording = utterances[recordings_[static_cast<std::size_t>(drawn)]];
    add_recording(dataset_->features(recording).values(), dim, random, energies);
    mix(energies, random.uniform(kLoudestRecordingDb, kWeakestDb), features);
  }
  if (has_babble) {
    std::ranges::fill(energies, 0.0F);
    for (int voice = 0; voice < kBabbleVoices; ++voice) {
      const auto drawn = random.below(static_cast<std::int64_t>(utterances.size()));
      const Utterance& other = utterances[static_cast<std::size_t>(drawn)];
      add_recording(dataset_->features(other).values(), dim, random, energies);
    }
    mix(energies, random.uniform(kLoudestBabbleDb, kWeakestDb), features);
  }
}

}  // namespace harpy

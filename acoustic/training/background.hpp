#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "acoustic/training/dataset.hpp"
#include "acoustic/training/keyed_random.hpp"

namespace harpy {

/// How often something else is heard behind the speech. Zero turns a kind off.
struct BackgroundOptions {
  /// Part of the utterances that get one of the training set's background recordings: music,
  /// machines, streets.
  double recording_probability = 0.0;
  /// Part of the utterances that get three other utterances at once: people who talk nearby.
  double babble_probability = 0.0;
};

/// Draws what is heard behind an utterance and adds it.
///
/// A background begins at a random place of its recording, goes round to its beginning where it
/// ends, and is 0 to 25 dB weaker than the speech (babble 5 to 25 dB), both measured as mean energy
/// over all frames and bins. Energies are added, y = ln(exp(x) + exp(n)), so the features must be
/// logarithms of energies. Threads: may be shared.
class Background {
 public:
  /// What `dataset` points to must outlive this object. Errors: std::invalid_argument for a
  /// probability outside 0 .. 1, or if background recordings are asked for and it has none.
  Background(const BackgroundOptions& options, const Dataset& dataset);

  /// Adds what `random` draws. Shapes: features [any, dim], changed in place.
  void add(KeyedRandom& random, std::span<float> features) const;

 private:
  BackgroundOptions options_;
  const Dataset* dataset_;
  std::vector<std::size_t> recordings_;  ///< utterances of the dataset in which nobody speaks
};

}  // namespace harpy

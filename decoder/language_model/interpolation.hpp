#pragma once

#include <span>
#include <vector>

#include "decoder/language_model/corpus.hpp"
#include "decoder/language_model/ngram_model.hpp"

namespace harpy {

/// Weights, summing to 1, with which sum of weight_i p_i(w | h) is most likely on `held_out`, by
/// expectation maximisation from equal weights until none changes by more than 1e-4. The models
/// share one vocabulary, in whose numbers `held_out` is; unknown words are left out. Errors:
/// std::invalid_argument for no models or different vocabularies; std::runtime_error for a text
/// without known words.
std::vector<double> tune_weights(std::span<const NgramModel> models, const Corpus& held_out);

/// One model of the n-grams of all given ones (a static mixture):
///   p(w | h) = sum of weight_i p_i(w | h) for every n-gram h w that any of them holds,
/// with back-off weights that make each context sum to 1. Errors: std::invalid_argument for
/// different vocabularies, or unless each model has a positive weight and the weights sum to 1.
NgramModel interpolate(std::span<const NgramModel> models, std::span<const double> weights);

}  // namespace harpy

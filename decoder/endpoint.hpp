#pragma once

#include <limits>
#include <span>
#include <vector>

namespace harpy {

/// What endpoint rules look at, taken from the best path at a fixed frame.
struct EndpointState {
  double utterance_s = 0.0;         ///< since the search (re)started
  double trailing_silence_s = 0.0;  ///< since the last frame that was not blank or silence
  bool has_words = false;           ///< the best path has put out a word
  /// What ending the sentence here would add to the best path's cost.
  double ending_cost = std::numeric_limits<double>::infinity();
};

/// An utterance ends when all conditions of one rule hold (the scheme of Kaldi's online decoders).
struct EndpointRule {
  bool needs_words = false;
  double max_ending_cost = std::numeric_limits<double>::infinity();
  double min_trailing_silence_s = 0.0;
  double min_utterance_s = 0.0;
};

/// The utterance ends: after 5 s in which nobody has spoken; at a likely end of a sentence (cost up
/// to 3) after 0.6 s of silence; after 1.0 s of silence anywhere; after 15 s at 0.3 s of silence;
/// after 25 s at 0.12 s of silence where a sentence may end (cost up to 6), hence between words;
/// after 40 s in any case.
std::vector<EndpointRule> default_endpoint_rules();

bool is_endpoint(std::span<const EndpointRule> rules, const EndpointState& state);

}  // namespace harpy

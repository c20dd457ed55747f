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

  bool operator==(const EndpointRule&) const = default;
};

/// When utterances end, in seconds; what Vosk's clients call t_start_max, t_end and t_max.
struct EndpointTimes {
  double start_max_s = 5.0;  ///< nobody has spoken for so long
  double end_s = 0.6;        ///< silence at a likely end of a sentence; larger: later and surer
  double max_s = 40.0;       ///< length in any case

  bool operator==(const EndpointTimes&) const = default;
};

/// Errors: std::invalid_argument naming the first time that is not from 0.1 to 3600.
void check_endpoint_times(const EndpointTimes& times);

/// The rules of these times; with those that they have by default the utterance ends: after 5 s in
/// which nobody has spoken; at a likely end of a sentence (cost up to 3) after 0.6 s of silence;
/// after 1.0 s of silence anywhere, 0.4 s more than that; at 3/8 of the greatest length, 15 s,
/// after half the silence, 0.3 s; at 5/8, 25 s, after a fifth, 0.12 s, where a sentence may end
/// (cost up to 6), hence between words; after 40 s in any case.
std::vector<EndpointRule> endpoint_rules(const EndpointTimes& times);

bool is_endpoint(std::span<const EndpointRule> rules, const EndpointState& state);

}  // namespace harpy

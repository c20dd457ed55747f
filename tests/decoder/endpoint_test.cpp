#include "decoder/endpoint.hpp"

#include <gtest/gtest.h>

namespace harpy {
namespace {

bool ends(const EndpointState& state) { return is_endpoint(endpoint_rules({}), state); }

TEST(Endpoint, SilenceAloneEndsAfterFiveSeconds) {
  EXPECT_FALSE(ends({.utterance_s = 4.9, .trailing_silence_s = 4.9, .ending_cost = 0.0}));
  EXPECT_TRUE(ends({.utterance_s = 5.0, .trailing_silence_s = 5.0}));
}

TEST(Endpoint, ALikelySentenceEndNeedsLessSilence) {
  EXPECT_TRUE(
      ends({.utterance_s = 3, .trailing_silence_s = 0.6, .has_words = true, .ending_cost = 2.5}));
  EXPECT_FALSE(ends({.utterance_s = 3, .trailing_silence_s = 0.6, .has_words = true}));
  EXPECT_TRUE(ends({.utterance_s = 3, .trailing_silence_s = 1.0, .has_words = true}));
}

TEST(Endpoint, LongUtterancesEndAtShortPauses) {
  EXPECT_FALSE(ends({.utterance_s = 14, .trailing_silence_s = 0.35, .has_words = true}));
  EXPECT_TRUE(ends({.utterance_s = 15, .trailing_silence_s = 0.35, .has_words = true}));
  EXPECT_TRUE(ends({.utterance_s = 40, .has_words = true}));
}

TEST(Endpoint, VeryLongUtterancesEndWhereAWordDoesBeforeTheyMustEndAnywhere) {
  EndpointState state{
      .utterance_s = 25, .trailing_silence_s = 0.12, .has_words = true, .ending_cost = 6.0};
  EXPECT_TRUE(ends(state));
  state.ending_cost = 6.5;  // within a word no path ends nearby
  EXPECT_FALSE(ends(state));
  state = {.utterance_s = 24.9, .trailing_silence_s = 0.12, .has_words = true, .ending_cost = 0.0};
  EXPECT_FALSE(ends(state));
}

TEST(Endpoint, WithoutRulesNothingEnds) {
  EXPECT_FALSE(is_endpoint({}, {.trailing_silence_s = 100}));
}

}  // namespace
}  // namespace harpy

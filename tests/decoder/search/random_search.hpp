#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "decoder/search/beam_search.hpp"
#include "tests/decoder/search/reference_search.hpp"

namespace harpy::testing {

/// What a random graph looks like.
struct RandomGraphOptions {
  std::int32_t state_count = 8;
  std::int32_t pdf_count = 5;
  std::int32_t arcs_per_state = 3;   ///< emitting ones, at most
  double epsilon_probability = 0.4;  ///< that a state has an epsilon arc to a later state
  double final_probability = 0.4;
  bool coarse_costs = false;  ///< few different costs, so that many paths tie
};

std::shared_ptr<const DecodingGraph> random_graph(std::mt19937& random,
                                                  const RandomGraphOptions& options);

/// Scores around 0; coarse ones are multiples of 1/2.
Scores random_scores(std::mt19937& random, std::size_t frame_count, std::int32_t pdf_count,
                     bool coarse);

/// A few phrases of the words 1 to 4, which the graphs put out.
std::shared_ptr<const PhraseAutomaton> random_phrases(std::mt19937& random);

/// Such phrases, and words 1 to 4 added at all states without epsilon arcs, as if a random label
/// had come before each.
StreamSteering random_steering(std::mt19937& random, const DecodingGraph& graph);

/// A small graph, scores and options, all drawn from a seed: with ties or without, wide or tight.
struct RandomCase {
  explicit RandomCase(std::uint32_t seed);

  RandomGraphOptions shape;
  BeamSearchOptions options;
  std::shared_ptr<const DecodingGraph> graph;
  Scores scores;
};

/// Pushes scores through a search in blocks of the given number of frames.
std::unique_ptr<SearchStream> run_search(BeamSearch& search, const Scores& scores,
                                         std::size_t block_frames,
                                         const StreamSteering& steering = {});

/// Expects the same steps and, to the bit, the same costs.
void expect_same_path(const BestPath& got, const BestPath& expected);

/// Expects the same states and arcs, to the bit.
void expect_same_lattice(const Lattice& got, const Lattice& expected);

}  // namespace harpy::testing

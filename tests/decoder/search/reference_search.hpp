#pragma once

#include <vector>

#include "decoder/search/beam_search.hpp"
#include "decoder/search/program/searched.hpp"

namespace harpy::testing {

/// Log-likelihoods [frames][pdfs].
using Scores = std::vector<std::vector<float>>;

/// A graph and what steers the search of it.
struct Steered : token_passing::Searched {
  // NOLINTNEXTLINE(google-explicit-constructor): most searches are of a graph alone.
  Steered(const GraphView& searched, const StreamSteering& steering = {});
};

/// The definition of the search (docs/architecture.md, "The search"), written down with maps and
/// sorting: slow, short, independent of the phases.
BestPath reference_best_path(const Steered& steered, const Scores& scores,
                             const BeamSearchOptions& options, bool final);

/// Cost of the best path among all, found by walking every one of them; infinite if there is none.
/// `final`: paths must end in final states, and their final costs count.
double brute_force_cost(const Steered& steered, const Scores& scores, float acoustic_scale,
                        bool final);

}  // namespace harpy::testing

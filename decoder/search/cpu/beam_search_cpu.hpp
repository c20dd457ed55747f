#pragma once

#include <memory>

#include "decoder/search/beam_search.hpp"

namespace harpy {

/// The beam search of one CPU thread. Its memory grows to what the widest frame needs and is shared
/// by all its streams, which at rest keep only their live tokens. Errors: std::invalid_argument for
/// options out of range.
std::unique_ptr<BeamSearch> make_cpu_beam_search(std::shared_ptr<const DecodingGraph> graph,
                                                 const BeamSearchOptions& options);

}  // namespace harpy

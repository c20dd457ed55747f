#pragma once

#include <memory>

#include "decoder/search/beam_search.hpp"

namespace harpy {

class Backend;

/// How the lanes of a search share a GPU's multiprocessors. Results do not depend on it.
enum class LaneForm {
  /// A lane has a multiprocessor for itself, with 1,024 threads and all of the shared memory.
  kWide,
  /// Two lanes, of 512 threads and half of the shared memory each, have a multiprocessor: one
  /// computes while the other waits, and fewer frames have their table in shared memory.
  kPaired,
};

/// The form that recognition takes: the faster of the two by cuda_search_bench, once a GPU has run
/// it.
inline constexpr LaneForm kUsualLaneForm = LaneForm::kWide;

/// The beam search of the backend's device. Callers need nothing else of decoder/search.
///
/// On the CPU it is make_cpu_beam_search. On a GPU the graph is copied to the device, a block of
/// threads searches one stream, and one stream or two are searched at once on each of its
/// multiprocessors (LaneForm). The search there works in the order of the backend's stream, so that
/// log-likelihoods may be a result that the backend has not finished yet. Given the same
/// log-likelihoods it finds the CPU's paths and lattices, bit by bit.
///
/// Threads: those of the backend.
/// Errors: std::invalid_argument for options out of range; std::bad_alloc or DeviceError of the
/// device, here and when the search is used.
std::unique_ptr<BeamSearch> make_beam_search(std::shared_ptr<const DecodingGraph> graph,
                                             const BeamSearchOptions& options, Backend& backend);

/// The beam search of one CPU thread. Its memory grows to what the widest frame needs and is shared
/// by all its streams, which at rest keep only their live tokens. Defined in cpu/.
/// Errors: std::invalid_argument for options out of range.
std::unique_ptr<BeamSearch> make_cpu_beam_search(std::shared_ptr<const DecodingGraph> graph,
                                                 const BeamSearchOptions& options);

/// The beam search of a device other than the CPU, as make_beam_search describes it. Defined in
/// device/. Errors: those of make_beam_search; std::invalid_argument for a CPU's backend.
std::unique_ptr<BeamSearch> make_device_beam_search(std::shared_ptr<const DecodingGraph> graph,
                                                    const BeamSearchOptions& options,
                                                    Backend& backend,
                                                    LaneForm form = kUsualLaneForm);

}  // namespace harpy

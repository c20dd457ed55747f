#pragma once

#include <memory>

#include "acoustic/backend/backend.hpp"
#include "decoder/search/device/batch_beam_search.hpp"

namespace harpy::cuda {

/// A beam search on the backend's device: a block of threads per lane, as many lanes as the device
/// has multiprocessors. It works in the order of the backend's stream, so that log-likelihoods may
/// be a result that the backend has not finished; given the same ones it gives the same bits as
/// make_cpu_beam_search.
///
/// The graph must be in the backend's memory. Threads: that of the backend.
/// Errors: std::invalid_argument for options out of range, a graph in other memory or a backend
/// that is no CUDA device's; cuda::Error, here and when the search is used.
std::unique_ptr<BatchBeamSearch> make_beam_search(std::shared_ptr<const DeviceGraph> graph,
                                                  const BeamSearchOptions& options,
                                                  Backend& backend);

}  // namespace harpy::cuda

#pragma once

#include <optional>

#include "acoustic/acoustic_stream.hpp"

namespace harpy::bench {

/// What a block of each of some streams asks of a device at the very least.
struct BlockCost {
  double operations = 0.0;    ///< floating-point, in matrix products, a stream
  double weight_bytes = 0.0;  ///< parameters, read once for all streams
  double stream_bytes = 0.0;  ///< features, what is kept of the stream (in and out) and the output

  double bytes(double streams) const { return weight_bytes + streams * stream_bytes; }
};

/// Counted from the network's layers; none if one of them is of a kind that is not counted
/// (convolutions over time and frequency, factored layers, pooling, splicing).
std::optional<BlockCost> block_cost(const AcousticGrid& grid);

}  // namespace harpy::bench

#pragma once

#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include "acoustic/acoustic_batch.hpp"
#include "kaldi/conversion.hpp"

namespace harpy::testing {

/// All outputs of a network, by number.
inline std::vector<std::int32_t> all_outputs(const kaldi::EvaluatedNnet& nnet) {
  std::vector<std::int32_t> outputs(static_cast<std::size_t>(nnet.steps.at(nnet.output).dim));
  std::iota(outputs.begin(), outputs.end(), 0);
  return outputs;
}

/// What a network gives for features [frames, dim] as a stream, their ends repeated.
inline std::vector<float> network_outputs(Network network, std::span<const float> features,
                                          std::int64_t block_frames = 7) {
  const auto backend = create_backend({});
  const auto grid = std::make_shared<const AcousticGrid>(
      std::make_shared<const AcousticModel>(*backend, std::move(network)),
      AcousticStreamOptions{.head = "output", .block_frames = block_frames, .repeats_edges = true});
  AcousticBatch batch(grid, *backend);
  AcousticStream stream(grid, *backend);
  stream.accept(features);
  stream.finish();
  AcousticStream* const pointer = &stream;
  std::vector<float> all;
  while (stream.blocks_ready() > 0) {
    const std::vector<float> block = backend->to_host(batch.advance({&pointer, 1})[0]);
    all.insert(all.end(), block.begin(), block.end());
  }
  return all;
}

inline std::vector<float> network_outputs(const kaldi::EvaluatedNnet& nnet,
                                          std::int64_t subsampling,
                                          std::span<const float> features) {
  const auto backend = create_backend({});
  return network_outputs(kaldi::make_network(*backend, nnet, subsampling, all_outputs(nnet)),
                         features);
}

/// Features with an i-vector behind each frame: row `row_of(frame)` of `ivectors`.
template <typename RowOf>
std::vector<float> with_ivectors(std::span<const float> features, std::int64_t dim,
                                 std::span<const float> ivectors, std::int64_t ivector_dim,
                                 const RowOf& row_of) {
  std::vector<float> joined;
  for (std::int64_t frame = 0; frame * dim < std::ssize(features); ++frame) {
    const auto begin = features.begin() + frame * dim;
    joined.insert(joined.end(), begin, begin + dim);
    const auto ivector = ivectors.begin() + row_of(frame) * ivector_dim;
    joined.insert(joined.end(), ivector, ivector + ivector_dim);
  }
  return joined;
}

}  // namespace harpy::testing

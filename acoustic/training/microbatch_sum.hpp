#pragma once

#include <cstdint>
#include <vector>

#include "acoustic/network.hpp"
#include "acoustic/training/ranks.hpp"

namespace harpy {

/// Makes of a minibatch's microbatches, which several ranks compute, the gradients and running
/// statistics that all ranks go on with.
///
/// Gradients are summed pairwise in the order of the microbatches: first those of a rank, then the
/// ranks' sums (sum_over_ranks). Where microbatches and ranks are powers of two, that is one and
/// the same tree whatever the ranks, so 1, 2 and 4 of them get the same bits. Running statistics of
/// normalisations start in each microbatch from the same values; its changes to them are averaged,
/// weighted by its sequences, so that fixed ones stay as they are.
class MicrobatchSum {
 public:
  /// Each rank computes `count` microbatches of a minibatch. All must outlive this; the network is
  /// prepared for training.
  MicrobatchSum(Backend& backend, Network& network, Ranks& ranks, std::int64_t count);

  /// Before the first microbatch.
  void begin();
  /// Before each microbatch: gradients become zero, statistics those of begin().
  void begin_microbatch();
  /// After it. `share`: the part of the minibatch's sequences that it has; 0 if it has none.
  void end_microbatch(double share);
  /// After the last one: gradients and statistics become those of the whole minibatch.
  void finish();

 private:
  bool is_whole() const { return count_ == 1 && ranks_.count() == 1; }
  TensorView place(Tensor& sum, std::int64_t offset, const Tensor& part) const;

  Backend& backend_;
  Network& network_;
  Ranks& ranks_;
  std::int64_t count_;
  std::vector<Tensor*> parts_;  ///< gradients, then statistics
  std::vector<Tensor*> statistics_;
  std::vector<Tensor> statistics_before_;
  std::int64_t row_values_ = 0;  ///< of a rank's share of the sum
  std::int64_t done_ = 0;        ///< microbatches of this rank
  /// Sums of 1, 2, 4, ... neighbouring microbatches that wait for their other half, one below the
  /// other, [ranks, row_values]; all parts lie in one behind the other.
  std::vector<Tensor> sums_;
  std::size_t waiting_ = 0;  ///< how many of them hold something
};

}  // namespace harpy

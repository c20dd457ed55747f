#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "decoder/graph/label_contexts.hpp"

namespace harpy {

/// How often labels follow one another in label sequences, which come one by one; the label before
/// the first is 0.
class LabelPairCounts {
 public:
  using Pair = std::pair<std::int32_t, std::int32_t>;

  void add(std::span<const std::int32_t> labels);

  /// By the numbers of the labels.
  const std::map<Pair, std::int64_t>& counts() const { return counts_; }
  /// The pairs of neighbours that occur at least `least_count` times, by number.
  std::vector<LabelPair> frequent(std::int64_t least_count) const;

 private:
  std::map<Pair, std::int64_t> counts_;
};

}  // namespace harpy

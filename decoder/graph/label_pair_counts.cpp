#include "decoder/graph/label_pair_counts.hpp"

namespace harpy {

void LabelPairCounts::add(std::span<const std::int32_t> labels) {
  std::int32_t before = 0;
  for (const std::int32_t label : labels) ++counts_[{std::exchange(before, label), label}];
}

std::vector<LabelPair> LabelPairCounts::frequent(std::int64_t least_count) const {
  std::vector<LabelPair> pairs;
  for (const auto& [pair, count] : counts_) {
    if (pair.first != 0 && count >= least_count) pairs.push_back({pair.first, pair.second});
  }
  return pairs;
}

}  // namespace harpy

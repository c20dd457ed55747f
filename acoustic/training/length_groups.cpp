#include "acoustic/training/length_groups.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace harpy {

LengthGroups::LengthGroups(const LengthGroupsOptions& options) {
  if (options.shortest_frames < 1 || options.longest_frames < options.shortest_frames ||
      options.multiple < 1 || options.count < 1) {
    throw std::invalid_argument(
        "LengthGroups: expected 1 <= shortest <= longest, multiple and "
        "count >= 1, got " +
        std::to_string(options.shortest_frames) + ", " + std::to_string(options.longest_frames) +
        ", " + std::to_string(options.multiple) + ", " + std::to_string(options.count));
  }
  const auto round_up = [&](double frames) {
    const auto multiple = static_cast<double>(options.multiple);
    return static_cast<std::int64_t>(std::ceil(frames / multiple - 1e-9)) * options.multiple;
  };
  const auto shortest = static_cast<double>(options.shortest_frames);
  const auto longest = static_cast<double>(options.longest_frames);
  const double steps = static_cast<double>(std::max<std::int64_t>(options.count - 1, 1));
  for (std::int64_t i = 0; i < options.count; ++i) {
    const double power = options.count == 1 ? 1.0 : static_cast<double>(i) / steps;
    const std::int64_t length = round_up(shortest * std::pow(longest / shortest, power));
    if (lengths_.empty() || length > lengths_.back()) lengths_.push_back(length);
  }
}

std::size_t LengthGroups::nearest(double frames, std::int64_t minimum_frames) const {
  const auto above = static_cast<std::size_t>(
      std::lower_bound(lengths_.begin(), lengths_.end(), frames) - lengths_.begin());
  std::size_t group = std::min(above, lengths_.size() - 1);
  // The nearer by ratio: compare with the geometric mean of the two neighbours.
  if (group > 0 && frames * frames < static_cast<double>(lengths_[group]) *
                                         static_cast<double>(lengths_[group - 1])) {
    --group;
  }
  while (group + 1 < lengths_.size() && lengths_[group] < minimum_frames) ++group;
  return group;
}

}  // namespace harpy

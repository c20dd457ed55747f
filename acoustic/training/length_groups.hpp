#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace harpy {

struct LengthGroupsOptions {
  std::int64_t shortest_frames = 1;  ///< of any utterance
  std::int64_t longest_frames = 1;   ///< of any utterance
  std::int64_t multiple = 1;         ///< all lengths are multiples of it
  /// At most so many lengths. More lengths mean less stretching and smaller groups.
  std::int64_t count = 64;
};

/// The frame counts that minibatches may have. They are few, so that a backend has to prepare for
/// few shapes, and each is the same number of times as long as the one before it, from the shortest
/// to the longest utterance.
class LengthGroups {
 public:
  /// Errors: std::invalid_argument for values below 1 or a shortest above the longest.
  explicit LengthGroups(const LengthGroupsOptions& options);

  /// The frame counts in ascending order.
  std::span<const std::int64_t> lengths() const { return lengths_; }
  /// The group whose length is the nearest by ratio to `frames` and not below `minimum_frames`; the
  /// last group if all are below.
  std::size_t nearest(double frames, std::int64_t minimum_frames) const;

 private:
  std::vector<std::int64_t> lengths_;
};

}  // namespace harpy

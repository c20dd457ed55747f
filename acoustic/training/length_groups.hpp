#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace harpy {

struct LengthGroupsOptions {
  std::int64_t shortest_frames = 1;  ///< of any utterance
  std::int64_t longest_frames = 1;   ///< of any utterance
  std::int64_t multiple = 1;         ///< all lengths are multiples of it
  std::int64_t count = 64;  ///< at most so many lengths; more: less stretching, smaller groups
};

/// The frame counts that minibatches may have: few, so that the shapes a backend prepares for are
/// few. They grow by one ratio from the shortest to the longest utterance.
class LengthGroups {
 public:
  /// Errors: std::invalid_argument for values below 1 or a shortest above the longest.
  explicit LengthGroups(const LengthGroupsOptions& options);

  /// Ascending.
  std::span<const std::int64_t> lengths() const { return lengths_; }
  /// The group whose length is the nearest by ratio to `frames` and not below `minimum_frames`; the
  /// last group if all are below.
  std::size_t nearest(double frames, std::int64_t minimum_frames) const;

 private:
  std::vector<std::int64_t> lengths_;
};

}  // namespace harpy

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace harpy {

/// A few values that stand for many.
///
/// The values' range is cut into bins of equal width, each of which the mean of its values stands
/// for, so that no value is off by more than a bin's width. Where there are no more different
/// values than entries, every value stands for itself. 0 and minus infinity always do. Bins of
/// equally many values (Federico and Bertoldi 2006, "How many bits are needed to store
/// probabilities for phrase-based translation?") would be wide where values are rare: at the
/// probabilities of the most frequent words, which then cost word errors.
class Codebook {
 public:
  /// Makes the codebook of `values`, which may be minus infinity but not NaN.
  /// Errors: std::invalid_argument for fewer than 4 entries.
  Codebook(std::vector<float> values, std::size_t max_entries);

  /// What the codes stand for, in ascending order.
  std::span<const float> entries() const { return entries_; }
  /// The code of one of the values that the codebook was made of.
  std::uint32_t code(float value) const;

 private:
  std::vector<float> entries_;
  std::vector<float> largest_;  ///< of each bin
};

}  // namespace harpy

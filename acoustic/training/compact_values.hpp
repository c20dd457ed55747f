#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace harpy {

/// Numbers held in 8 bits each. Every 128 numbers form a block and share a scale, which is the
/// block's largest magnitude divided by 127. The error of a number is at most half of that scale,
/// or 0.4 % of the block's largest magnitude.
struct ByteBlocks {
  static constexpr std::size_t kBlockValues = 128;

  std::vector<float> scales;       ///< one a block; the last block may be shorter
  std::vector<std::int8_t> codes;  ///< one a value
};

ByteBlocks to_byte_blocks(std::span<const float> values);
/// Errors: std::invalid_argument if there is not one scale a block.
std::vector<float> from_byte_blocks(const ByteBlocks& blocks);

/// A matrix of nonnegative numbers as its row and column sums: value(i, j) is about rows[i] *
/// columns[j] / total, as in Adafactor (Shazeer and Stern, 2018). Exact for matrices of rank one.
struct MarginalSums {
  std::vector<float> rows;
  std::vector<float> columns;
};

/// Shapes: values [rows, columns], row-major.
MarginalSums to_marginal_sums(std::span<const float> values, std::size_t row_count);
std::vector<float> from_marginal_sums(const MarginalSums& sums);

}  // namespace harpy

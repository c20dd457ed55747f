#include "acoustic/training/compact_values.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

namespace harpy {
namespace {

constexpr float kLargestCode = 127.0F;

std::size_t block_count(std::size_t value_count) {
  return (value_count + ByteBlocks::kBlockValues - 1) / ByteBlocks::kBlockValues;
}

}  // namespace

ByteBlocks to_byte_blocks(std::span<const float> values) {
  ByteBlocks blocks;
  blocks.scales.reserve(block_count(values.size()));
  blocks.codes.reserve(values.size());
  for (std::size_t begin = 0; begin < values.size(); begin += ByteBlocks::kBlockValues) {
    const auto block =
        values.subspan(begin, std::min(ByteBlocks::kBlockValues, values.size() - begin));
    float largest = 0.0F;
    for (const float value : block) largest = std::max(largest, std::abs(value));
    const float scale = largest / kLargestCode;
    blocks.scales.push_back(scale);
    for (const float value : block) {
      const float code = scale > 0.0F ? std::round(value / scale) : 0.0F;
      blocks.codes.push_back(
          static_cast<std::int8_t>(std::clamp(code, -kLargestCode, kLargestCode)));
    }
  }
  return blocks;
}

std::vector<float> from_byte_blocks(const ByteBlocks& blocks) {
  if (blocks.scales.size() != block_count(blocks.codes.size())) {
    throw std::invalid_argument("from_byte_blocks: expected " +
                                std::to_string(block_count(blocks.codes.size())) + " scales, got " +
                                std::to_string(blocks.scales.size()));
  }
  std::vector<float> values(blocks.codes.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = blocks.scales[i / ByteBlocks::kBlockValues] * static_cast<float>(blocks.codes[i]);
  }
  return values;
}

MarginalSums to_marginal_sums(std::span<const float> values, std::size_t row_count) {
  if (row_count == 0 || values.size() % row_count != 0) {
    throw std::invalid_argument("to_marginal_sums: expected whole rows, got " +
                                std::to_string(values.size()) + " values in " +
                                std::to_string(row_count) + " rows");
  }
  const std::size_t column_count = values.size() / row_count;
  std::vector<double> rows(row_count, 0.0);
  std::vector<double> columns(column_count, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    rows[i / column_count] += values[i];
    columns[i % column_count] += values[i];
  }
  MarginalSums sums;
  for (const double sum : rows) sums.rows.push_back(static_cast<float>(sum));
  for (const double sum : columns) sums.columns.push_back(static_cast<float>(sum));
  return sums;
}

std::vector<float> from_marginal_sums(const MarginalSums& sums) {
  const double total = std::accumulate(sums.rows.begin(), sums.rows.end(), 0.0);
  std::vector<float> values;
  values.reserve(sums.rows.size() * sums.columns.size());
  for (const float row : sums.rows) {
    for (const float column : sums.columns) {
      const double product = static_cast<double>(row) * static_cast<double>(column);
      values.push_back(total > 0.0 ? static_cast<float>(product / total) : 0.0F);
    }
  }
  return values;
}

}  // namespace harpy

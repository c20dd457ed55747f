#include "decoder/language_model/codebook.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace harpy {

namespace {

/// Entries kept free for 0, for minus infinity, and for the bin that 0 cuts in two.
constexpr std::size_t kReservedEntries = 3;

struct Bin {
  double sum = 0.0;
  std::size_t count = 0;
  float largest = 0.0F;
};

bool is_inexact(float value) { return value != 0.0F && !std::isinf(value); }

std::size_t count_different(const std::vector<float>& sorted) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (i == 0 || sorted[i] != sorted[i - 1]) ++count;
  }
  return count;
}

/// Cuts sorted values into bins. A bin is full when it has its share of the values that those
/// before it have left.
std::vector<Bin> cut(const std::vector<float>& sorted, std::size_t max_entries) {
  const bool is_lossless = count_different(sorted) <= max_entries;
  std::size_t bins_left = max_entries - kReservedEntries;
  auto values_left =
      static_cast<std::size_t>(std::count_if(sorted.begin(), sorted.end(), is_inexact));
  std::vector<Bin> bins;
  bool is_open = false;  // whether the last bin takes further values
  for (std::size_t begin = 0; begin < sorted.size();) {
    const float value = sorted[begin];
    std::size_t end = begin;
    while (end < sorted.size() && sorted[end] == value) ++end;
    const std::size_t count = end - begin;
    begin = end;
    const bool is_alone = is_lossless || !is_inexact(value);
    if (is_alone && is_open) {
      values_left -= bins.back().count;
      is_open = false;
    }
    if (!is_open) bins.emplace_back();
    Bin& bin = bins.back();
    bin.sum += static_cast<double>(value) * static_cast<double>(count);
    bin.count += count;
    bin.largest = value;
    is_open = !is_alone && bin.count * bins_left < values_left;
    if (is_open || is_alone) continue;
    values_left -= bin.count;
    --bins_left;
  }
  return bins;
}

}  // namespace

Codebook::Codebook(std::vector<float> values, std::size_t max_entries) {
  if (max_entries <= kReservedEntries) {
    throw std::invalid_argument("Codebook: expected more than " + std::to_string(kReservedEntries) +
                                " entries, got " + std::to_string(max_entries));
  }
  std::sort(values.begin(), values.end());
  const std::vector<Bin> bins = cut(values, max_entries);
  entries_.reserve(bins.size());
  largest_.reserve(bins.size());
  for (const Bin& bin : bins) {
    entries_.push_back(static_cast<float>(bin.sum / static_cast<double>(bin.count)));
    largest_.push_back(bin.largest);
  }
}

std::uint32_t Codebook::code(float value) const {
  const auto bin = std::lower_bound(largest_.begin(), largest_.end(), value);
  return static_cast<std::uint32_t>(bin - largest_.begin());
}

}  // namespace harpy

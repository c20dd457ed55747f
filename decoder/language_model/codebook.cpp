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

/// Numbers the bins that values of a range lie in.
class Binning {
 public:
  Binning(const std::vector<float>& sorted, std::size_t bin_count) : bin_count_(bin_count) {
    const auto first = std::find_if(sorted.begin(), sorted.end(), is_inexact);
    const auto last = std::find_if(sorted.rbegin(), sorted.rend(), is_inexact);
    if (first == sorted.end()) return;
    least_ = static_cast<double>(*first);
    width_ = (static_cast<double>(*last) - least_) / static_cast<double>(bin_count);
  }

  std::size_t bin_of(float value) const {
    const auto bin = static_cast<std::size_t>((static_cast<double>(value) - least_) / width_);
    return std::min(bin, bin_count_ - 1);
  }

 private:
  std::size_t bin_count_;
  double least_ = 0.0;
  double width_ = 1.0;
};

std::vector<Bin> cut(const std::vector<float>& sorted, std::size_t max_entries) {
  const bool is_lossless = count_different(sorted) <= max_entries;
  const Binning binning(sorted, max_entries - kReservedEntries);
  std::vector<Bin> bins;
  for (const float value : sorted) {
    const bool is_alone = is_lossless || !is_inexact(value);
    const auto shares_bin = [&](float other) {
      if (other == value) return true;
      return !is_alone && is_inexact(other) && binning.bin_of(other) == binning.bin_of(value);
    };
    if (bins.empty() || !shares_bin(bins.back().largest)) bins.emplace_back();
    Bin& bin = bins.back();
    bin.sum += static_cast<double>(value);
    ++bin.count;
    bin.largest = value;
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

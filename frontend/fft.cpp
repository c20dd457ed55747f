#include "frontend/fft.hpp"

#include <bit>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>

#include "frontend/fft_passes.hpp"

namespace harpy {
namespace {

/// Least count of complex numbers whose first pass fills whole vectors.
constexpr std::size_t kLeastForRadix16 = 128;

std::size_t checked_half(int size) {
  if (size < 8 || !std::has_single_bit(static_cast<unsigned>(size))) {
    throw std::invalid_argument("RealFft: expected a power of two of at least 8, got " +
                                std::to_string(size));
  }
  return static_cast<std::size_t>(size) / 2;
}

}  // namespace

RealFft::ComplexArray::ComplexArray(std::size_t size) : re(size), im(size) {}

void RealFft::ComplexArray::append_root(std::size_t index, std::size_t count) {
  const double angle =
      -2.0 * std::numbers::pi * static_cast<double>(index % count) / static_cast<double>(count);
  re.push_back(static_cast<float>(std::cos(angle)));
  im.push_back(static_cast<float>(std::sin(angle)));
}

RealFft::RealFft(int size)
    : size_(size), signal_(checked_half(size)), scratch_(checked_half(size)) {
  const std::size_t half = checked_half(size);
  for (std::size_t k = 0; k <= half / 2; ++k) roots_.append_root(k, 2 * half);
  std::size_t count = half;
  if (half >= kLeastForRadix16) {
    for (std::size_t j = 0; j < 16; ++j) {
      for (std::size_t p = 0; p < half / 16; ++p) first_roots_.append_root(j * p, half);
    }
    count /= 16;
  }
  for (; count >= 4; count /= 4) {
    for (std::size_t p = 0; p < count / 4; ++p) {
      for (std::size_t j = 1; j < 4; ++j) pass_roots_.append_root(j * p, count);
    }
  }
}

void RealFft::power_spectrum(std::span<const float> input, std::span<float> power) {
  const std::size_t half = signal_.re.size();
  if (input.size() != 2 * half || power.size() != half + 1) {
    throw std::invalid_argument("RealFft: expected " + std::to_string(2 * half) + " samples and " +
                                std::to_string(half + 1) + " bins, got " +
                                std::to_string(input.size()) + " and " +
                                std::to_string(power.size()));
  }
  const auto view = [](ComplexArray& array) {
    return fft_passes::Complexes{array.re.data(), array.im.data()};
  };
  const auto const_view = [](const ComplexArray& array, std::size_t offset = 0) {
    return fft_passes::ConstComplexes{array.re.data() + offset, array.im.data() + offset};
  };
  fft_passes::split(input.data(), half, view(signal_));
  fft_passes::Pass pass{.count = half, .stride = 1};
  if (!first_roots_.re.empty()) {
    fft_passes::pass_16(half, const_view(signal_), const_view(first_roots_), view(scratch_));
    std::swap(signal_, scratch_);
    pass = {.count = half / 16, .stride = 16};
  }
  std::size_t offset = 0;
  for (; pass.count >= 4; pass = {.count = pass.count / 4, .stride = pass.stride * 4}) {
    fft_passes::pass_4(pass, const_view(signal_), const_view(pass_roots_, offset), view(scratch_));
    std::swap(signal_, scratch_);
    offset += pass.count / 4 * 3;
  }
  if (pass.count == 2) {
    fft_passes::pass_2(pass.stride, const_view(signal_), view(scratch_));
    std::swap(signal_, scratch_);
  }
  fft_passes::squared_magnitudes(half, const_view(signal_), const_view(roots_), scratch_.re.data(),
                                 power.data());
}

}  // namespace harpy

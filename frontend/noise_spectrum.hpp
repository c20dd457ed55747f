#pragma once

#include <span>
#include <vector>

namespace harpy {

/// The expected power spectrum [fft_size / 2 + 1] of white noise of the given variance that has
/// gone the way of a frame's samples: pre-emphasis x[i] - preemphasis * x[i - 1], then the window,
/// then a Fourier transform of fft_size numbers.
std::vector<float> noise_spectrum(double variance, double preemphasis,
                                  std::span<const float> window, int fft_size);

}  // namespace harpy

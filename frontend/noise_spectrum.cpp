#include "frontend/noise_spectrum.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace harpy {

std::vector<float> noise_spectrum(double variance, double preemphasis,
                                  std::span<const float> window, int fft_size) {
  // Sample i of the noise, e[i], comes into the windowed frame as e[i] w[i] and, a place later, as
  // -a e[i] w[i + 1]; the first, which stands for its own predecessor, as (1 - a) e[0] w[0]. At a
  // frequency f each adds variance * |own - a next exp(-j f)|^2 to the expected power.
  const double a = preemphasis;
  const std::size_t length = window.size();
  double squares = 0.0, products = 0.0;
  for (std::size_t i = 0; i < length; ++i) {
    const double own = window[i] * (i == 0 ? 1.0 - a : 1.0);
    const double late = i + 1 < length ? a * window[i + 1] : 0.0;
    squares += own * own + late * late;
    products += own * late;
  }
  std::vector<float> power;
  for (int k = 0; k <= fft_size / 2; ++k) {
    const double frequency = 2.0 * std::numbers::pi * k / fft_size;
    power.push_back(
        static_cast<float>(variance * (squares - 2.0 * products * std::cos(frequency))));
  }
  return power;
}

}  // namespace harpy

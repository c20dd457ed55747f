#include "frontend/mel_axis.hpp"

#include "frontend/mel_filterbank.hpp"

namespace harpy {
namespace {

double spacing_of(const MelAxis& axis) {
  return (mel_of_hz(axis.high_hz) - mel_of_hz(axis.low_hz)) / static_cast<double>(axis.bins + 1);
}

}  // namespace

double MelAxis::hz_of_bin(double bin) const {
  return hz_of_mel(mel_of_hz(low_hz) + spacing_of(*this) * (bin + 1.0));
}

double MelAxis::bin_of_hz(double hz) const {
  return (mel_of_hz(hz) - mel_of_hz(low_hz)) / spacing_of(*this) - 1.0;
}

}  // namespace harpy

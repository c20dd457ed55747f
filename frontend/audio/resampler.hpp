#pragma once

#include <memory>
#include <span>
#include <vector>

namespace harpy {

/// Converts the sample rate of a stream of single-channel audio (soxr, 20-bit quality: pass band to
/// 0.913 of the lower Nyquist frequency).
///
/// Equal rates pass through untouched. Output comes late by the filter's delay (about 120 ms from
/// 8 kHz, 40 ms from 44.1 and 48 kHz) and starts with the input's first sample. Law: the output
/// does not depend on how the input is cut.
class Resampler {
 public:
  /// Errors: std::invalid_argument for a rate outside 4,000 to 192,000.
  explicit Resampler(double input_hz, double output_hz = 16000.0);
  Resampler(Resampler&&) noexcept;
  Resampler& operator=(Resampler&&) noexcept;
  ~Resampler();

  /// Appends to `output` what `input` brings.
  void process(std::span<const float> input, std::vector<float>& output);
  /// The same; equal rates move the samples to an output that is empty, and copy nothing.
  void process(std::vector<float>&& input, std::vector<float>& output);
  /// Appends the rest: all output together has round(input samples * output_hz / input_hz)
  /// samples. Only once; nothing may be processed afterwards (std::logic_error).
  void finish(std::vector<float>& output);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace harpy

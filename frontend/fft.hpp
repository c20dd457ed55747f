#pragma once

#include <complex>
#include <memory>
#include <span>
#include <vector>

namespace harpy {

/// Fourier transform of real signals of one length, in single precision (KissFFT):
///   X[k] = sum over n of x[n] * exp(-2 pi i k n / size), k = 0 .. size / 2.
/// Threads: holds scratch memory, so one thread at a time.
class RealFft {
 public:
  /// Errors: std::invalid_argument unless `size` is even and at least 2.
  explicit RealFft(int size);

  int size() const { return size_; }
  int bin_count() const { return size_ / 2 + 1; }

  /// Shapes: input [size]; the result [size / 2 + 1] is valid until the next call.
  std::span<const std::complex<float>> transform(std::span<const float> input);

 private:
  struct PlanDeleter {
    void operator()(void* plan) const;
  };

  int size_;
  std::unique_ptr<void, PlanDeleter> plan_;
  std::vector<std::complex<float>> output_;
};

}  // namespace harpy

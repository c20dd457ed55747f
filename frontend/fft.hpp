#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace harpy {

/// Power spectra of real signals of one length, in single precision:
///   power[k] = |sum over n of x[n] * exp(-2 pi i k n / size)|^2, k = 0 .. size / 2.
///
/// The signal is transformed as one of size / 2 complex numbers (even samples real, odd ones
/// imaginary) by Stockham's algorithm (Cochran et al., What is the fast Fourier transform?, 1967),
/// which needs no bit reversal. Its first pass has radix 16, so that all passes work on whole
/// vectors; the others have radix 4. The same bits on every x86-64 processor.
/// Threads: holds scratch memory, so one thread at a time.
class RealFft {
 public:
  /// Errors: std::invalid_argument unless `size` is a power of two of at least 8.
  explicit RealFft(int size);

  int size() const { return size_; }
  int bin_count() const { return size_ / 2 + 1; }

  /// Shapes: input [size], power [size / 2 + 1].
  void power_spectrum(std::span<const float> input, std::span<float> power);

 private:
  /// Real and imaginary parts, apart.
  struct ComplexArray {
    ComplexArray() = default;
    explicit ComplexArray(std::size_t size);
    /// Appends exp(-2 pi i index / count).
    void append_root(std::size_t index, std::size_t count);

    std::vector<float> re;
    std::vector<float> im;
  };

  int size_;
  ComplexArray roots_;        ///< exp(-2 pi i k / size), k = 0 .. size / 4
  ComplexArray first_roots_;  ///< of the pass of radix 16; none for small sizes
  ComplexArray pass_roots_;   ///< of the passes of radix 4, one after the other
  ComplexArray signal_;       ///< [size / 2]
  ComplexArray scratch_;
};

}  // namespace harpy

#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "acoustic/backend/phase.hpp"

/// Log mel features of one frame as a bulk-synchronous program, for devices; see FeatureExtractor,
/// whose results it gives but for rounding. Every value is one thread's, sums are in the order of
/// an index: neither the number nor the order of threads changes a bit.
namespace harpy::log_mel {

/// What all frames share. The pointers refer to memory of the device that does the work.
struct Tables {
  std::int32_t frame_length = 0, frame_shift = 0;
  std::int32_t first_sample = 0;  ///< of frame 0; negative where frames are mirrored
  std::int32_t fft_size = 0;      ///< a power of two of at least 8
  std::int32_t filter_count = 0;
  bool remove_dc_offset = true;
  bool use_power = true;
  float preemphasis = 0.97F;
  const float* window = nullptr;               ///< [frame_length]
  const float* noise = nullptr;                ///< [fft_size / 2], power added to the spectrum
  const float* roots_re = nullptr;             ///< [fft_size], of exp(-2 pi i k / fft_size)
  const float* roots_im = nullptr;             ///< [fft_size]
  const std::int32_t* filter_first = nullptr;  ///< [filters], first bin of the spectrum
  const std::int32_t* filter_begin = nullptr;  ///< [filters + 1], of its weights
  const float* filter_weights = nullptr;

  constexpr std::int32_t half() const { return fft_size / 2; }
};

/// Frames of one recording or stream of which samples [begin, begin + ...) are at hand.
struct Job {
  const std::int16_t* integers = nullptr;  ///< the samples, or null
  const float* floats = nullptr;           ///< the samples in [-1, 1], if there are no integers
  std::int64_t begin = 0;                  ///< number of the first of them
  std::int64_t sample_count = 0;           ///< of the recording; behind it samples are mirrored
  std::int64_t first_frame = 0;
  std::int64_t batch_frame = 0;  ///< number in the batch of the first frame
  float* output = nullptr;       ///< [frames, filters]
};

/// Into so many parts the sum over a frame is cut, each added up by one thread.
inline constexpr std::int32_t kSumParts = 32;

/// Memory of a frame, shared by its threads.
struct Scratch {
  float* signal = nullptr;     ///< [frame_length]
  std::array<float*, 2> re{};  ///< [fft_size / 2] each
  std::array<float*, 2> im{};  ///< [fft_size / 2] each
  float* sum_parts = nullptr;  ///< [kSumParts]

  /// How many floats of memory a frame needs.
  static constexpr std::int32_t size(std::int32_t frame_length, std::int32_t fft_size) {
    return frame_length + 2 * fft_size + kSumParts;
  }
  constexpr Scratch(const Tables& tables, float* memory)
      : signal(memory + std::ptrdiff_t{2} * tables.fft_size),
        re{memory, memory + tables.half()},
        im{memory + tables.fft_size, memory + tables.fft_size + tables.half()},
        sum_parts(signal + tables.frame_length) {}
};

/// Calls work(i) for each of the items that one thread has to do.
template <typename Thread, typename Work>
constexpr void for_own(Thread thread, std::int32_t count, const Work& work) {
  for (auto i = static_cast<std::int32_t>(thread.index); i < count;
       i += static_cast<std::int32_t>(thread.count)) {
    work(i);
  }
}

/// Reads the samples of a frame, in the scale of 16-bit integers.
struct LoadSamples {
  const Tables& tables;
  const Job& job;
  std::int64_t frame;
  const Scratch& scratch;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const std::int64_t first = frame * tables.frame_shift + tables.first_sample;
    for_own(thread, tables.frame_length,
            [&](std::int32_t i) { scratch.signal[i] = sample(first + i); });
  }

 private:
  constexpr float sample(std::int64_t number) const {
    while (number < 0 || number >= job.sample_count) {
      number = number < 0 ? -number - 1 : 2 * job.sample_count - 1 - number;
    }
    const std::int64_t place = number - job.begin;
    return job.integers != nullptr ? static_cast<float>(job.integers[place])
                                   : job.floats[place] * 32768.0F;
  }
};

struct SumSamples {
  const Tables& tables;
  const Scratch& scratch;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for_own(thread, kSumParts, [&](std::int32_t part) {
      float sum = 0.0F;
      for (std::int32_t i = part; i < tables.frame_length; i += kSumParts) {
        sum += scratch.signal[i];
      }
      scratch.sum_parts[part] = sum;
    });
  }
};

/// Subtracts the mean, emphasises, windows; even values become real parts, odd ones imaginary.
struct Window {
  const Tables& tables;
  const Scratch& scratch;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    float mean = 0.0F;
    if (tables.remove_dc_offset) {
      for (std::int32_t part = 0; part < kSumParts; ++part) mean += scratch.sum_parts[part];
      mean /= static_cast<float>(tables.frame_length);
    }
    for_own(thread, tables.half(), [&](std::int32_t n) {
      scratch.re[0][n] = windowed(2 * n, mean);
      scratch.im[0][n] = windowed(2 * n + 1, mean);
    });
  }

 private:
  constexpr float windowed(std::int32_t i, float mean) const {
    if (i >= tables.frame_length) return 0.0F;
    const float before = scratch.signal[i > 0 ? i - 1 : 0] - mean;
    return ((scratch.signal[i] - mean) - tables.preemphasis * before) * tables.window[i];
  }
};

/// One pass of Stockham's Fourier transform, of radix 4, or 2 where two numbers are left (see
/// fft_passes). Reads buffer `from`, writes the other.
struct TransformPass {
  const Tables& tables;
  const Scratch& scratch;
  std::int32_t from;
  std::int32_t count, stride;  ///< numbers left to transform, transforms side by side

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    if (count == 2) {
      for_own(thread, stride, [&](std::int32_t q) { pair(q); });
    } else {
      for_own(thread, tables.half() / 4, [&](std::int32_t i) { quad(i / stride, i % stride); });
    }
  }

 private:
  struct Complex {
    float re, im;
    constexpr Complex operator+(Complex b) const { return {re + b.re, im + b.im}; }
    constexpr Complex operator-(Complex b) const { return {re - b.re, im - b.im}; }
    constexpr Complex operator*(Complex b) const {
      return {re * b.re - im * b.im, re * b.im + im * b.re};
    }
  };

  constexpr Complex read(std::int32_t i) const {
    return {scratch.re[from][i], scratch.im[from][i]};
  }
  constexpr void write(std::int32_t i, Complex value) const {
    scratch.re[1 - from][i] = value.re;
    scratch.im[1 - from][i] = value.im;
  }
  constexpr void pair(std::int32_t q) const {
    const Complex a = read(q), b = read(q + stride);
    write(q, a + b);
    write(q + stride, a - b);
  }
  constexpr void quad(std::int32_t p, std::int32_t q) const {
    const std::int32_t m = count / 4;
    const Complex a = read(q + stride * p), b = read(q + stride * (p + m));
    const Complex c = read(q + stride * (p + 2 * m)), d = read(q + stride * (p + 3 * m));
    const Complex sum = a + c, difference = a - c, other_sum = b + d;
    const Complex turned{b.im - d.im, d.re - b.re};  // (b - d) / i
    const std::int32_t target = q + stride * 4 * p;
    write(target, sum + other_sum);
    write(target + stride, (difference + turned) * root(p));
    write(target + 2 * stride, (sum - other_sum) * root(2 * p));
    write(target + 3 * stride, (difference - turned) * root(3 * p));
  }
  /// exp(-2 pi i k / count).
  constexpr Complex root(std::int32_t k) const {
    const std::int32_t place = k * (tables.fft_size / count);
    return {tables.roots_re[place], tables.roots_im[place]};
  }
};

/// Turns the transform of the split signal in buffer `from` into the signal's power or magnitude
/// spectrum in the other buffer's real part.
struct Spectrum {
  const Tables& tables;
  const Scratch& scratch;
  std::int32_t from;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const float* re = scratch.re[from];
    const float* im = scratch.im[from];
    for_own(thread, tables.half(), [&](std::int32_t k) {
      const std::int32_t opposite = k == 0 ? 0 : tables.half() - k;
      const float a = re[k] + re[opposite], b = im[k] - im[opposite];
      const float c = re[k] - re[opposite], d = im[k] + im[opposite];
      const float root_re = tables.roots_re[k], root_im = tables.roots_im[k];
      const float x = a + root_re * d + root_im * c;
      const float y = b + root_im * d - root_re * c;
      const float power = 0.25F * (x * x + y * y) + tables.noise[k];
      scratch.re[1 - from][k] = tables.use_power ? power : std::sqrt(power);
    });
  }
};

/// Logarithms of the filters' energies.
struct Filter {
  const Tables& tables;
  const float* spectrum;
  float* output;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    for_own(thread, tables.filter_count, [&](std::int32_t f) {
      const float* bins = spectrum + tables.filter_first[f];
      const float* weights = tables.filter_weights + tables.filter_begin[f];
      const std::int32_t count = tables.filter_begin[f + 1] - tables.filter_begin[f];
      float energy = 0.0F;
      for (std::int32_t k = 0; k < count; ++k) energy += weights[k] * bins[k];
      constexpr float kFloor = std::numeric_limits<float>::epsilon();
      output[f] = std::log(energy > kFloor ? energy : kFloor);
    });
  }
};

/// Computes frame `batch_frame` of a batch from samples to features. All threads of an executor run
/// it together.
template <typename Executor>
constexpr void compute_frame(const Executor& executor, const Tables& tables, const Job& job,
                             std::int64_t batch_frame, const Scratch& scratch) {
  const std::int64_t row = batch_frame - job.batch_frame;
  executor.run(LoadSamples{tables, job, job.first_frame + row, scratch});
  if (tables.remove_dc_offset) executor.run(SumSamples{tables, scratch});
  executor.run(Window{tables, scratch});
  std::int32_t from = 0;
  std::int32_t stride = 1;
  for (std::int32_t count = tables.half(); count > 1; count /= 4) {
    executor.run(TransformPass{tables, scratch, from, count, stride});
    from = 1 - from;
    stride *= 4;
    if (count == 2) break;
  }
  executor.run(Spectrum{tables, scratch, from});
  executor.run(Filter{tables, scratch.re[1 - from], job.output + row * tables.filter_count});
}

/// Finds the job that a frame of the batch belongs to: the last of `jobs` whose first frame is not
/// behind it.
constexpr std::int32_t job_of(const Job* jobs, std::int32_t job_count, std::int64_t batch_frame) {
  std::int32_t begin = 0, end = job_count;
  while (end - begin > 1) {
    const std::int32_t middle = begin + (end - begin) / 2;
    if (jobs[middle].batch_frame <= batch_frame) {
      begin = middle;
    } else {
      end = middle;
    }
  }
  return begin;
}

}  // namespace harpy::log_mel

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace harpy {

/// Bounds of histograms of durations in seconds: those that OpenTelemetry advises for requests.
inline constexpr std::array kDurationBounds_s{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                              0.5,   0.75, 1.0,   2.5,  5.0,   7.5, 10.0};
/// Bounds of histograms of shares, such as of the time that something takes of the audio's.
inline constexpr std::array kShareBounds{0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0};
/// Bounds of histograms of numbers of things.
inline constexpr std::array kCountBounds{1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0};

/// Bounds of histograms of the tokens of a search.
inline constexpr std::array kTokenBounds{10.0,   30.0,    100.0,   300.0,    1000.0,
                                         3000.0, 10000.0, 30000.0, 100000.0, 300000.0};

/// Counts values in ranges that stay the same: adding one takes two atomic additions and no lock.
/// Threads: any.
class AtomicHistogram {
 public:
  /// `upper_bounds`: of the ranges, ascending, each bound within its range; above the last one
  /// there is another range. They outlive the histogram.
  explicit AtomicHistogram(std::span<const double> upper_bounds)
      : upper_bounds_(upper_bounds), counts_(upper_bounds.size() + 1) {}

  void add(double value);

  struct Snapshot {
    std::span<const double> upper_bounds;
    std::vector<std::uint64_t> counts;  ///< of the ranges, one more than bounds
    double sum = 0.0;                   ///< of all values
  };
  /// What was added so far; values that are added meanwhile may be in one part of it alone.
  Snapshot snapshot() const;

 private:
  const std::span<const double> upper_bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;
  std::atomic<double> sum_ = 0.0;
};

}  // namespace harpy

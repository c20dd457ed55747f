// How long the sum of gradients over ranks takes: mpirun -n RANKS exchange_bench [ROUNDS]
// Rank 0 prints a line of ranks, bytes of the gradients and the median of seconds for each size.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "acoustic/training/launched_ranks.hpp"
#include "tests/bench/measurement.hpp"

namespace harpy::bench {
namespace {

/// Seconds of one sum, the median of `rounds`; all ranks begin together.
double median_seconds(Backend& backend, Ranks& ranks, std::int64_t value_count, int rounds) {
  const std::int64_t row_values = (value_count + ranks.count() - 1) / ranks.count();
  Tensor values = backend.zeros({ranks.count(), row_values});
  Tensor scratch = backend.zeros({ranks.count(), row_values});
  std::vector<double> seconds;
  for (int round = -3; round < rounds; ++round) {  // the first three take memory and connect
    is_any(ranks, false);
    const Clock::time_point start = Clock::now();
    sum_over_ranks(backend, ranks, values, scratch);
    if (round >= 0) seconds.push_back(seconds_since(start));
  }
  std::nth_element(seconds.begin(), seconds.begin() + rounds / 2, seconds.end());
  return seconds[static_cast<std::size_t>(rounds / 2)];
}

}  // namespace
}  // namespace harpy::bench

int main(int argc, char** argv) {
  using harpy::bench::median_seconds;
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 21;
  const auto ranks = harpy::join_launched_ranks();
  const auto backend = harpy::create_backend({});
  for (std::int64_t kibibytes = 4; kibibytes <= 65536; kibibytes *= 4) {
    const double seconds = median_seconds(*backend, *ranks, 256 * kibibytes, rounds);
    if (ranks->rank() == 0) {
      std::printf("%lld\t%lld\t%.9f\n", static_cast<long long>(ranks->count()),
                  static_cast<long long>(1024 * kibibytes), seconds);
    }
  }
  return 0;
}

#include "acoustic/training/ranks.hpp"

#include <mutex>
#include <set>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "acoustic/training/keyed_random.hpp"
#include "tests/acoustic/training/thread_ranks.hpp"

namespace harpy {
namespace {

using testing::ThreadRanks;

/// Sums neighbours, then sums of neighbours, and so on.
float pairwise(std::vector<float> values) {
  while (values.size() > 1) {
    std::vector<float> sums;
    for (std::size_t i = 0; i < values.size(); i += 2) {
      sums.push_back(i + 1 < values.size() ? values[i] + values[i + 1] : values[i]);
    }
    values = sums;
  }
  return values.front();
}

/// Of very different sizes, so that every order of summing gives other bits.
float value_of(std::int64_t rank, std::int64_t index) {
  KeyedRandom random{static_cast<std::uint64_t>(rank), static_cast<std::uint64_t>(index)};
  return static_cast<float>(random.uniform(-1.0, 1.0) * (random.below(2) == 0 ? 1e6 : 1.0));
}

TEST(SumOverRanks, IsPairwiseInTheOrderOfTheRanks) {
  for (std::int64_t count = 1; count <= 9; ++count) {
    ThreadRanks::run(count, [count](Ranks& ranks) {
      constexpr std::int64_t kRowValues = 50;
      const auto backend = create_backend({});
      std::vector<float> mine;
      for (std::int64_t i = 0; i < count * kRowValues; ++i)
        mine.push_back(value_of(ranks.rank(), i));
      Tensor sum = backend->from_host({count, kRowValues}, mine);
      Tensor scratch = backend->zeros({count, kRowValues});
      sum_over_ranks(*backend, ranks, sum, scratch);
      std::vector<float> expected;
      for (std::int64_t i = 0; i < count * kRowValues; ++i) {
        std::vector<float> terms;
        for (std::int64_t rank = 0; rank < count; ++rank) terms.push_back(value_of(rank, i));
        expected.push_back(pairwise(terms));
      }
      EXPECT_EQ(backend->to_host(sum), expected) << count << " ranks";
    });
  }
}

TEST(Ranks, KnowWhatEachOneSays) {
  ThreadRanks::run(5, [](Ranks& ranks) {
    EXPECT_EQ(gather(ranks, 10 * ranks.rank()), (std::vector<std::int64_t>{0, 10, 20, 30, 40}));
    EXPECT_TRUE(is_any(ranks, ranks.rank() == 3));
    EXPECT_FALSE(is_any(ranks, false));
  });
  EXPECT_TRUE(is_any(only_rank(), true));
  EXPECT_FALSE(is_any(only_rank(), false));
}

TEST(CarryOutAtAll, TheErrorsOfOneAreThoseOfAll) {
  std::mutex mutex;
  std::multiset<std::string> errors;
  const auto error_of = [&](Ranks& ranks, const std::set<std::int64_t>& failing) {
    try {
      carry_out_at_all(ranks, [&] {
        // The step within the step is not reached by all.
        if (failing.contains(ranks.rank())) throw std::runtime_error("no file");
        carry_out_at_all(ranks, [] {});
      });
    } catch (const SharedError& error) {
      const std::lock_guard lock(mutex);
      errors.insert(error.what());
    }
  };
  ThreadRanks::run(3, [&](Ranks& ranks) { error_of(ranks, {}); });
  EXPECT_TRUE(errors.empty());
  ThreadRanks::run(3, [&](Ranks& ranks) { error_of(ranks, {1, 2}); });
  EXPECT_EQ(errors,
            (std::multiset<std::string>{"rank 1: no file", "rank 1: no file", "rank 1: no file"}));
  errors.clear();
  ThreadRanks::run(2, [&](Ranks& ranks) { error_of(ranks, {0, 1}); });
  EXPECT_EQ(errors, (std::multiset<std::string>{"no file", "no file"}));
  EXPECT_THROW(carry_out_at_all(only_rank(), [] { throw std::logic_error("a mistake"); }),
               std::logic_error);
}

}  // namespace
}  // namespace harpy

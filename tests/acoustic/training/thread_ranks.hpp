#pragma once

#include <algorithm>
#include <barrier>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "acoustic/training/ranks.hpp"

namespace harpy::testing {

/// Ranks that are threads of this process, with values in host memory.
class ThreadRanks {
 public:
  /// Runs `work` as so many ranks at once and waits for all. They must not throw.
  static void run(std::int64_t count, const std::function<void(Ranks&)>& work) {
    ThreadRanks group(count);
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(count));
    for (std::int64_t rank = 0; rank < count; ++rank) {
      threads.emplace_back([&group, &work, rank, count] {
        One one(group, rank, count);
        work(one);
      });
    }
  }

 private:
  class One : public Ranks {
   public:
    One(ThreadRanks& group, std::int64_t rank, std::int64_t count)
        : Ranks(rank, count), group_(group) {}

    void gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all) override {
      meet(mine.data(), [&](std::size_t other, const std::byte* theirs) {
        std::copy_n(theirs, mine.size(),
                    all.begin() + static_cast<std::ptrdiff_t>(other * mine.size()));
      });
    }
    void exchange_rows(ConstTensorView mine, TensorView theirs) override {
      meet(mine.data, [&](std::size_t other, const float* values) {
        std::copy_n(values + rank() * mine.dim(), mine.dim(),
                    theirs.row(static_cast<std::int64_t>(other)));
      });
    }
    void gather_rows(ConstTensorView mine, TensorView all) override {
      meet(mine.data, [&](std::size_t other, const float* values) {
        std::copy_n(values, mine.size(), all.data + static_cast<std::int64_t>(other) * mine.size());
      });
    }

   private:
    /// Shows all ranks where this one's values lie and takes theirs.
    template <typename T, typename Take>
    void meet(const T* mine, const Take& take) {
      group_.shown_[static_cast<std::size_t>(rank())] = mine;
      group_.all_.arrive_and_wait();
      for (std::size_t other = 0; other < group_.shown_.size(); ++other) {
        take(other, static_cast<const T*>(group_.shown_[other]));
      }
      group_.all_.arrive_and_wait();
    }

    ThreadRanks& group_;
  };

  explicit ThreadRanks(std::int64_t count) : all_(count), shown_(static_cast<std::size_t>(count)) {}

  std::barrier<> all_;
  std::vector<const void*> shown_;
};

}  // namespace harpy::testing

#include "acoustic/backend/cpu/cpu_memory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <random>
#include <thread>
#include <vector>

namespace harpy::cpu {
namespace {

TEST(CpuMemoryPool, GivesAlignedBlocksOfTheSizeAskedFor) {
  CpuMemory memory;
  for (std::size_t size : {1, 63, 64, 65, 80, 81, 127, 128, 129, 1000, 4097, 123457}) {
    void* block = memory.allocate(size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 64, 0U);
    std::memset(block, 1, size);  // sanitizers see a block that is too small
    memory.deallocate(block, size);
  }
}

TEST(CpuMemoryPool, ReusesFreedBlocksOfTheSameClass) {
  CpuMemory memory;
  void* first = memory.allocate(1000);
  memory.deallocate(first, 1000);
  EXPECT_EQ(memory.allocate(1020), first);
  memory.deallocate(first, 1020);
  EXPECT_EQ(memory.system_allocation_count(), 1U);
}

TEST(CpuMemoryPool, WastesAtMostAQuarterWhateverTheSize) {
  // Two sizes in one class differ by at most a quarter: the larger finds the block of the smaller.
  std::mt19937_64 random(3);
  for (int round = 0; round < 1000; ++round) {
    const std::size_t size = 65 + random() % 100000;
    CpuMemory memory;
    void* block = memory.allocate(size);
    memory.deallocate(block, size);
    const std::size_t larger = size + size / 4 + 1;
    void* other = memory.allocate(larger);
    EXPECT_NE(other, block) << size;
    memory.deallocate(other, larger);
  }
}

TEST(CpuMemoryPool, RefusesAbsurdSizes) {
  CpuMemory memory;
  EXPECT_THROW(memory.allocate(std::numeric_limits<std::size_t>::max()), std::bad_alloc);
}

TEST(CpuMemoryPool, ServesSeveralThreadsAtOnce) {
  CpuMemory memory;
  std::atomic<int> foreign_bytes = 0;  // that another thread wrote into a block while it was taken
  std::vector<std::jthread> threads;
  for (unsigned seed = 0; seed < 4; ++seed) {
    threads.emplace_back([&memory, &foreign_bytes, seed] {
      std::mt19937 random(seed);
      for (int round = 0; round < 2000; ++round) {
        const std::size_t size = 1 + random() % 500;
        auto* const block = static_cast<unsigned char*>(memory.allocate(size));
        std::memset(block, static_cast<int>(seed), size);
        if (round % 100 == 0) std::this_thread::yield();
        foreign_bytes += static_cast<int>(std::count_if(
            block, block + size, [seed](unsigned char byte) { return byte != seed; }));
        memory.deallocate(block, size);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(foreign_bytes, 0);
}

}  // namespace
}  // namespace harpy::cpu

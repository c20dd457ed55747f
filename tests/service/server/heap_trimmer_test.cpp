#include "service/server/heap_trimmer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace harpy {
namespace {

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they have heaps of their own
/// Of the process, in bytes.
std::size_t resident_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string name; status >> name;) {
    std::size_t kilobytes = 0;
    if (name == "VmRSS:" && status >> kilobytes) return kilobytes << 10;
  }
  return 0;
}

TEST(HeapTrimmer, WhatABurstTookGoesBackToTheSystem) {
  constexpr std::size_t kBlockBytes = std::size_t{64} << 10;
  constexpr std::size_t kBlocks = 2000;  // 128 MB
  const HeapTrimmer trimmer(std::chrono::milliseconds(20));
  std::vector<std::unique_ptr<std::vector<std::byte>>> blocks;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    blocks.push_back(std::make_unique<std::vector<std::byte>>(kBlockBytes, std::byte{1}));
  }
  const std::size_t full = resident_bytes();
  // What is still used at the end of the heap keeps the C library from giving the rest back itself.
  blocks.erase(blocks.begin(), blocks.end() - 1);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (resident_bytes() + kBlocks * kBlockBytes / 2 > full) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "resident: " << resident_bytes();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}
#endif

TEST(HeapTrimmer, EndsAtOnce) {
  const auto began = std::chrono::steady_clock::now();
  { const HeapTrimmer trimmer(std::chrono::hours(1)); }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::minutes(1));
}

}  // namespace
}  // namespace harpy

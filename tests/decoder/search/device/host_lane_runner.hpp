#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "decoder/search/device/batch_beam_search.hpp"
#include "decoder/search/device/lane_program.hpp"
#include "decoder/search/program/collective.hpp"
#include "decoder/search/program/select.hpp"
#include "tests/decoder/search/device/guarded_memory.hpp"

namespace harpy::testing {

using token_passing::BatchBeamSearch;
using token_passing::BatchSearchOptions;
using token_passing::HashSlot;
using token_passing::kBinCount;
using token_passing::kMaxPhaseThreads;
using token_passing::LaneRunner;
using token_passing::LaneTask;
using token_passing::NearMemory;

/// Runs lanes on the host as a device would, by any team of threads, one lane after another.
template <typename Access, typename Team>
class HostLaneRunner final : public LaneRunner {
 public:
  /// `near_slot_bits`: size of the lanes' near hash table; 0 for none.
  HostLaneRunner(std::shared_ptr<GuardedMemory> memory, Team team, std::uint32_t near_slot_bits)
      : memory_(memory),
        guarded_(std::move(memory)),
        team_(std::move(team)),
        near_slot_bits_(near_slot_bits) {}

  const std::shared_ptr<DeviceMemory>& memory() const override { return memory_; }
  std::uint32_t lane_count() const override { return 1; }
  bool can_read(const float* values) const override { return guarded_->contains(values); }

  void run(LaneTask* tasks, std::uint32_t count) override {
    const GuardedMemory::Access access(*guarded_);
    for (std::uint32_t i = 0; i < count; ++i) {
      // What a lane leaves in its near memory is garbage to the next.
      std::vector<HashSlot> slots(std::size_t{1} << near_slot_bits_, {3, 5});
      std::vector<std::uint32_t> previous(slots.size(), 7);
      std::vector<std::uint32_t> bins(kBinCount, 7);
      std::vector<std::uint32_t> thread_sums(kMaxPhaseThreads, 7);
      const NearMemory near{slots.data(), previous.data(), near_slot_bits_, bins.data(),
                            thread_sums.data()};
      team_.launch(
          [&](const auto& executor) { token_passing::run_lane<Access>(executor, tasks[i], near); });
    }
  }

 private:
  std::shared_ptr<DeviceMemory> memory_;
  std::shared_ptr<GuardedMemory> guarded_;
  Team team_;
  std::uint32_t near_slot_bits_;
};

/// What a batch search on the host is made of.
struct HostSearchOptions {
  BeamSearchOptions search;
  BatchSearchOptions batch;
  std::uint32_t near_slot_bits = 9;
};

template <typename Access, typename Team>
std::unique_ptr<BatchBeamSearch> make_host_search(std::shared_ptr<const DecodingGraph> graph,
                                                  std::shared_ptr<GuardedMemory> memory, Team team,
                                                  const HostSearchOptions& options) {
  auto runner = std::make_unique<HostLaneRunner<Access, Team>>(memory, std::move(team),
                                                               options.near_slot_bits);
  return std::make_unique<BatchBeamSearch>(std::make_shared<DeviceGraph>(std::move(graph), memory),
                                           options.search, std::move(runner), options.batch);
}

}  // namespace harpy::testing

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "decoder/search/device/lane_runner.hpp"
#include "tests/bench/search_workload.hpp"

namespace harpy::bench {

/// What a lane hands to the host after a block of frames.
struct PreparedBlock {
  std::vector<std::uint32_t> settled, tail, final_tail;  ///< arcs, see LaneTask::output
  std::uint64_t key = 0;                                 ///< of the best path's end
  std::uint64_t final_key = 0;                           ///< likewise, final costs included
  bool has_one_end = false;                              ///< both ends are the same token
  double cost_offset = 0.0;
};

using PreparedUtterance = std::vector<PreparedBlock>;

/// Searches the utterances of a workload on the host, block by block, and keeps what the lanes hand
/// to the host.
std::vector<PreparedUtterance> prepare_utterances(const SearchWorkload& work,
                                                  std::int64_t block_frames);

/// Stands in for a device's lanes: each launch takes so much time and gives the tasks the results
/// of prepared utterances, which streams get one after another, from their beginnings on.
class PreparedLaneRunner final : public token_passing::LaneRunner {
 public:
  /// The backend is that of the emulated device; the utterances' blocks have so many frames.
  PreparedLaneRunner(Backend& backend, std::vector<PreparedUtterance> utterances,
                     std::int64_t block_frames, std::chrono::microseconds launch_time);

  const std::shared_ptr<DeviceMemory>& memory() const override { return memory_; }
  std::uint32_t lane_count() const override { return 132; }
  bool can_read(const float* /*values*/) const override { return true; }
  void run(token_passing::LaneTask* tasks, std::uint32_t count) override;

  /// Blocks of all streams so far.
  std::uint64_t block_count() const { return block_count_; }
  /// Processor seconds that giving the results has taken, which are no part of the host's work.
  double cpu_s() const { return cpu_s_; }

 private:
  void finish(token_passing::LaneTask& task);

  Backend& backend_;
  std::shared_ptr<DeviceMemory> memory_;
  std::vector<PreparedUtterance> utterances_;
  std::uint32_t block_frames_;
  std::chrono::microseconds launch_time_;
  std::uint32_t next_utterance_ = 0;
  std::uint64_t block_count_ = 0;
  double cpu_s_ = 0.0;
};

}  // namespace harpy::bench

#include "tests/bench/prepared_lanes.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <thread>
#include <utility>

#include "decoder/search/device/batch_beam_search.hpp"
#include "decoder/search/device/lane_program.hpp"
#include "decoder/search/program/collective.hpp"
#include "decoder/search/program/select.hpp"
#include "service/recognizer/load_meter.hpp"
#include "tests/support/phase_teams.hpp"

namespace harpy::bench {
namespace {

using token_passing::BatchBeamSearch;
using token_passing::LaneRunner;
using token_passing::LaneStage;
using token_passing::LaneTask;

/// Runs a lane on the host and keeps what it hands over.
class KeepingRunner final : public LaneRunner {
 public:
  KeepingRunner(std::shared_ptr<DeviceMemory> memory, PreparedUtterance& kept)
      : memory_(std::move(memory)), kept_(kept) {}

  const std::shared_ptr<DeviceMemory>& memory() const override { return memory_; }
  std::uint32_t lane_count() const override { return 1; }
  bool can_read(const float* /*values*/) const override { return true; }

  void run(LaneTask* tasks, std::uint32_t /*count*/) override {
    LaneTask& task = *tasks;
    const LaneStage before = task.stage;
    const token_passing::NearMemory near{.bins = bins_.data(), .thread_sums = &thread_sum_};
    token_passing::run_lane<testing::AtomicAccess>(team_, task, near);
    if (before > LaneStage::kDeliver || task.stage <= LaneStage::kDeliver) return;
    PreparedBlock& block = kept_.emplace_back();
    const std::uint32_t* arcs = task.output + task.output_begin;
    const auto take = [&](std::vector<std::uint32_t>& taken, std::uint32_t arc_count) {
      taken.assign(arcs, arcs + arc_count);
      arcs += arc_count;
    };
    take(block.settled, task.arena.settled_count);
    take(block.tail, task.end.arc_count);
    take(block.final_tail, final_arc_count(task));
    block.key = task.end.key;
    block.final_key = task.final_end.key;
    block.has_one_end = task.end.token == task.final_end.token;
    block.cost_offset = task.lane.cost_offset;
  }

 private:
  std::shared_ptr<DeviceMemory> memory_;
  testing::OrderedTeam team_{1, testing::ThreadOrder::kForward};
  std::vector<std::uint32_t> bins_ = std::vector<std::uint32_t>(token_passing::kBinCount);
  std::uint32_t thread_sum_ = 0;
  PreparedUtterance& kept_;
};

/// Where a stream is in its utterance; kept in the stream's memory at rest.
struct Place {
  std::uint32_t utterance, block;
  std::uint32_t frames_ahead;  ///< that the stream has consumed and of which no block tells
};

}  // namespace

std::vector<PreparedUtterance> prepare_utterances(const SearchWorkload& work,
                                                  std::int64_t block_frames) {
  const auto pdf_count = static_cast<std::int64_t>(work.pdf_count());
  const auto backend = create_backend({});
  const auto& memory = backend->memory();
  const auto graph = std::make_shared<const DeviceGraph>(work.graph, memory);
  std::vector<PreparedUtterance> utterances;
  for (const std::vector<float>& scores : work.scores) {
    BatchBeamSearch search(graph, work.settings.at("wide"),
                           std::make_unique<KeepingRunner>(memory, utterances.emplace_back()), {});
    const auto stream = search.open();
    const auto frame_count = static_cast<std::int64_t>(scores.size()) / pdf_count;
    for (std::int64_t begin = 0; begin < frame_count; begin += block_frames) {
      const std::int64_t count = std::min(block_frames, frame_count - begin);
      const SearchInput input{stream.get(),
                              {scores.data() + begin * pdf_count, Shape{count, pdf_count}}};
      search.advance({&input, 1});
    }
  }
  return utterances;
}

PreparedLaneRunner::PreparedLaneRunner(Backend& backend, std::vector<PreparedUtterance> utterances,
                                       std::int64_t block_frames,
                                       std::chrono::microseconds launch_time)
    : backend_(backend),
      memory_(backend.memory()),
      utterances_(std::move(utterances)),
      block_frames_(static_cast<std::uint32_t>(block_frames)),
      launch_time_(launch_time) {}

void PreparedLaneRunner::run(LaneTask* tasks, std::uint32_t count) {
  backend_.synchronize();
  std::this_thread::sleep_for(launch_time_);
  const double begin_s = thread_cpu_s();
  for (LaneTask& task : std::span(tasks, count)) finish(task);
  cpu_s_ += thread_cpu_s() - begin_s;
  block_count_ += count;
}

void PreparedLaneRunner::finish(LaneTask& task) {
  Place place{};
  if (task.block.starts_stream) {
    place.utterance = next_utterance_++ % static_cast<std::uint32_t>(utterances_.size());
  } else {
    std::memcpy(&place, task.resting_active, sizeof(place));
  }
  static const PreparedBlock kNothingYet{.key = token_passing::kNoPathEnd,
                                         .final_key = token_passing::kNoPathEnd};
  const PreparedUtterance& utterance = utterances_[place.utterance];
  // A stream's first block is shorter than the others.
  place.frames_ahead += task.block.frame_count;
  const bool is_whole = place.frames_ahead >= block_frames_;
  const PreparedBlock& block = is_whole ? utterance[place.block] : kNothingYet;
  if (is_whole) {
    place.frames_ahead -= block_frames_;
    place.block = (place.block + 1) % static_cast<std::uint32_t>(utterance.size());
  }
  std::memcpy(static_cast<void*>(task.resting_active), &place, sizeof(place));
  task.arena.settled_count = static_cast<std::uint32_t>(block.settled.size());
  task.end.key = block.key;
  task.end.token = 0;
  task.end.arc_count = static_cast<std::uint32_t>(block.tail.size());
  task.final_end.key = block.final_key;
  task.final_end.token = block.has_one_end ? 0 : 1;
  task.final_end.arc_count = static_cast<std::uint32_t>(block.final_tail.size());
  task.lane.cost_offset = block.cost_offset;
  task.lane.active_count = 0;  // so that a lattice, if one is kept, is empty
  task.output_begin = *task.output_count;
  *task.output_count += delivered_count(task);
  std::uint32_t* output = task.output + task.output_begin;
  for (const auto* arcs : {&block.settled, &block.tail, &block.final_tail}) {
    output = std::copy(arcs->begin(), arcs->end(), output);
  }
  task.stage = LaneStage::kDone;
}

}  // namespace harpy::bench

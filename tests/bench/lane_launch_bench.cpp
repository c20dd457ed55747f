// How often the lanes of a device's search stop for want of room, and what streams at rest hold, on
// the default model's graph and recordings of dev, without lattices and with them:
// lane_launch_bench [BLOCK_FRAMES]. Lanes run on the host, so no device is needed; times say
// nothing.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "tests/bench/search_workload.hpp"
#include "tests/decoder/search/device/host_lane_runner.hpp"
#include "tests/support/phase_teams.hpp"

namespace harpy::bench {
namespace {

using token_passing::BatchBeamSearch;

void run(std::int64_t block_frames, bool keep_lattice) {
  const SearchWorkload work = model_workload();
  const auto search = testing::make_host_search<testing::AtomicAccess>(
      work.graph, std::make_shared<testing::GuardedMemory>(),
      testing::OrderedTeam(1, testing::ThreadOrder::kForward),
      {.search = work.settings.at("wide"),
       .batch = {.lane_count = static_cast<std::uint32_t>(work.scores.size())},
       .near_slot_bits = 13});
  const auto pdf_count = static_cast<std::int64_t>(work.pdf_count());
  std::vector<std::unique_ptr<SearchStream>> streams;
  std::vector<std::int64_t> frame_counts;
  std::int64_t longest = 0;
  for (const std::vector<float>& scores : work.scores) {
    streams.push_back(search->open(keep_lattice));
    frame_counts.push_back(static_cast<std::int64_t>(scores.size()) / pdf_count);
    longest = std::max(longest, frame_counts.back());
  }
  for (std::int64_t begin = 0; begin < longest; begin += block_frames) {
    std::vector<SearchInput> batch;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      const std::int64_t count = std::min(block_frames, frame_counts[i] - begin);
      if (count <= 0) continue;
      batch.push_back(
          {streams[i].get(), {work.scores[i].data() + begin * pdf_count, Shape{count, pdf_count}}});
    }
    search->advance(batch);
  }
  const BatchBeamSearch::Statistics statistics = search->statistics();
  std::size_t resting_bytes = 0;
  for (const auto& stream : streams) {
    resting_bytes += static_cast<const token_passing::DeviceStream&>(*stream).device_bytes();
  }
  std::printf(
      "%zu streams %s lattices, blocks of %ld frames: %lu blocks, %lu (%.1f %%) stopped for room\n",
      streams.size(), keep_lattice ? "with" : "without", static_cast<long>(block_frames),
      static_cast<unsigned long>(statistics.block_count),
      static_cast<unsigned long>(statistics.stopped_block_count),
      100.0 * static_cast<double>(statistics.stopped_block_count) /
          static_cast<double>(statistics.block_count));
  std::printf("enlarged, in the order of token_passing::Room:");
  for (std::uint32_t i = 0; i < token_passing::kRoomCount; ++i) {
    std::printf(" %u", statistics.enlarged_counts[static_cast<token_passing::Room>(i)]);
  }
  std::printf("\n");
  std::printf(
      "lanes %.1f MB each, streams at rest %.0f kB each\n",
      1e-6 * static_cast<double>(statistics.lane_bytes) / static_cast<double>(streams.size()),
      1e-3 * static_cast<double>(resting_bytes) / static_cast<double>(streams.size()));
}

}  // namespace
}  // namespace harpy::bench

int main(int argc, char** argv) {
  if (!harpy::bench::has_model_workload()) {
    std::fprintf(stderr, "lane_launch_bench: error: no default model with its graph, or no dev\n");
    return EXIT_FAILURE;
  }
  const std::int64_t block_frames = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 4;
  for (const bool keep_lattice : {false, true}) harpy::bench::run(block_frames, keep_lattice);
  return EXIT_SUCCESS;
}

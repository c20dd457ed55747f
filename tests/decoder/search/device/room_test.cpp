#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "decoder/search/device/lane_arena.hpp"
#include "decoder/search/make_beam_search.hpp"
#include "tests/decoder/search/device/host_lane_runner.hpp"
#include "tests/decoder/search/golden_search.hpp"
#include "tests/decoder/search/random_search.hpp"
#include "tests/support/phase_teams.hpp"

// Every limit of a device's memory, forced: the lane stops, gets room and comes to the same answer.

namespace harpy {
namespace {

using namespace token_passing;

using testing::AtomicAccess;
using testing::DeferredAccess;
using testing::expect_same_lattice;
using testing::expect_same_path;
using testing::GuardedMemory;
using testing::HostSearchOptions;
using testing::make_host_search;
using testing::OrderedTeam;
using testing::random_graph;
using testing::random_scores;
using testing::run_search;
using testing::Scores;
using testing::ThreadOrder;
using testing::ThreadTeam;

struct RoomCase {
  Room room;
  std::string name;
  bool keep_lattice = false;
};

void PrintTo(const RoomCase& room_case, std::ostream* stream) { *stream << room_case.name; }

class ScarceRoom : public ::testing::TestWithParam<RoomCase> {
 protected:
  ScarceRoom() {
    std::mt19937 random(2);
    graph_ = random_graph(random, {.state_count = 800,
                                   .pdf_count = 20,
                                   .arcs_per_state = 12,
                                   .epsilon_probability = 0.15,
                                   .coarse_costs = true});
    scores_ = random_scores(random, 70, 20, true);
    options_.search = {.beam = 9.0F,
                       .lattice_beam = 4.0F,
                       .max_active = 200,
                       .min_active = 20,
                       .keep_lattice = GetParam().keep_lattice};
    options_.near_slot_bits = 0;
    options_.batch.first_rooms[GetParam().room] = 1;
  }

  template <typename Access, typename Team>
  void expect_same_results(const Team& team, std::size_t frame_count) {
    Scores scores = scores_;
    scores.resize(frame_count);
    const auto search =
        make_host_search<Access>(graph_, std::make_shared<GuardedMemory>(), team, options_);
    const auto stream = run_search(*search, scores, frame_count);
    const auto sole = make_cpu_beam_search(graph_, options_.search);
    const auto expected = run_search(*sole, scores, frame_count);
    expect_same_path(search->best_path(*stream, true), sole->best_path(*expected, true));
    if (GetParam().keep_lattice) {
      expect_same_lattice(search->lattice(*stream), sole->lattice(*expected));
    }
    EXPECT_GT(search->statistics().enlarged_counts[GetParam().room], 0U);
  }

  std::shared_ptr<const DecodingGraph> graph_;
  Scores scores_;
  HostSearchOptions options_;
};

TEST_P(ScarceRoom, IsEnlargedAndTheAnswerIsTheSame) {
  for (const ThreadOrder order : {ThreadOrder::kForward, ThreadOrder::kReverse}) {
    expect_same_results<DeferredAccess>(OrderedTeam(33, order), 70);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, ScarceRoom,
    ::testing::Values(RoomCase{Room::kActive, "Active"}, RoomCase{Room::kPositions, "Positions"},
                      RoomCase{Room::kCandidates, "Candidates"}, RoomCase{Room::kTokens, "Tokens"},
                      RoomCase{Room::kSlotBits, "Slots"}, RoomCase{Room::kHistory, "History"},
                      RoomCase{Room::kTail, "Tail"}, RoomCase{Room::kOutput, "Output"},
                      RoomCase{Room::kRestingActive, "RestingActive"},
                      RoomCase{Room::kRestingHistory, "RestingHistory"},
                      RoomCase{Room::kTokens, "LatticesTokensOfAFrame", true},
                      RoomCase{Room::kMovedTokens, "MovedTokens", true},
                      RoomCase{Room::kMovedLinks, "MovedLinks", true},
                      RoomCase{Room::kLatticeFrames, "LatticeFrames", true},
                      RoomCase{Room::kLatticeTokens, "LatticeTokens", true},
                      RoomCase{Room::kLatticeLinks, "LatticeLinks", true}),
    [](const auto& parameter) { return parameter.param.name; });

TEST(ScarceRooms, AreEnlargedAlsoWhereThreadsRunAtOnce) {
  std::mt19937 random(6);
  const auto graph =
      random_graph(random, {.state_count = 20, .pdf_count = 5, .epsilon_probability = 0.1});
  HostSearchOptions options{
      .search = {.beam = 4.0F, .lattice_beam = 3.0F, .max_active = 12, .min_active = 2},
      .batch = {}};
  for (std::uint32_t i = 0; i < kRoomCount; ++i) {
    options.batch.first_rooms[static_cast<Room>(i)] = 1;
  }
  for (const bool keep_lattice : {false, true}) {
    options.search.keep_lattice = keep_lattice;
    const Scores scores = random_scores(random, 3, 5, false);
    const auto search = make_host_search<AtomicAccess>(graph, std::make_shared<GuardedMemory>(),
                                                       ThreadTeam(3), options);
    const auto stream = run_search(*search, scores, scores.size());
    const auto sole = make_cpu_beam_search(graph, options.search);
    const auto expected = run_search(*sole, scores, scores.size());
    expect_same_path(search->best_path(*stream, true), sole->best_path(*expected, true));
    if (keep_lattice) expect_same_lattice(search->lattice(*stream), sole->lattice(*expected));
  }
}

/// Frames searched with a near table of this size: all, near ones, and those begun again.
struct FrameCounts {
  std::uint64_t near = 0;
  std::uint64_t retried = 0;
};

template <typename Access, typename Team>
FrameCounts search_with_near_table(const Team& team, std::uint32_t near_slot_bits,
                                   const std::vector<std::int32_t>& max_actives) {
  FrameCounts counts;
  std::mt19937 random(4);
  const auto graph = random_graph(random, {.state_count = 600,
                                           .pdf_count = 20,
                                           .arcs_per_state = 5,
                                           .epsilon_probability = 0.3,
                                           .coarse_costs = true});
  for (const std::int32_t max_active : max_actives) {
    const Scores scores = random_scores(random, 20, 20, true);
    HostSearchOptions options;
    options.near_slot_bits = near_slot_bits;
    options.search = {.beam = 6.0F, .max_active = max_active, .min_active = 10};
    const auto search =
        make_host_search<Access>(graph, std::make_shared<GuardedMemory>(), team, options);
    const auto stream = run_search(*search, scores, 10);
    const auto sole = make_cpu_beam_search(graph, options.search);
    expect_same_path(search->best_path(*stream, true),
                     sole->best_path(*run_search(*sole, scores, 10), true));
    counts.near += search->statistics().near_frame_count;
    counts.retried += search->statistics().retried_frame_count;
  }
  return counts;
}

TEST(NearTable, ServesTheFramesThatFitAndNoOthers) {
  const OrderedTeam team(33, ThreadOrder::kRandom);
  EXPECT_EQ(search_with_near_table<DeferredAccess>(team, 0, {100}).near, 0U);
  EXPECT_EQ(search_with_near_table<DeferredAccess>(team, 12, {100}).near, 20U);
  const FrameCounts mixed = search_with_near_table<DeferredAccess>(team, 9, {60, 120, 200});
  EXPECT_GT(mixed.near, 0U);
  EXPECT_LT(mixed.near, 60U);
}

TEST(NearTable, AFrameWhoseEpsilonArcsOverfillItBeginsAgain) {
  EXPECT_GT(search_with_near_table<DeferredAccess>(OrderedTeam(33, ThreadOrder::kReverse), 8,
                                                   {20, 40, 60, 80})
                .retried,
            0U);
}

TEST(RestingStream, TakesAtMostAMebibyteAtTenThousandTokens) {
  if (!testing::has_golden_search("biphone")) {
    GTEST_SKIP() << "needs the folder ../shared";
  }
  const testing::GoldenCorpus corpus = testing::load_golden_search("biphone");
  HostSearchOptions options;
  options.search = {.beam = 15.0F, .max_active = 10000};
  const auto search = make_host_search<PlainAccess>(corpus.graph, std::make_shared<GuardedMemory>(),
                                                    SerialExecutor{}, options);
  std::size_t most_bytes = 0;
  int utterance_count = 0;
  for (const auto& [id, utterance] : corpus.utterances) {
    if (++utterance_count > 2) break;
    const auto stream = search->open();
    for (std::size_t begin = 0; begin + 8 <= utterance.scores.size(); begin += 8) {
      std::vector<float> values;
      for (std::size_t frame = begin; frame < begin + 8; ++frame) {
        values.insert(values.end(), utterance.scores[frame].begin(), utterance.scores[frame].end());
      }
      const SearchInput input{
          stream.get(), {values.data(), Shape{8, static_cast<std::int64_t>(values.size() / 8)}}};
      search->advance({&input, 1});
      most_bytes = std::max(most_bytes, static_cast<DeviceStream&>(*stream).device_bytes());
    }
  }
  RecordProperty("most_bytes", static_cast<int>(most_bytes));
  EXPECT_LE(most_bytes, std::size_t{1} << 20);
}

}  // namespace
}  // namespace harpy

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numeric>
#include <vector>

#include "decoder/search/cpu/lane_beam_search.hpp"
#include "decoder/search/make_beam_search.hpp"
#include "tests/decoder/search/random_search.hpp"
#include "tests/decoder/search/reference_search.hpp"
#include "tests/support/phase_teams.hpp"

// The phases of the search give the same bits in whatever order, number and simultaneity their
// threads run: what a GPU will do to them, shown without one.

namespace harpy {
namespace {

using namespace token_passing;

using testing::AtomicAccess;
using testing::DeferredAccess;
using testing::expect_same_lattice;
using testing::expect_same_path;
using testing::OrderedTeam;
using testing::random_graph;
using testing::random_scores;
using testing::RandomCase;
using testing::reference_best_path;
using testing::run_search;
using testing::Scores;
using testing::ThreadOrder;
using testing::ThreadTeam;
using testing::TornMinimumAccess;

/// A graph wide enough that every phase has work for many threads, with many ties.
struct WideCase {
  explicit WideCase(std::uint32_t seed) {
    std::mt19937 random(seed);
    graph = random_graph(random, {.state_count = 400,
                                  .pdf_count = 20,
                                  .arcs_per_state = 12,
                                  .epsilon_probability = 0.5,
                                  .coarse_costs = true});
    scores = random_scores(random, 12, 20, true);
  }

  std::shared_ptr<const DecodingGraph> graph;
  Scores scores;
  BeamSearchOptions options{.beam = 8.0F, .max_active = 150, .min_active = 20};
};

template <typename Access, typename Team>
LaneBeamSearch make_search(const Team& team, std::shared_ptr<const DecodingGraph> graph,
                           const BeamSearchOptions& options) {
  return {std::move(graph), options, [&team](Lane& lane, LaneMemory& memory, SearchBlock& block) {
            team.launch([&](const auto& executor) {
              advance_block<Access>(executor, lane, memory, block);
            });
          }};
}

/// Expects the reference's path and the one-thread search's lattice.
template <typename Access, typename Team>
void expect_same_results(const Team& team, std::shared_ptr<const DecodingGraph> graph,
                         BeamSearchOptions options, const Scores& scores) {
  auto search = make_search<Access>(team, graph, options);
  expect_same_path(search.best_path(*run_search(search, scores, 5), true),
                   reference_best_path(graph->view(), scores, options, true));
  options.keep_lattice = true;
  options.lattice_beam = 3.0F;
  auto keeping = make_search<Access>(team, graph, options);
  const auto sole = make_cpu_beam_search(graph, options);
  expect_same_lattice(keeping.lattice(*run_search(keeping, scores, 5)),
                      sole->lattice(*run_search(*sole, scores, 5)));
}

template <typename Access, typename Team>
void expect_same_results(const Team& team, std::uint32_t small_case_count,
                         std::size_t wide_frame_count) {
  for (std::uint32_t seed = 0; seed < small_case_count; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCase random(seed);
    expect_same_results<Access>(team, random.graph, random.options, random.scores);
  }
  WideCase wide(1);
  wide.scores.resize(wide_frame_count);
  expect_same_results<Access>(team, wide.graph, wide.options, wide.scores);
}

class OrderedPhases : public ::testing::TestWithParam<std::tuple<std::uint32_t, ThreadOrder>> {};

TEST_P(OrderedPhases, GiveTheReferencesPathAndTheSoleThreadsLattice) {
  const auto [thread_count, order] = GetParam();
  expect_same_results<PlainAccess>(OrderedTeam(thread_count, order), 40, 12);
  expect_same_results<DeferredAccess>(OrderedTeam(thread_count, order), 40, 12);
}

INSTANTIATE_TEST_SUITE_P(AllOrders, OrderedPhases,
                         ::testing::Combine(::testing::Values(1, 33, 256, 1024),
                                            ::testing::Values(ThreadOrder::kForward,
                                                              ThreadOrder::kReverse,
                                                              ThreadOrder::kRandom)));

class ThreadedPhases : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(ThreadedPhases, GiveTheReferencesPathAndTheSoleThreadsLattice) {
  expect_same_results<AtomicAccess>(ThreadTeam(GetParam()), 3, 6);
}

INSTANTIATE_TEST_SUITE_P(Teams, ThreadedPhases, ::testing::Values(2, 3, 8));

/// Best key of each of a few states, for which many candidates compete, as threads find it.
template <typename Access>
std::vector<std::uint64_t> recombined_keys(const std::vector<Candidate>& candidates,
                                           std::uint32_t state_count) {
  Lane lane;
  lane.graph.state_count = 1 << 20;
  LaneMemory memory(lane);
  const auto count = static_cast<std::uint32_t>(candidates.size());
  memory.reserve_candidates(lane, count);
  std::copy(candidates.begin(), candidates.end(), lane.candidates);
  lane.candidate_count = count;
  ThreadTeam(4).launch([&](const auto& executor) {
    executor.run(EmptyPhase{});  // so that all threads have begun
    executor.run(RecombineCandidates<Access, false>{lane, 0, count});
  });
  std::vector<std::uint64_t> keys(state_count);
  for (std::uint32_t token = 0; token < lane.token_count; ++token) {
    const HashSlot& slot = lane.slots[lane.token_slots[token]];
    keys[graph_state(slot.state)] = slot.key;
  }
  return keys;
}

TEST(ThreadedPhases, AForgottenAtomicMinimumIsCaught) {
  constexpr std::uint32_t kStates = 3;
  std::mt19937 random(1);
  bool caught = false;
  for (int attempt = 0; attempt < 50 && !caught; ++attempt) {
    std::vector<Candidate> candidates(400);
    std::vector<std::uint64_t> expected(kStates, ~std::uint64_t{0});
    for (std::uint32_t i = 0; i < candidates.size(); ++i) {
      const std::uint32_t state = static_cast<std::uint32_t>(random()) % kStates;
      const float cost = static_cast<float>(random() % 1000);
      candidates[i] = {candidate_key(cost, i), state, i};
      expected[state] = std::min(expected[state], candidates[i].key);
    }
    EXPECT_EQ(recombined_keys<AtomicAccess>(candidates, kStates), expected);
    caught = recombined_keys<TornMinimumAccess>(candidates, kStates) != expected;
  }
  EXPECT_TRUE(caught);
}

TEST(Collectives, ScanAddsUpWhatStandsBefore) {
  for (const std::uint32_t count : {0U, 1U, 7U, 1000U}) {
    Lane lane;
    LaneMemory memory(lane);
    std::vector<std::uint32_t> values(count + 1);
    for (std::uint32_t i = 0; i < count; ++i) values[i] = i * i % 7;
    std::vector<std::uint32_t> expected(count + 1);
    std::exclusive_scan(values.begin(), values.end(), expected.begin(), 0U);
    exclusive_scan(OrderedTeam(33, ThreadOrder::kReverse), lane, values.data(), count);
    EXPECT_EQ(values, expected);
  }
}

TEST(Collectives, BinsKnowTheirHighestCost) {
  for (const CostBins& bins :
       {CostBins{0.0F, 3.0F}, CostBins{-7.3F, 34.1F}, CostBins{1e6F, 0.3F}}) {
    for (std::uint32_t bin = 0; bin + 1 < kBinCount; bin += 13) {
      const float cost = bins.highest_cost(bin);
      EXPECT_LE(bins(cost), bin);
      EXPECT_GT(bins(std::nextafter(cost, kInfiniteCost)), bin);
    }
    EXPECT_EQ(bins.highest_cost(kBinCount - 1), kInfiniteCost);
  }
}

TEST(Collectives, SelectionFindsTheKeyOfEveryRank) {
  std::mt19937 random(3);
  std::vector<float> costs(300);
  for (auto& cost : costs) {
    const float draw = static_cast<float>(random() % 1000);
    cost = draw < 300.0F ? std::floor(draw * 0.1F) : draw < 990.0F ? draw * 0.003F : kInfiniteCost;
  }
  std::vector<float> sorted = costs;
  std::sort(sorted.begin(), sorted.end());
  const OrderedTeam team(7, ThreadOrder::kRandom);
  Lane lane;
  LaneMemory memory(lane);
  std::vector<std::uint32_t> positions(costs.size());
  std::iota(positions.begin(), positions.end(), 0U);
  const KeptCostKeys keys{positions.data(), costs.data(), static_cast<std::uint32_t>(costs.size())};
  for (const float per_cost : {0.0F, 0.5F, 20.0F, 1e6F}) {
    for (std::uint32_t rank = 0; rank < keys.count; ++rank) {
      const CostBins bins{0.0F, per_cost};
      find_bin<DeferredAccess>(team, lane, keys, bins, rank);
      const std::uint64_t bits = select_key<DeferredAccess>(team, lane, memory, keys, bins);
      EXPECT_EQ(cost_of(static_cast<std::uint32_t>(bits)), sorted[rank]);
    }
  }
}

}  // namespace
}  // namespace harpy

#include "decoder/search/device/batch_beam_search.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "decoder/search/make_beam_search.hpp"
#include "tests/decoder/search/device/host_lane_runner.hpp"
#include "tests/decoder/search/device/search_batches.hpp"
#include "tests/decoder/search/golden_search.hpp"
#include "tests/decoder/search/random_search.hpp"
#include "tests/decoder/search/reference_search.hpp"
#include "tests/support/phase_teams.hpp"

// The search of many streams on a device, with the device played by the host: the same phases in
// any order, number and simultaneity of threads, with near memory, and with room that runs out at
// any time.

namespace harpy {
namespace {

using namespace token_passing;

using testing::AtomicAccess;
using testing::DeferredAccess;
using testing::expect_same_lattice;
using testing::expect_same_path;
using testing::flat;
using testing::GuardedMemory;
using testing::HostSearchOptions;
using testing::make_host_search;
using testing::OrderedTeam;
using testing::random_graph;
using testing::random_phrases;
using testing::random_scores;
using testing::random_steering;
using testing::RandomCase;
using testing::reference_best_path;
using testing::run_search;
using testing::Scores;
using testing::search_in_batches;
using testing::ThreadOrder;
using testing::ThreadTeam;

/// Room for next to nothing, so that lanes are interrupted all the time.
RoomSizes scarce_rooms() {
  RoomSizes rooms;
  for (std::uint32_t i = 0; i < kRoomCount; ++i) rooms[static_cast<Room>(i)] = 1;
  return rooms;
}

template <typename Access, typename Team>
void expect_same_results(const Team& team, std::shared_ptr<const DecodingGraph> graph,
                         const HostSearchOptions& options, const Scores& scores) {
  const auto memory = std::make_shared<GuardedMemory>();
  const auto search = make_host_search<Access>(graph, memory, team, options);
  std::mt19937 random(static_cast<std::uint32_t>(scores.size()));
  for (const StreamSteering& steering :
       {StreamSteering{}, StreamSteering{.phrases = random_phrases(random)},
        random_steering(random, *graph)}) {
    const testing::Steered steered(graph->view(), steering);
    const auto stream = run_search(*search, scores, 5, steering);
    expect_same_path(search->best_path(*stream, true),
                     reference_best_path(steered, scores, options.search, true));
    expect_same_path(search->best_path(*stream, false),
                     reference_best_path(steered, scores, options.search, false));
    if (!options.search.keep_lattice) continue;
    const auto sole = make_cpu_beam_search(graph, options.search);
    expect_same_lattice(search->lattice(*stream),
                        sole->lattice(*run_search(*sole, scores, 5, steering)));
  }
}

/// A graph wide enough that every phase has work for many threads, with many ties.
struct WideCase {
  explicit WideCase(std::size_t frame_count, std::uint32_t seed = 1) {
    std::mt19937 random(seed);
    graph = random_graph(random, {.state_count = 400,
                                  .pdf_count = 20,
                                  .arcs_per_state = 12,
                                  .epsilon_probability = 0.2,
                                  .coarse_costs = true});
    scores = random_scores(random, frame_count, 20, true);
    options.search = {.beam = 8.0F, .lattice_beam = 3.0F, .max_active = 150, .min_active = 20};
  }

  std::shared_ptr<const DecodingGraph> graph;
  Scores scores;
  HostSearchOptions options;
};

template <typename Access, typename Team>
void expect_same_results(const Team& team, std::uint32_t small_case_count,
                         std::size_t wide_frame_count) {
  for (std::uint32_t seed = 0; seed < 3 * small_case_count; seed += 3) {
    SCOPED_TRACE(seed);
    const RandomCase random(seed);
    HostSearchOptions options{.search = random.options, .batch = {}};
    options.search.keep_lattice = seed % 2 == 0;
    options.search.lattice_beam = 3.0F;
    if (seed % 9 != 0) options.batch.first_rooms = scarce_rooms();
    options.near_slot_bits = seed % 4 == 0 ? 0 : 8;
    expect_same_results<Access>(team, random.graph, options, random.scores);
  }
  WideCase wide(wide_frame_count);
  for (const bool keep_lattice : {false, true}) {
    wide.options.search.keep_lattice = keep_lattice;
    expect_same_results<Access>(team, wide.graph, wide.options, wide.scores);
  }
}

class OrderedLanes : public ::testing::TestWithParam<std::tuple<std::uint32_t, ThreadOrder>> {};

TEST_P(OrderedLanes, GiveTheReferencesPathAndTheSoleThreadsLattice) {
  const auto [thread_count, order] = GetParam();
  expect_same_results<DeferredAccess>(OrderedTeam(thread_count, order), 24, 7);
}

INSTANTIATE_TEST_SUITE_P(AllOrders, OrderedLanes,
                         ::testing::Combine(::testing::Values(1, 33, 256, 1024),
                                            ::testing::Values(ThreadOrder::kForward,
                                                              ThreadOrder::kReverse,
                                                              ThreadOrder::kRandom)));

class ThreadedLanes : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(ThreadedLanes, GiveTheReferencesPathAndTheSoleThreadsLattice) {
  expect_same_results<AtomicAccess>(ThreadTeam(GetParam()), 2, 1);
}

INSTANTIATE_TEST_SUITE_P(Teams, ThreadedLanes, ::testing::Values(2, 5));

TEST(BatchBeamSearch, ManyStreamsPassThroughFewLanes) {
  for (const bool keep_lattice : {false, true}) {
    const WideCase wide(1);
    std::mt19937 random(5);
    std::vector<Scores> utterances;
    for (const std::size_t frames : {40U, 1U, 67U, 12U}) {
      utterances.push_back(random_scores(random, frames, 20, true));
    }
    HostSearchOptions options = wide.options;
    options.search.keep_lattice = keep_lattice;
    options.batch.lane_count = 2;
    const auto memory = std::make_shared<GuardedMemory>();
    const auto search = make_host_search<DeferredAccess>(
        wide.graph, memory, OrderedTeam(33, ThreadOrder::kRandom), options);
    const auto streams = search_in_batches(*search, utterances, 9);
    const auto sole = make_cpu_beam_search(wide.graph, options.search);
    for (std::size_t i = 0; i < utterances.size(); ++i) {
      SCOPED_TRACE(i);
      const auto expected = run_search(*sole, utterances[i], 7);
      EXPECT_EQ(streams[i]->frame_count(), static_cast<std::int64_t>(utterances[i].size()));
      for (const bool final : {false, true}) {
        expect_same_path(search->best_path(*streams[i], final), sole->best_path(*expected, final));
      }
      if (keep_lattice) {
        expect_same_lattice(search->lattice(*streams[i]), sole->lattice(*expected));
      }
    }
  }
}

TEST(BatchBeamSearch, StreamsWithAndWithoutALatticeHandOverWhatAllPathsShare) {
  for (const bool keep_lattice : {false, true}) {
    WideCase wide(200);
    wide.options.search.keep_lattice = keep_lattice;
    const auto search =
        make_host_search<DeferredAccess>(wide.graph, std::make_shared<GuardedMemory>(),
                                         OrderedTeam(33, ThreadOrder::kForward), wide.options);
    const auto stream = run_search(*search, wide.scores, 5);
    // A lattice's are looked for after 32 frames and more.
    EXPECT_GT(search->decided_steps(*stream).size(), 120);
    EXPECT_LT(search->best_end(*stream, true).steps.size(), 80);
    expect_same_path(
        search->best_path(*stream, true),
        reference_best_path(wide.graph->view(), wide.scores, wide.options.search, true));
  }
}

TEST(BatchBeamSearch, GivesTheCpusBitsOnTheGoldenDecodings) {
  if (!testing::has_golden_search("small")) {
    GTEST_SKIP() << "needs the folder ../shared";
  }
  const testing::GoldenCorpus corpus = testing::load_golden_search("small");
  std::vector<Scores> utterances;
  for (const auto& [id, utterance] : corpus.utterances) utterances.push_back(utterance.scores);
  HostSearchOptions options;
  options.search = corpus.settings.at("wide/1.0");
  options.batch.lane_count = 4;
  const auto search =
      make_host_search<DeferredAccess>(corpus.graph, std::make_shared<GuardedMemory>(),
                                       OrderedTeam(33, ThreadOrder::kReverse), options);
  const auto streams = search_in_batches(*search, utterances, 3);
  const auto sole = make_cpu_beam_search(corpus.graph, options.search);
  for (std::size_t i = 0; i < utterances.size(); ++i) {
    expect_same_path(search->best_path(*streams[i], true),
                     sole->best_path(*run_search(*sole, utterances[i], 16), true));
  }
}

TEST(BatchBeamSearch, ReadsScoresThatAreOnTheDeviceWhereTheyAre) {
  const WideCase wide(50);
  const auto memory = std::make_shared<GuardedMemory>();
  const auto search = make_host_search<DeferredAccess>(
      wide.graph, memory, OrderedTeam(7, ThreadOrder::kForward), wide.options);
  const std::vector<float> values = flat(wide.scores, 0, wide.scores.size());
  DeviceBuffer<float> on_device(memory, values.size());
  on_device.copy_from_host(values);
  const auto stream = search->open();
  const SearchInput input{stream.get(), {on_device.data(), Shape{50, 20}}};
  search->advance({&input, 1});
  expect_same_path(search->best_path(*stream, true),
                   reference_best_path(wide.graph->view(), wide.scores, wide.options.search, true));
}

TEST(BatchBeamSearch, BeforeTheFirstFrameThePathIsEmpty) {
  const WideCase wide(1);
  for (const bool keep_lattice : {false, true}) {
    HostSearchOptions options = wide.options;
    options.search.keep_lattice = keep_lattice;
    const auto search =
        make_host_search<DeferredAccess>(wide.graph, std::make_shared<GuardedMemory>(),
                                         OrderedTeam(7, ThreadOrder::kForward), options);
    const auto stream = search->open();
    const SearchInput nothing{stream.get(), {nullptr, Shape{0, 20}}};
    search->advance({&nothing, 1});
    EXPECT_EQ(search->best_path(*stream, true).cost, 0.0);
    EXPECT_TRUE(search->best_path(*stream, true).steps.empty());
    if (keep_lattice) {
      EXPECT_TRUE(search->lattice(*stream).empty());
    } else {
      EXPECT_THROW(search->lattice(*stream), std::invalid_argument);
    }
  }
}

TEST(BatchBeamSearch, WhereNothingIsPossibleThePathIsEmptyAndInfinite) {
  const WideCase wide(1);
  const Scores impossible(3, std::vector<float>(20, -kInfiniteCost));
  for (const bool keep_lattice : {false, true}) {
    HostSearchOptions options = wide.options;
    options.search.keep_lattice = keep_lattice;
    const auto search =
        make_host_search<DeferredAccess>(wide.graph, std::make_shared<GuardedMemory>(),
                                         OrderedTeam(7, ThreadOrder::kForward), options);
    const auto stream = run_search(*search, impossible, 2);
    EXPECT_EQ(search->best_path(*stream, true).cost, kInfiniteCost);
    EXPECT_TRUE(search->best_path(*stream, false).steps.empty());
  }
}

TEST(BatchBeamSearch, RefusesStreamsAndScoresThatDoNotFit) {
  const WideCase wide(1);
  const auto memory = std::make_shared<GuardedMemory>();
  const OrderedTeam team(7, ThreadOrder::kForward);
  const auto search = make_host_search<DeferredAccess>(wide.graph, memory, team, wide.options);
  const auto stream = search->open();
  const std::vector<float> values(20);
  const auto advance = [&](SearchStream* advanced, const Shape& shape) {
    const SearchInput input{advanced, {values.data(), shape}};
    search->advance({&input, 1});
  };
  EXPECT_THROW(advance(nullptr, Shape{1, 20}), std::invalid_argument);
  EXPECT_THROW(advance(stream.get(), Shape{1, 19}), std::invalid_argument);
  const SearchInput input{stream.get(), {values.data(), Shape{1, 20}}};
  const std::vector<SearchInput> twice{input, input};
  EXPECT_THROW(search->advance(twice), std::invalid_argument);
  const auto cpu_stream = make_cpu_beam_search(wide.graph, wide.options.search)->open();
  EXPECT_THROW(advance(cpu_stream.get(), Shape{1, 20}), std::invalid_argument);
  const auto other = make_host_search<DeferredAccess>(wide.graph, memory, team, wide.options);
  EXPECT_THROW(advance(other->open().get(), Shape{1, 20}), std::invalid_argument);
  HostSearchOptions wrong = wide.options;
  wrong.search.beam = 0.0F;
  EXPECT_THROW(make_host_search<DeferredAccess>(wide.graph, memory, team, wrong),
               std::invalid_argument);
}

TEST(BatchBeamSearch, GoesOnWithOtherStreamsAfterTheDevicesMemoryWasFull) {
  const WideCase wide(40);
  for (const bool keep_lattice : {false, true}) {
    HostSearchOptions options = wide.options;
    options.search.keep_lattice = keep_lattice;
    options.batch.first_rooms = scarce_rooms();
    const auto memory = std::make_shared<GuardedMemory>();
    const auto search = make_host_search<DeferredAccess>(
        wide.graph, memory, OrderedTeam(7, ThreadOrder::kForward), options);
    memory->set_limit(memory->allocated_bytes() + 200'000);
    EXPECT_THROW(run_search(*search, wide.scores, 40), std::bad_alloc);
    memory->set_limit(std::size_t{1} << 30);
    const auto stream = run_search(*search, wide.scores, 40);
    expect_same_path(search->best_path(*stream, true),
                     reference_best_path(wide.graph->view(), wide.scores, options.search, true));
  }
}

}  // namespace
}  // namespace harpy

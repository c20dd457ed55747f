#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

#include "decoder/search/make_beam_search.hpp"
#include "tests/decoder/search/device/host_lane_runner.hpp"
#include "tests/decoder/search/device/search_batches.hpp"
#include "tests/decoder/search/golden_search.hpp"
#include "tests/decoder/search/random_search.hpp"
#include "tests/support/phase_teams.hpp"

// One search serves streams with a lattice and streams without, in one batch.

namespace harpy {
namespace {

using namespace token_passing;

using testing::DeferredAccess;
using testing::expect_same_lattice;
using testing::expect_same_path;
using testing::GuardedMemory;
using testing::HostSearchOptions;
using testing::make_host_search;
using testing::OrderedTeam;
using testing::random_scores;
using testing::run_search;
using testing::Scores;
using testing::search_in_batches;
using testing::ThreadOrder;

class MixedStreams : public ::testing::Test {
 protected:
  MixedStreams() {
    std::mt19937 random(8);
    graph_ = testing::random_graph(random, {.state_count = 300,
                                            .pdf_count = 20,
                                            .arcs_per_state = 8,
                                            .epsilon_probability = 0.15,
                                            .coarse_costs = true});
    for (const std::size_t frames : {40U, 90U, 67U, 12U, 33U}) {
      utterances_.push_back(random_scores(random, frames, 20, true));
    }
  }

  /// Expects of each stream what a search of its kind alone finds.
  void expect_each_its_own(BeamSearch& search) {
    std::vector<std::unique_ptr<SearchStream>> streams;
    for (std::size_t i = 0; i < utterances_.size(); ++i) streams.push_back(search.open(i % 2 == 0));
    search_in_batches(search, streams, utterances_, 3);
    BeamSearchOptions options = options_;
    options.keep_lattice = true;
    const auto alone = make_cpu_beam_search(graph_, options);
    for (std::size_t i = 0; i < utterances_.size(); ++i) {
      SCOPED_TRACE(i);
      const auto expected = run_search(*alone, utterances_[i], 16);
      expect_same_path(search.best_path(*streams[i], true), alone->best_path(*expected, true));
      if (i % 2 == 0) {
        expect_same_lattice(search.lattice(*streams[i]), alone->lattice(*expected));
      } else {
        EXPECT_THROW(search.lattice(*streams[i]), std::invalid_argument);
      }
    }
  }

  std::shared_ptr<const DecodingGraph> graph_;
  std::vector<Scores> utterances_;
  BeamSearchOptions options_{
      .beam = 8.0F, .lattice_beam = 3.0F, .max_active = 150, .min_active = 20};
};

TEST_F(MixedStreams, GetWhatTheyGetAloneOnTheCpu) {
  expect_each_its_own(*make_cpu_beam_search(graph_, options_));
}

TEST_F(MixedStreams, GetWhatTheyGetAloneOnADevice) {
  for (const std::uint32_t first_room : {0U, 1U}) {  // 0: what a lane usually begins with
    HostSearchOptions options{.search = options_, .batch = {.lane_count = 2}};
    for (std::uint32_t i = 0; i < kRoomCount; ++i) {
      options.batch.first_rooms[static_cast<Room>(i)] = first_room;
    }
    const OrderedTeam team(33, ThreadOrder::kRandom);
    const auto search =
        make_host_search<DeferredAccess>(graph_, std::make_shared<GuardedMemory>(), team, options);
    expect_each_its_own(*search);
  }
}

}  // namespace
}  // namespace harpy

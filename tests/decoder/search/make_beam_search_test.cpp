#include "decoder/search/make_beam_search.hpp"

#include <gtest/gtest.h>

#include "acoustic/backend/backend.hpp"
#include "tests/decoder/search/random_search.hpp"

// Which search a caller gets follows from the backend alone; what it finds does not.

namespace harpy {
namespace {

using testing::expect_same_path;
using testing::RandomCase;
using testing::run_search;

TEST(MakeBeamSearch, GivesTheSamePathsOnEveryDeviceOfThisMachine) {
  for (const Device device : available_devices()) {
    const auto backend = create_backend({.device = device});
    for (std::uint32_t seed = 0; seed < 8; ++seed) {
      SCOPED_TRACE(to_string(device) + ", seed " + std::to_string(seed));
      const RandomCase random(seed);
      const auto search = make_beam_search(random.graph, random.options, *backend);
      const auto expected = make_cpu_beam_search(random.graph, random.options);
      const auto stream = run_search(*search, random.scores, 3);
      const auto expected_stream = run_search(*expected, random.scores, 16);
      EXPECT_EQ(stream->frame_count(), static_cast<std::int64_t>(random.scores.size()));
      expect_same_path(search->best_path(*stream, true),
                       expected->best_path(*expected_stream, true));
    }
  }
}

TEST(MakeBeamSearch, ThatOfTheCpuNeedsNoBackend) {
  const auto backend = create_backend({});
  const RandomCase random(1);
  const auto search = make_beam_search(random.graph, random.options, *backend);
  const auto without = make_cpu_beam_search(random.graph, random.options);
  const auto stream = without->open();  // streams move between searches of one kind over one graph
  EXPECT_NO_THROW(search->best_path(*stream, false));
}

TEST(MakeBeamSearch, RefusesOptionsOutOfRange) {
  const auto backend = create_backend({});
  const RandomCase random(1);
  EXPECT_THROW(make_beam_search(random.graph, {.beam = 0.0F}, *backend), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

#include "decoder/lattice_path.hpp"

#include <gtest/gtest.h>

namespace harpy {
namespace {

TEST(LatticePath, HasEachLabelInItsFrameAndWordsWithTheLastOfTheirs) {
  const CompactLattice lattice({{}, {}, {0, {0.0, 0.0, 3, 4}}},
                               {{0, 1, 7, {1.0, 0.0, 0, 2}}, {1, 2, 8, {1.0, 0.0, 2, 3}}},
                               {11, 12, 13, 14});
  const std::vector<PathStep> steps = path_steps(lattice, best_path(lattice));
  const std::vector<std::vector<std::int32_t>> expected{{0, 11, 0}, {1, 12, 0}, {1, 0, 7},
                                                        {2, 13, 0}, {2, 0, 8},  {3, 14, 0}};
  ASSERT_EQ(steps.size(), expected.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ((std::vector<std::int32_t>{steps[i].frame, steps[i].input, steps[i].output}),
              expected[i]);
  }
  EXPECT_TRUE(path_steps({}, {}).empty());
}

}  // namespace
}  // namespace harpy

#include "decoder/graph/label_contexts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(LabelContexts, WithoutPairsUnitsAreLabels) {
  const LabelContexts contexts;
  EXPECT_TRUE(contexts.empty());
  EXPECT_EQ(contexts.unit(3, 7), 7);
  EXPECT_EQ(contexts.label(7), 7);
  EXPECT_EQ(contexts.unit_count(40), 40);
  EXPECT_EQ(LabelContexts(40, {}), contexts);
}

TEST(LabelContexts, PairsHaveTheUnitsBehindThoseOfTheLabels) {
  const LabelContexts contexts(4, {{1, 2}, {3, 3}});
  EXPECT_EQ(contexts.unit_count(4), 6);
  EXPECT_EQ(contexts.label_count(6), 4);
  std::int32_t units_of_labels = 0;
  for (std::int32_t before = 0; before < 4; ++before) {
    for (std::int32_t label = 0; label < 4; ++label) {
      const std::int32_t unit = contexts.unit(before, label);
      EXPECT_EQ(contexts.label(unit), label);
      units_of_labels += unit == label ? 1 : 0;
    }
  }
  EXPECT_EQ(contexts.unit(1, 2), 4);
  EXPECT_EQ(contexts.unit(3, 3), 5);
  EXPECT_EQ(units_of_labels, 14);
}

TEST(LabelContexts, NamesSayAllThereIsToKnow) {
  const std::vector<std::string> labels{"<blank>", "AH", "B", "-"};
  const LabelContexts contexts(4, {{1, 2}, {3, 3}, {2, 3}});
  const std::vector<std::string> names = contexts.names(labels);
  EXPECT_THAT(names, ElementsAre("<blank>", "AH", "B", "-", "AH-B", "---", "B--"));
  EXPECT_EQ(LabelContexts::from_names(names), contexts);
  EXPECT_TRUE(LabelContexts::from_names(labels).empty());
}

TEST(LabelContexts, RefusesWhatIsNoPairOfLabels) {
  EXPECT_THAT(
      [] {
        LabelContexts(4, {{1, 4}});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("labels from 1 to 3 once, got 1, 4")));
  EXPECT_THROW(LabelContexts(4, {{0, 1}}), std::invalid_argument);
  EXPECT_THROW(LabelContexts(4, {{1, 2}, {1, 2}}), std::invalid_argument);
  const std::vector<std::string> mixed{"<blank>", "A", "B", "A-B", "C"};
  EXPECT_THAT([&] { LabelContexts::from_names(mixed); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("unit \"C\" is no pair of labels")));
  const std::vector<std::string> hyphens{"<blank>", "A-B", "C"};
  EXPECT_THAT(
      [&] {
        LabelContexts(3, {{1, 2}}).names(hyphens);
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("label \"A-B\" has a hyphen")));
}

}  // namespace
}  // namespace harpy

#include "tools/transcribe/text_grid.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/transcribe/made_transcription.hpp"

namespace harpy::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(TextGrid, HasIntervalsWithoutGaps) {
  Transcription result;
  result.finals = {testing::made_utterance({"SAY", "\"NO\""}, 0.5)};
  result.duration_s = 2.0;
  EXPECT_EQ(text_grid(result),
            "File type = \"ooTextFile\"\n"
            "Object class = \"TextGrid\"\n"
            "\n"
            "xmin = 0\n"
            "xmax = 2.000\n"
            "tiers? <exists>\n"
            "size = 1\n"
            "item []:\n"
            "    item [1]:\n"
            "        class = \"IntervalTier\"\n"
            "        name = \"words\"\n"
            "        xmin = 0\n"
            "        xmax = 2.000\n"
            "        intervals: size = 4\n"
            "        intervals [1]:\n"
            "            xmin = 0.000\n"
            "            xmax = 0.500\n"
            "            text = \"\"\n"
            "        intervals [2]:\n"
            "            xmin = 0.500\n"
            "            xmax = 0.900\n"
            "            text = \"SAY\"\n"
            "        intervals [3]:\n"
            "            xmin = 0.900\n"
            "            xmax = 1.300\n"
            "            text = \"\"\"NO\"\"\"\n"
            "        intervals [4]:\n"
            "            xmin = 1.300\n"
            "            xmax = 2.000\n"
            "            text = \"\"\n");
}

TEST(TextGrid, HasATierOfPhonesWhereTheyAreKnown) {
  Transcription result;
  result.finals = {testing::made_utterance({"NO"}, 0.0)};
  result.finals[0].words[0].phones = {{"N", 0.0, 0.1}, {"OW", 0.2, 0.4}};
  result.duration_s = 0.4;
  const std::string text = text_grid(result);
  EXPECT_THAT(text, HasSubstr("size = 2\nitem []:"));
  EXPECT_THAT(text, HasSubstr("name = \"phones\"\n        xmin = 0\n        xmax = 0.400\n"
                              "        intervals: size = 3\n"));
  EXPECT_THAT(text, HasSubstr("xmin = 0.200\n            xmax = 0.400\n            text = \"OW\""));
}

TEST(TextGrid, OfSilenceIsOneEmptyInterval) {
  Transcription result;
  result.duration_s = 1.0;
  EXPECT_THAT(text_grid(result), HasSubstr("intervals: size = 1\n"));
  EXPECT_THAT(text_grid(result), Not(HasSubstr("phones")));
}

}  // namespace
}  // namespace harpy::tools

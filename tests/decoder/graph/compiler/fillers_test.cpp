#include "decoder/graph/compiler/fillers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class FillersTest : public ::testing::Test {
 protected:
  FillersTest() {
    pronunciations_.add_word({});
    pronunciations_.add_word(std::vector<std::vector<std::int32_t>>{{2, 3}});
    pronunciations_.add_word(std::vector<std::vector<std::int32_t>>{{4}, {4, 4}});
    pronunciations_.add_word({});
  }

  Fillers find(const FillerOptions& options) const {
    return find_fillers(options, labels_, words_, pronunciations_);
  }
  void expect_refused(const FillerOptions& options, const char* text) const {
    EXPECT_THAT([&] { find(options); }, ThrowsMessage<std::invalid_argument>(HasSubstr(text)));
  }

  const SymbolTable labels_{{"<blank>", "SIL", "A", "B", "SPN"}};
  const SymbolTable words_{{"<eps>", "AB", "[NOISE]", "[LAUGH]"}};
  PronunciationTable pronunciations_;
};

TEST_F(FillersTest, ShareWhatIsNotLeftForNothing) {
  EXPECT_TRUE(find({}).list.empty());
  const Fillers fillers = find({.silence = "SIL",
                                .silence_probability = 0.25,
                                .noise_words = {"[NOISE]"},
                                .noise_probability = 0.125});
  ASSERT_EQ(fillers.list.size(), 3U);
  EXPECT_THAT(fillers.list[0].labels, ElementsAre(1));
  EXPECT_EQ(fillers.list[0].output, 0);
  EXPECT_FLOAT_EQ(fillers.list[0].cost, -std::log(0.25F));
  EXPECT_THAT(fillers.list[2].labels, ElementsAre(4, 4));
  EXPECT_EQ(fillers.list[2].output, 2);
  EXPECT_FLOAT_EQ(fillers.list[2].cost, -std::log(0.125F));
  EXPECT_FLOAT_EQ(fillers.none_cost, -std::log(0.625F));
}

TEST_F(FillersTest, RefuseWhatIsNotThere) {
  expect_refused({.silence = "PAUSE"}, "the silence \"PAUSE\" is not one of the phones");
  expect_refused({.silence = "<blank>"}, "is not one of the phones");
  expect_refused({.silence = "A"}, "the silence \"A\" is in a pronunciation of \"AB\"");
  expect_refused({.noise_words = {"[COUGH]"}}, "\"[COUGH]\" is not in the lexicon");
  expect_refused({.noise_words = {"[LAUGH]"}}, "\"[LAUGH]\" is not in the lexicon");
}

TEST_F(FillersTest, ASeparatorStandsAlone) {
  const Fillers fillers = find({.separator = "SIL"});
  EXPECT_EQ(fillers.separator, 1);
  EXPECT_TRUE(fillers.list.empty());
  expect_refused({.separator = "|"}, "the separator \"|\" is not one of the phones");
  expect_refused({.separator = "A"}, "the separator \"A\" is in a pronunciation of \"AB\"");
  expect_refused({.silence = "SIL", .separator = "SIL"}, "no silence or noise beside a separator");
  expect_refused({.noise_words = {"[NOISE]"}, .separator = "SIL"}, "no silence or noise beside");
}

TEST_F(FillersTest, RefuseProbabilitiesThatLeaveNothing) {
  expect_refused({.silence = "SIL", .silence_probability = 1.0}, "a probability of silence");
  expect_refused({.silence = "SIL", .silence_probability = 0.0}, "a probability of silence");
  expect_refused({.silence = "SIL", .silence_probability = std::nan("")}, "got nan");
  expect_refused({.silence = "SIL", .noise_words = {"[NOISE]"}, .noise_probability = 0.5},
                 "a probability of noise");
}

}  // namespace
}  // namespace harpy

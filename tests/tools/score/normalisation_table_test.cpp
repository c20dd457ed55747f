#include "tools/score/normalisation_table.hpp"

#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"
#include "tools/score/text_normaliser.hpp"

namespace harpy::tools {
namespace {

using ::testing::HasSubstr;

std::string error_of(const std::string& text) {
  try {
    parse_normalisation_table(text, "table");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

TEST(NormalisationTable, AnotherLanguageIsATable) {
  const harpy::testing::TemporaryDirectory directory;
  const auto path = directory.path() / "german.txt";
  std::ofstream(path) << "# German\n[characters]\n\u2019 = '\n[symbols]\n& = und\n"
                         "[spellings]\nDa\u00DF = dass\nzu Hause = zuhause\n\u00E4hm =\n";
  const TextNormaliser normaliser(read_normalisation_table(path));
  EXPECT_EQ(normaliser.normalise("Ich & du, \u00C4HM, zu  Hause: da\u00DF 21% Geht\u2019s"),
            "ich und du zuhause dass 21 geht's");
}

TEST(NormalisationTable, FaultsNameTheirLine) {
  EXPECT_EQ(error_of("# nothing\n"), "");
  EXPECT_THAT(error_of("a = b\n"), HasSubstr("table:1: expected \"FROM = TO\" in a section"));
  EXPECT_THAT(error_of("[spellings]\n\nok okay\n"), HasSubstr("table:3: expected \"FROM = TO\""));
  EXPECT_THAT(error_of("[words]\n"), HasSubstr("table:1: unknown section [words]"));
  EXPECT_THAT(error_of("[cardinals]\none = 1\n"), HasSubstr("table:2: expected a number"));
  EXPECT_THAT(error_of("[cardinals]\n0 = zero\n"), HasSubstr("table: the cardinals lack 1"));
  EXPECT_THAT(error_of("[numbers]\ndot = point\n"), HasSubstr("table:2: unknown name \"dot\""));
  EXPECT_THAT(error_of("[currencies]\n$ = dollar\n"), HasSubstr("table:2: expected four names"));
  EXPECT_THAT(error_of("[spellings]\ncaf\xE9 = cafe\n"), HasSubstr("table:2: "));
  EXPECT_THROW(read_normalisation_table("absent.txt"), std::runtime_error);
}

TEST(NormalisationTable, EveryEnglishSpellingIsInItsLastForm) {
  const TextNormaliser normaliser(english_normalisation_table());
  for (const auto& [from, to] : english_normalisation_table().spellings) {
    EXPECT_EQ(normaliser.normalise(from), normaliser.normalise(to)) << from;
    EXPECT_EQ(normaliser.normalise(to), to) << from;
  }
}

}  // namespace
}  // namespace harpy::tools

// The kept inputs belong to parsers that are tried.
#include <filesystem>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/fuzz/fuzzing.hpp"

namespace harpy::testing {
namespace {

/// Of a parser that another test program tries, for it needs a server's headers.
constexpr const char* kTriedElsewhere = "ProxyHeaders";

TEST(CorpusNames, AreThoseOfTheTests) {
  EXPECT_EQ(corpus_name("MalformedFiles", "LexiconsAreReadOrRefused"), "Lexicons");
  EXPECT_EQ(corpus_name("MalformedAudio", "OfFlacIsReadOrRefused"), "AudioOfFlac");
  EXPECT_EQ(corpus_name("MalformedForms", "AreReadOrRefusedHoweverTheyAreCut"), "Forms");
  EXPECT_EQ(corpus_name("OfAllProtocols/MalformedMessages", "AreAnsweredOrRefused/vosk"),
            "Messages-vosk");
}

TEST(CorpusTest, KeepsInputsOfParsersAlone) {
  std::set<std::string> tried{kTriedElsewhere};
  const ::testing::UnitTest& program = *::testing::UnitTest::GetInstance();
  for (int suite = 0; suite < program.total_test_suite_count(); ++suite) {
    const ::testing::TestSuite& tests = *program.GetTestSuite(suite);
    for (int index = 0; index < tests.total_test_count(); ++index) {
      tried.insert(corpus_name(tests.name(), tests.GetTestInfo(index)->name()));
    }
  }
  for (const auto& folder : std::filesystem::directory_iterator(corpus_folder())) {
    EXPECT_TRUE(tried.contains(folder.path().filename().string())) << folder.path();
    std::uintmax_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) bytes += file.file_size();
    EXPECT_LT(bytes, 32U << 10) << folder.path() << " is no small one";
  }
}

}  // namespace
}  // namespace harpy::testing

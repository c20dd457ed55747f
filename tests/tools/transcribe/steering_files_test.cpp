#include "tools/transcribe/steering_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/support/temporary_directory.hpp"

namespace harpy::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SteeringFilesTest : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = directory_.path() / name;
    std::ofstream(path) << text;
    return path;
  }

 private:
  testing::TemporaryDirectory directory_;
};

TEST_F(SteeringFilesTest, AskForNothingWithoutFiles) {
  EXPECT_EQ(read_steering_files({}), SteeringRequest{});
}

TEST_F(SteeringFilesTest, AreReadLineByLine) {
  const SteeringRequest request =
      read_steering_files({.phrases = write("phrases", "turn it on\n\n[unk]\n"),
                           .hot_phrases = write("hot", "New York\t8.5\nKubrick\n"),
                           .boost = 4.0,
                           .new_words = write("new", "KUBRICK  K UW1 B R IH0 K\nOssoli\n"),
                           .new_word_cost = 7.0,
                           .unknown_phone_cost = 2.0});
  EXPECT_THAT(request.phrase_list, ElementsAre("turn it on", "[unk]"));
  EXPECT_THAT(request.hot_phrases, ElementsAre(HotPhrase{.text = "New York", .boost = 8.5},
                                               HotPhrase{.text = "Kubrick", .boost = 4.0}));
  EXPECT_THAT(request.new_words,
              ElementsAre(NewWord{.text = "KUBRICK", .phones = "K UW1 B R IH0 K"},
                          NewWord{.text = "Ossoli"}));
  EXPECT_EQ(request.new_word_cost, 7.0);
  EXPECT_EQ(request.unknown_phone_cost, 2.0);
  EXPECT_THAT(request.grammar, IsEmpty());
}

TEST_F(SteeringFilesTest, AGrammarIsTakenAsAWhole) {
  const std::string rules = "#JSGF V1.0;\ngrammar g;\npublic <g> = x;\n";
  EXPECT_EQ(read_steering_files({.grammar = write("g.jsgf", rules)}).grammar, rules);
}

TEST_F(SteeringFilesTest, ABoostThatIsNoNumberIsRefusedByItsPlace) {
  try {
    read_steering_files({.hot_phrases = write("hot", "a\t1\nb\tmuch\n")});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("hot:2: expected a boost"));
  }
}

}  // namespace
}  // namespace harpy::tools

#include "tools/model/served_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy::tools {
namespace {

class ServedModelsTest : public ::testing::Test {
 protected:
  ServedModelsTest() {
    std::filesystem::create_directory(folder_);
    harpy::testing::write_tiny_model(folder_);
  }

  const harpy::testing::TemporaryDirectory directory_;
  const std::filesystem::path folder_ = directory_.path() / "a=b";
};

TEST_F(ServedModelsTest, AModelHasTheNameThatItIsGivenOrItsOwn) {
  const auto models = choose_served_models({"first=" + folder_.string(), folder_.string()});
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[0].name, "first");
  EXPECT_EQ(models[0].folder, folder_);
  EXPECT_EQ(models[1].name, "");
  EXPECT_EQ(models[1].folder, folder_);
  const RecognizerSet recognizers = make_recognizers(models, {}, {});
  ASSERT_EQ(recognizers.named().size(), 2U);
  EXPECT_EQ(recognizers.named()[0].name, "first");
  EXPECT_EQ(recognizers.named()[1].name, "tiny");
  EXPECT_EQ(recognizers.find(""), recognizers.find("first"));
  EXPECT_NE(recognizers.find("tiny"), nullptr);
  EXPECT_EQ(recognizers.find("other"), nullptr);
}

TEST_F(ServedModelsTest, TwoModelsOfOneNameAreRefused) {
  const auto models = choose_served_models({"tiny=" + folder_.string(), folder_.string()});
  try {
    make_recognizers(models, {}, {});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "two models have the name tiny: expected --model NAME=FOLDER");
  }
}

TEST_F(ServedModelsTest, AFolderThatHoldsNoModelIsRefused) {
  EXPECT_THROW(make_recognizers(choose_served_models({"x=/no/such/folder"}), {}, {}),
               std::runtime_error);
}

}  // namespace
}  // namespace harpy::tools

#include "tools/model/model_choice.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy::tools {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class ModelChoiceTest : public ::testing::Test {
 protected:
  ModelChoiceTest() { unsetenv("HARPY_MODEL"); }

  /// A folder that holds these files, as place of a default model.
  ModelPlace place(const std::string& owner, const std::vector<std::string>& files) const {
    const fs::path folder = directory_.path() / owner;
    fs::create_directory(folder);
    for (const std::string& file : files) std::ofstream(folder / file) << "x";
    return {folder, owner};
  }

 private:
  harpy::testing::TemporaryDirectory directory_;
};

TEST_F(ModelChoiceTest, WhatIsNamedGoesBeforeEveryDefault) {
  const auto places = {place("installation", {"model.json", "graph.harpy"})};
  const ModelChoice choice = choose_model("/srv/model", places);
  EXPECT_EQ(choice.folder, "/srv/model");
  EXPECT_EQ(choice.reason, "");
}

TEST_F(ModelChoiceTest, SaysThatTheEnvironmentNamedIt) {
  setenv("HARPY_MODEL", "/srv/model", 1);
  EXPECT_EQ(choose_model("/srv/model", {}).reason, "HARPY_MODEL names it");
  EXPECT_EQ(choose_model("/srv/other", {}).reason, "") << "the option named another one";
}

TEST_F(ModelChoiceTest, TheFirstWholeDefaultIsTaken) {
  const auto installed = place("installation", {"model.json", "graph.harpy"});
  const auto checkout = place("checkout", {"model.json", "graph.harpy"});
  const ModelChoice choice = choose_model({}, {installed, checkout});
  EXPECT_EQ(choice.folder, installed.folder);
  EXPECT_EQ(choice.reason, "it is the default model of installation");
}

TEST_F(ModelChoiceTest, ADefaultWithoutItsGraphIsPassedOver) {
  const auto installed = place("installation", {"model.json"});
  const auto checkout = place("checkout", {"model.json", "graph.harpy"});
  EXPECT_EQ(choose_model({}, {installed, checkout}).folder, checkout.folder);
}

TEST_F(ModelChoiceTest, WithoutAnyTheErrorSaysHowToGetOne) {
  const auto places = {place("installation", {}), place("checkout", {"model.json"})};
  EXPECT_THAT([&] { choose_model({}, places); },
              ThrowsMessage<std::runtime_error>(HasSubstr("run tools/quickstart")));
}

TEST_F(ModelChoiceTest, TheInstallationGoesBeforeTheCheckout) {
  const std::vector<ModelPlace> places = default_model_places();
  ASSERT_EQ(places.size(), 2U);
  EXPECT_THAT(places[0].folder.string(), HasSubstr("share/harpy/models/en-small"));
  EXPECT_EQ(places[0].folder, places[0].folder.lexically_normal());
  EXPECT_EQ(places[1].folder, fs::path(HARPY_SOURCE_DIR) / "models/en-small");
}

}  // namespace
}  // namespace harpy::tools

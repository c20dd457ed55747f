#include "service/recognizer/model_package.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"
#include "tests/support/unigram_file.hpp"

namespace harpy {
namespace {

class TinyPackage : public ::testing::Test {
 protected:
  TinyPackage() { harpy::testing::write_tiny_model(path()); }

  const std::filesystem::path& path() const { return directory_.path(); }
  std::string load_error() const {
    try {
      const auto backend = create_backend({});
      ModelPackage::load(*backend, path());
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return {};
  }
  void change(const std::function<void(ModelDescription&)>& edit) const {
    ModelDescription model = read_model_description(path() / "model.json");
    edit(model);
    write_model_description(path() / "model.json", model);
  }
  void flip_byte(const char* name, std::streamoff place) const {
    std::fstream file(path() / name, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(place);
    const int byte = file.get();
    file.seekp(place);
    file.put(static_cast<char>(byte ^ 1));
  }

  harpy::testing::TemporaryDirectory directory_;
};

using ::testing::HasSubstr;

TEST_F(TinyPackage, IsLoadedWithItsOverrides) {
  const auto backend = create_backend({});
  const auto package = ModelPackage::load(*backend, path(),
                                          {.beam = 7.0F, .max_active = 50, .acoustic_scale = 0.5F});
  EXPECT_EQ(package->description().name, "tiny");
  EXPECT_EQ(package->search_options().beam, 7.0F);
  EXPECT_EQ(package->search_options().max_active, 50);
  EXPECT_EQ(package->description().blank_skip_threshold, 1.0);
  EXPECT_EQ(ModelPackage::load(*backend, path(), {.blank_skip_threshold = 0.75})
                ->description()
                .blank_skip_threshold,
            0.75);
  EXPECT_DOUBLE_EQ(package->frame_s(), 0.03);
}

TEST_F(TinyPackage, TheBlankPenaltyIsAnOffsetOfTheFirstUnit) {
  change([](ModelDescription& model) { model.blank_penalty = 1.5; });
  const auto backend = create_backend({});
  const auto offsets = [&](const SearchOverrides& overrides) {
    return backend->to_host(ModelPackage::load(*backend, path(), overrides)->output_offsets());
  };
  EXPECT_EQ(offsets({}), (std::vector<float>{-1.5F, 0.0F, 0.0F, 0.0F}));
  EXPECT_EQ(offsets({.blank_penalty = 3.0}), (std::vector<float>{-3.0F, 0.0F, 0.0F, 0.0F}));
}

TEST_F(TinyPackage, IsRescoredByTheModelsThatItNamesOrThatAreGiven) {
  const auto backend = create_backend({});
  const auto load = [&](const RescoringOverrides& rescoring) {
    return ModelPackage::load(*backend, path(), {.rescoring = rescoring});
  };
  const harpy::testing::TemporaryDirectory elsewhere;
  const std::filesystem::path larger = elsewhere.path() / "larger.ngram";
  EXPECT_FALSE(load({})->decoding()->second_pass.has_value());
  EXPECT_THROW(load({.scale = 0.5}), std::runtime_error);

  harpy::testing::write_unigrams(larger, {{"ONE", 1.0F}});
  EXPECT_THROW(load({.language_model = larger}), std::runtime_error);
  harpy::testing::write_unigrams(path() / "language-model.ngram", {{"ONE", 1.0F}});
  EXPECT_TRUE(load({.language_model = larger})->decoding()->second_pass.has_value());

  change([](ModelDescription& model) {
    model.rescoring = {.language_model = "large.ngram",
                       .graph_language_model = "small.ngram",
                       .deadline_ms = 100.0};
  });
  EXPECT_THAT(load_error(), HasSubstr("small.ngram: missing"));
  harpy::testing::write_unigrams(path() / "small.ngram", {{"ONE", 1.0F}});
  harpy::testing::write_unigrams(path() / "large.ngram", {{"UN", 1.0F}});
  EXPECT_THAT(load_error(),
              HasSubstr("large.ngram: rescoring: no word of the graph is in both n-gram models"));
  harpy::testing::write_unigrams(path() / "large.ngram", {{"ONE", 1.0F}});
  const auto own = load({.scale = 0.5});
  EXPECT_TRUE(own->decoding()->second_pass.has_value());
  EXPECT_EQ(own->description().rescoring->scale, 0.5);
  EXPECT_EQ(own->description().rescoring->deadline_ms, 100.0);
  EXPECT_EQ(own->load_for(*backend)->decoding(), own->decoding());
  const auto given = load({.language_model = larger});
  EXPECT_EQ(given->description().rescoring->language_model, larger.string());
  EXPECT_EQ(given->description().rescoring->graph_language_model, "small.ngram");
  EXPECT_FALSE(given->description().rescoring->deadline_ms);
}

TEST_F(TinyPackage, AlteredFilesAreRefusedByName) {
  flip_byte("acoustic.safetensors", 600);
  EXPECT_THAT(load_error(), HasSubstr("acoustic.safetensors: expected the checksum"));
  flip_byte("acoustic.safetensors", 600);
  EXPECT_EQ(load_error(), "");
  flip_byte("graph.harpy", 200);
  EXPECT_THAT(load_error(), HasSubstr("graph.harpy"));
}

TEST_F(TinyPackage, MissingFilesAreNamed) {
  std::filesystem::remove(path() / "graph.harpy");
  EXPECT_THAT(load_error(), HasSubstr("graph.harpy: missing"));
  std::filesystem::remove(path() / "acoustic.safetensors");
  EXPECT_THAT(load_error(), HasSubstr("acoustic.safetensors: cannot be opened"));
  std::filesystem::remove(path() / "model.json");
  EXPECT_THAT(load_error(), HasSubstr("model.json: cannot be opened"));
}

TEST_F(TinyPackage, PartsThatDoNotFitAreRefused) {
  change([](ModelDescription& model) { model.units[1] = "Z"; });
  EXPECT_THAT(load_error(), HasSubstr("its labels are not the units"));
  change([](ModelDescription& model) {
    model.units[1] = "A";
    model.features.bin_count = 40;
  });
  EXPECT_THAT(load_error(),
              HasSubstr("the network takes 80 features a frame, the front end gives 40"));
}

}  // namespace
}  // namespace harpy

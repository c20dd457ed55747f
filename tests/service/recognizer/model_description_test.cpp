#include "service/recognizer/model_description.hpp"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/files/checksum.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

ModelDescription example() {
  ModelDescription model;
  model.name = "example";
  model.version = "1.2";
  model.language = "en";
  model.features.bin_count = 40;
  model.network = {{"input_dim", 40}, {"trunk", boost::json::array()}};
  model.head = "ctc";
  model.units = {"<blank>", "AA"};
  model.acoustic_file = "acoustic.safetensors";
  model.acoustic_checksum = "0123456789abcdef";
  model.graph_file = "graph.harpy";
  model.written_folder = "../written/en";
  model.block_frames = 5;
  model.blank_skip_threshold = 0.98;
  model.minimum_bayes_risk = true;
  model.least_confidence = 0.4;
  model.word_cost = 0.5;
  model.search.beam = 12.3F;
  model.search.max_active = 777;
  model.confidence = {.posterior_scale = 0.5, .slope = 0.75, .offset = -0.25};
  model.rescoring = {.language_model = "large.ngram",
                     .graph_language_model = "small.ngram",
                     .scale = 0.75,
                     .deadline_ms = 200.0};
  return model;
}

class ModelDescriptionFile : public ::testing::Test {
 protected:
  std::string read_text() const {
    std::ifstream stream(path_);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  /// The error that comes of replacing one piece of the example's text.
  std::string error_after(const std::string& from, const std::string& to) const {
    write_model_description(path_, example());
    std::string text = read_text();
    const std::size_t place = text.find(from);
    if (place == std::string::npos) return "the example lacks " + from;
    text.replace(place, from.size(), to);
    std::ofstream(path_) << text;
    try {
      read_model_description(path_);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return {};
  }

  harpy::testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "model.json";
};

TEST_F(ModelDescriptionFile, WriteReadWriteGivesTheSameBytes) {
  write_model_description(path_, example());
  const std::string text = read_text();
  const ModelDescription read = read_model_description(path_);
  EXPECT_EQ(read.features, example().features);
  EXPECT_EQ(read.units, example().units);
  EXPECT_EQ(read.search.beam, 12.3F);
  EXPECT_EQ(read.blank_skip_threshold, 0.98);
  EXPECT_EQ(read.word_cost, 0.5);
  EXPECT_EQ(read.confidence, example().confidence);
  EXPECT_EQ(read.rescoring, example().rescoring);
  EXPECT_TRUE(read.minimum_bayes_risk);
  EXPECT_EQ(read.least_confidence, 0.4);
  EXPECT_EQ(read.written_folder, "../written/en");
  write_model_description(path_, read);
  EXPECT_EQ(read_text(), text);
}

TEST_F(ModelDescriptionFile, ErrorsNameTheFileAndTheField) {
  using ::testing::HasSubstr;
  EXPECT_THAT(error_after("\"format\": 1", "\"format\": 2"),
              HasSubstr("expected version 1, got 2"));
  EXPECT_THAT(error_after("\"head\"", "\"hed\""),
              HasSubstr("model.json: field \"head\" is missing"));
  EXPECT_THAT(error_after("\"slope\": 0.75", "\"slope\": 0"), HasSubstr("must be above 0"));
  EXPECT_THAT(error_after("\"least_confidence\": 0.4", "\"least_confidence\": 2"),
              HasSubstr("field \"least_confidence\" must be from 0 to 1"));
  EXPECT_THAT(error_after("\"scale\": 0.75", "\"scale\": -1"),
              HasSubstr("field \"rescoring.scale\" must be at least 0"));
  EXPECT_THAT(error_after("\"deadline_ms\": 200", "\"deadline_ms\": 1e300"),
              HasSubstr("field \"rescoring.deadline_ms\" must be 0 to 3600000"));
  EXPECT_THAT(error_after("\"graph_language_model\"", "\"graph_model\""),
              HasSubstr("field \"rescoring.graph_language_model\" is missing"));
  EXPECT_THAT(error_after("\"beam\": 12.3", "\"beam\": \"x\""),
              HasSubstr("field \"search.beam\" must be a number"));
  EXPECT_THAT(error_after("\"bin_count\": \"40\"", "\"bin_count\": \"many\""),
              HasSubstr("features.bin_count"));
  EXPECT_THAT(error_after("\"units\"", "\"unknown\": 1,\n  \"units\""),
              HasSubstr("fields that are not known"));
  EXPECT_THAT(error_after("{", ""), HasSubstr("not JSON"));
}

TEST_F(ModelDescriptionFile, ItNamesNoFilesOutsideItsFolder) {
  using ::testing::HasSubstr;
  for (const std::string name : {"/etc/passwd", "../graph.harpy", "a/../../graph.harpy", ""}) {
    EXPECT_THAT(error_after("\"graph.harpy\"", "\"" + name + "\""),
                HasSubstr("field \"graph\": \"" + name + "\" is not in the package's folder"));
  }
  EXPECT_EQ(error_after("\"graph.harpy\"", "\"graphs/../large/graph.harpy\""), "");
  EXPECT_THAT(error_after("\"large.ngram\"", "\"/large.ngram\""),
              HasSubstr("field \"rescoring.language_model\""));
  EXPECT_THAT(error_after("\"small.ngram\"", "\"../small.ngram\""),
              HasSubstr("field \"rescoring.graph_language_model\""));
  EXPECT_THAT(
      error_after("\"../written/en\"", "\"../../written/en\""),
      HasSubstr("field \"written\": \"../../written/en\" is not in the folder of packages"));
}

TEST_F(ModelDescriptionFile, NothingIsRescoredUnlessItSaysSo) {
  ModelDescription model = example();
  model.rescoring->deadline_ms.reset();
  write_model_description(path_, model);
  EXPECT_EQ(read_model_description(path_).rescoring, model.rescoring);
  model.rescoring.reset();
  write_model_description(path_, model);
  EXPECT_FALSE(read_model_description(path_).rescoring);
}

TEST_F(ModelDescriptionFile, EdgesAreZeroAndFramesWithoutIvectorsUnlessItSaysSo) {
  ModelDescription model = example();
  write_model_description(path_, model);
  EXPECT_FALSE(read_model_description(path_).repeats_edges);
  EXPECT_EQ(read_model_description(path_).ivector_file, "");
  model.repeats_edges = true;
  model.ivector_file = "ivectors.harpy";
  write_model_description(path_, model);
  EXPECT_TRUE(read_model_description(path_).repeats_edges);
  EXPECT_EQ(read_model_description(path_).ivector_file, "ivectors.harpy");
  EXPECT_THAT(error_after("\"units\"", "\"repeats_edges\": 1,\n  \"units\""),
              ::testing::HasSubstr("field \"repeats_edges\" must be true or false"));
}

TEST_F(ModelDescriptionFile, NoFramesAreSkippedUnlessItSaysSo) {
  EXPECT_EQ(error_after(" \"blank_skip_threshold\": 0.98,\n", ""), "");
  EXPECT_EQ(read_model_description(path_).blank_skip_threshold, 1.0);
  for (const std::string wrong : {"0", "-1", "1.5", "\"high\""}) {
    EXPECT_THAT(error_after("\"blank_skip_threshold\": 0.98", "\"blank_skip_threshold\": " + wrong),
                ::testing::HasSubstr("field \"blank_skip_threshold\" must be"));
  }
}

TEST_F(ModelDescriptionFile, EveryTruncationIsRefused) {
  write_model_description(path_, example());
  const std::string text = read_text();
  for (std::size_t length = 0; length + 2 < text.size(); length += 3) {
    std::ofstream(path_) << text.substr(0, length);
    EXPECT_THROW(read_model_description(path_), std::runtime_error) << length;
  }
}

TEST_F(ModelDescriptionFile, ChecksumsAreThoseOfXxh3) {
  std::ofstream(path_) << "";
  EXPECT_EQ(file_checksum(path_),
            "2d06800538d394c2");  // XXH3 of no bytes, as its authors publish it
  EXPECT_THROW(file_checksum(directory_.path() / "missing"), std::runtime_error);
}

}  // namespace
}  // namespace harpy

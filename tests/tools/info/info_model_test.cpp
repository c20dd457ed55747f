#include "tools/info/info_model.hpp"

#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "acoustic/network.hpp"
#include "decoder/graph/graph_file.hpp"
#include "decoder/graph/graph_sections.hpp"
#include "decoder/language_model/mapped_ngram.hpp"
#include "models/files/checksum.hpp"
#include "tests/decoder/graph/compiler/arpa_text.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"
#include "tools/info/info_graph.hpp"
#include "tools/info/info_network.hpp"
#include "tools/info/info_ngram.hpp"

namespace harpy::tools {
namespace {

namespace json = boost::json;
using harpy::testing::error_of;
using harpy::testing::read_bytes;
using harpy::testing::write_bytes;
using ::testing::HasSubstr;

class InfoOfModels : public ::testing::Test {
 protected:
  InfoOfModels() { harpy::testing::write_tiny_model(model()); }

  std::filesystem::path model() const { return directory_.path(); }
  std::filesystem::path graph() const { return model() / "graph.harpy"; }

 private:
  harpy::testing::TemporaryDirectory directory_;
};

TEST_F(InfoOfModels, NamesFeaturesNetworkGraphAndFiles) {
  const InfoReport report = describe_model(model());
  const json::object fields = to_json(report);
  EXPECT_EQ(fields.at("kind"), "model");
  EXPECT_EQ(fields.at("name"), "tiny");
  EXPECT_EQ(fields.at("language"), "en");
  EXPECT_EQ(fields.at("features").at("bin_count"), "80");
  EXPECT_EQ(fields.at("subsampling"), 3);
  EXPECT_EQ(fields.at("output_frame_ms"), 30.0);
  EXPECT_EQ(fields.at("block_ms"), 120.0);
  EXPECT_EQ(fields.at("unit_count"), 4);
  EXPECT_EQ(fields.at("heads"), json::array({"ctc"}));
  EXPECT_EQ(fields.at("graph").at("word_count"), 3);
  const auto backend = create_backend({});
  Network network(*backend, harpy::testing::tiny_description().network, 1);
  EXPECT_EQ(fields.at("parameter_count"), network.parameter_count());
  EXPECT_EQ(fields.at("left_context_ms"), 10.0 * static_cast<double>(network.context().left));
  EXPECT_EQ(fields.at("right_context_ms"), 10.0 * static_cast<double>(network.context().right));
  const json::array& files = fields.at("files").as_array();
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].at("name"), "acoustic.safetensors");
  EXPECT_EQ(files[0].at("xxh3"), json::string(file_checksum(model() / "acoustic.safetensors")));
  EXPECT_THAT(to_text(report), HasSubstr("graph.harpy, ctc, 3 words, 6 states, 14 arcs"));
  EXPECT_THAT(to_text(report), HasSubstr("  kind log_mel, sample_rate_hz 16000\n"));
}

TEST_F(InfoOfModels, ShowsLayersWithinLayers) {
  const InfoTable table = describe_layers(harpy::testing::tiny_description().network);
  std::vector<std::string> places;
  for (const auto& row : table.rows) places.push_back(row[0].text + " " + row[1].text);
  EXPECT_THAT(places,
              ::testing::ElementsAre("trunk.0 batch_norm", "trunk.1 convolution", "trunk.2 relu",
                                     "trunk.3 residual", "  trunk.3.0 convolution",
                                     "  trunk.3.1 relu", "ctc.0 linear", "ctc.1 log_softmax"));
  EXPECT_EQ(table.rows[1][3].value, 16);
  EXPECT_EQ(table.rows[1][4].value, 80 * 5 * 16 + 16);
  EXPECT_EQ(table.rows[1][7].value, 3) << "frames of the input a step";
  EXPECT_EQ(table.rows[4][5].value, 2 * 2 * 3) << "dilated, after the stride";
  EXPECT_EQ(table.rows[6][3].value, 4);
}

TEST_F(InfoOfModels, MayLackTheirGraph) {
  std::filesystem::remove(graph());
  const InfoReport report = describe_model(model());
  EXPECT_EQ(to_json(report).at("graph"), nullptr);
  EXPECT_THAT(to_text(report), HasSubstr("missing; `harpy graph` compiles it"));
}

TEST_F(InfoOfModels, ThatAreDamagedAreNamed) {
  const auto weights = model() / "acoustic.safetensors";
  const std::string bytes = read_bytes(weights);
  std::string changed = bytes;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  write_bytes(weights, changed);
  EXPECT_THAT(error_of([&] { describe_model(model()); }), HasSubstr("acoustic.safetensors: "));
  std::filesystem::remove(graph());
  EXPECT_THAT(error_of([&] { describe_model(model()); }), HasSubstr("acoustic.safetensors: "));
  std::filesystem::remove(weights);
  EXPECT_THAT(error_of([&] { describe_model(model()); }), HasSubstr("acoustic.safetensors: "));
  std::filesystem::remove(model() / "model.json");
  EXPECT_THAT(error_of([&] { describe_model(model()); }), HasSubstr("holds no model.json"));
}

TEST_F(InfoOfModels, OfGraphFilesCountsWhatIsInThem) {
  ASSERT_TRUE(begins_as(graph(), kGraphFormat));
  EXPECT_FALSE(begins_as(graph(), kMappedNgramFormat));
  EXPECT_FALSE(begins_as(model() / "model.json", kGraphFormat));
  EXPECT_FALSE(begins_as(model() / "absent", kGraphFormat));
  const json::object fields = to_json(describe_graph(graph()));
  EXPECT_EQ(fields.at("kind"), "graph");
  EXPECT_EQ(fields.at("state_count"), 6);
  EXPECT_EQ(fields.at("final_state_count"), 1);
  EXPECT_EQ(fields.at("arc_count"), 14);
  EXPECT_EQ(fields.at("emitting_arc_count"), 11);
  EXPECT_EQ(fields.at("epsilon_arc_count"), 3);
  EXPECT_EQ(fields.at("word_arc_count"), 3);
  EXPECT_EQ(fields.at("word_count"), 3);
  EXPECT_EQ(fields.at("pronunciation_count"), 3);
  EXPECT_EQ(fields.at("labels"), json::array({"<blank>", "A", "B", "C"}));
  EXPECT_EQ(fields.at("silence"), nullptr);
  EXPECT_EQ(fields.at("topology"), "ctc");
  EXPECT_EQ(fields.at("xxh3"), json::string(file_checksum(graph())));
}

TEST_F(InfoOfModels, OfAGraphWithoutTablesCountsStatesAndArcs) {
  const GraphPackage package = map_graph_package(graph());
  const auto alone = model() / "alone.harpy";
  write_graph(alone, package.graph.view());
  const json::object fields = to_json(describe_graph(alone));
  EXPECT_EQ(fields.at("state_count"), 6);
  EXPECT_FALSE(fields.contains("word_count"));
  write_bytes(alone, read_bytes(alone).substr(0, 300));
  EXPECT_THAT(error_of([&] { describe_graph(alone); }), HasSubstr("alone.harpy"));
}

TEST_F(InfoOfModels, OfNgramFilesCountsThemByLength) {
  const auto ngrams = model() / "larger.ngram";
  const NgramModel model_of_seven = harpy::testing::model_of(
      "\\data\\\nngram 1=4\nngram 2=3\n\n\\1-grams:\n-99 <s> -0.3\n-1 </s>\n-0.5 A -0.3\n-0.5 B "
      "-0.3\n\n"
      "\\2-grams:\n-0.1 <s> A\n-0.2 A B\n-0.3 B </s>\n\n\\end\\\n");
  write_mapped_ngram(model_of_seven, ngrams, 16);
  ASSERT_TRUE(begins_as(ngrams, kMappedNgramFormat));
  const json::object fields = to_json(describe_ngram(ngrams));
  EXPECT_EQ(fields.at("kind"), "n-grams");
  EXPECT_EQ(fields.at("order"), 2);
  EXPECT_EQ(fields.at("word_count"), 4);
  EXPECT_EQ(fields.at("ngram_count"), 7);
  EXPECT_EQ(fields.at("ngram_count_1"), 4);
  EXPECT_EQ(fields.at("ngram_count_2"), 3);
  EXPECT_EQ(fields.at("bits"), 16);
  EXPECT_EQ(fields.at("xxh3"), json::string(file_checksum(ngrams)));
  write_bytes(ngrams, read_bytes(ngrams).substr(0, 300));
  EXPECT_THAT(error_of([&] { describe_ngram(ngrams); }), HasSubstr("larger.ngram"));
}

}  // namespace
}  // namespace harpy::tools

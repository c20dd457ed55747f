// Everything from samples to words against Kaldi's own outputs for the golden model.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <sstream>

#include "decoder/search/make_beam_search.hpp"
#include "frontend/audio/audio_file.hpp"
#include "frontend/compute_features.hpp"
#include "frontend/feature_extractor.hpp"
#include "frontend/ivector/ivector_stream.hpp"
#include "kaldi/acoustic_file.hpp"
#include "kaldi/configuration.hpp"
#include "kaldi/graph_conversion.hpp"
#include "kaldi/ivector_files.hpp"
#include "tests/kaldi/kaldi_golden.hpp"
#include "tests/kaldi/network_outputs.hpp"

namespace harpy::testing {
namespace {

namespace fs = std::filesystem;

float largest_difference(std::span<const float> a, std::span<const float> b) {
  EXPECT_EQ(a.size(), b.size());
  float largest = 0.0F;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, std::abs(a[i] - b[i]));
  }
  return largest;
}

class KaldiGolden : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = kaldi_golden_dir();
    if (folder_.empty()) GTEST_SKIP() << "needs the folder ../shared";
  }

  ScoreMatrix golden(const std::string& utterance, const char* what) const {
    return read_numpy(folder_ / "golden" / (utterance + "." + what + ".npy"));
  }

  /// Outputs of a tiny network for the common input, every `subsampling` frames.
  std::vector<float> tiny_outputs(const char* name, std::int64_t subsampling) const {
    const kaldi::EvaluatedNnet nnet =
        kaldi::read_network_file(folder_ / "tiny" / (std::string(name) + ".raw"));
    const ScoreMatrix input = read_numpy(folder_ / "tiny/input.npy");
    if (nnet.ivector_dim == 0) return network_outputs(nnet, subsampling, input.values);
    kaldi::ObjectReader reader(folder_ / "tiny/ivector.txt");
    reader.expect("utt");
    const std::vector<float> ivector = reader.vector<float>();
    return network_outputs(nnet, subsampling,
                           with_ivectors(input.values, input.column_count, ivector,
                                         nnet.ivector_dim, [](std::int64_t) { return 0; }));
  }

  fs::path folder_;
};

// In quiet frames of these recordings Kaldi's Fourier transform in single precision is off by up to
// 0.011 from the definition in double precision, and so from Harpy's.
TEST_F(KaldiGolden, CepstraOfItsConfigurationAreItsOwn) {
  const FeatureExtractor extractor(
      kaldi::read_feature_options(folder_ / "model/conf/mfcc.conf", true));
  for (const std::string& utterance : kaldi_utterances()) {
    AudioFile audio(folder_ / "golden" / (utterance + ".wav"));
    const std::vector<float> features = compute_features(extractor, audio);
    const std::vector<float> expected = golden(utterance, "mfcc").values;
    EXPECT_LT(largest_difference(features, expected), 0.015F) << utterance;
    const auto differ = [](float a, float b) { return std::abs(a - b) > 1e-3F; };
    const std::int64_t different = std::inner_product(
        features.begin(), features.end(), expected.begin(), std::int64_t{0}, std::plus<>(), differ);
    EXPECT_LT(different, std::ssize(features) / 25) << utterance;
  }
}

TEST_F(KaldiGolden, IvectorsAreItsOwn) {
  const auto extractor = kaldi::read_ivector_files(folder_ / "model/ivector");
  for (const std::string& utterance : kaldi_utterances()) {
    const ScoreMatrix features = golden(utterance, "mfcc");
    const ScoreMatrix ivectors = golden(utterance, "ivectors");
    IvectorStream stream(extractor);
    std::vector<float> estimates;
    std::int64_t count = 0;
    const auto accept = [&](std::span<const float> frame) {
      stream.accept(frame);
      if (stream.estimate_count() == count) return;
      count = stream.estimate_count();
      estimates.insert(estimates.end(), stream.ivector().begin(), stream.ivector().end());
    };
    const std::span<const float> all(features.values);
    const auto dim = static_cast<std::size_t>(features.column_count);
    for (std::size_t at = 0; at < all.size(); at += dim) accept(all.subspan(at, dim));
    // Frames whose neighbours are behind the end are not counted in a stream.
    ASSERT_GE(estimates.size() + static_cast<std::size_t>(ivectors.column_count),
              ivectors.values.size());
    const std::span<const float> expected =
        std::span(ivectors.values).first(std::min(estimates.size(), ivectors.values.size()));
    EXPECT_LT(largest_difference(estimates, expected), 1e-3F) << utterance;
  }
}

TEST_F(KaldiGolden, TinyNetworkOfAffineMapsAndRenormalisation) {
  EXPECT_LT(largest_difference(tiny_outputs("a", 1),
                               read_numpy(folder_ / "tiny/a.out-sub1-chunk150.npy").values),
            1e-3F);
}

TEST_F(KaldiGolden, TinyNetworkOfFactoredLayers) {
  EXPECT_LT(largest_difference(tiny_outputs("b", 1),
                               read_numpy(folder_ / "tiny/b.out-sub1-chunk150.npy").values),
            1e-3F);
  EXPECT_LT(largest_difference(tiny_outputs("b", 3),
                               read_numpy(folder_ / "tiny/b.out-sub3-chunk30.npy").values),
            1e-3F);
}

// Kaldi leaves out optional frames beyond the ends of a recording, Harpy has them: outputs that see
// such frames differ.
TEST_F(KaldiGolden, TinyNetworkOfConvolutionsOverTimeAndHeight) {
  for (const std::int64_t subsampling : {1, 3}) {
    const ScoreMatrix expected =
        read_numpy(folder_ / ("tiny/c.out-sub" + std::to_string(subsampling) + "-chunk150.npy"));
    const std::vector<float> outputs = tiny_outputs("c", subsampling);
    ASSERT_EQ(outputs.size(), expected.values.size());
    const std::int64_t rows = std::ssize(outputs) / expected.column_count;
    const std::int64_t at_ends = 12 / subsampling;
    const auto inner = [&](const std::vector<float>& values) {
      return std::span(values).subspan(
          static_cast<std::size_t>(at_ends * expected.column_count),
          static_cast<std::size_t>((rows - 2 * at_ends) * expected.column_count));
    };
    EXPECT_LT(largest_difference(inner(outputs), inner(expected.values)), 1e-3F) << subsampling;
  }
}

TEST_F(KaldiGolden, NetworksOfOtherKindsAreRefusedByName) {
  try {
    kaldi::read_network_file(folder_ / "tiny/d.raw");
    FAIL() << "accepted";
  } catch (const std::runtime_error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("d.raw: byte "), std::string::npos) << message;
    EXPECT_NE(message.find("<StatisticsExtractionComponent>"), std::string::npos) << message;
  }
}

class KaldiChainModel : public KaldiGolden {
 protected:
  void SetUp() override {
    KaldiGolden::SetUp();
    if (IsSkipped()) return;
    acoustic_.emplace(kaldi::read_acoustic_file(folder_ / "model/am/final.mdl"));
  }

  /// Features with the last i-vector of the utterance in every frame.
  std::vector<float> features_with_last_ivector(const std::string& utterance) const {
    const ScoreMatrix features = golden(utterance, "mfcc");
    const ScoreMatrix ivectors = golden(utterance, "ivectors");
    return with_ivectors(features.values, features.column_count, ivectors.values,
                         ivectors.column_count,
                         [&](std::int64_t) { return ivectors.frame_count - 1; });
  }

  std::optional<kaldi::AcousticFile> acoustic_;
};

TEST_F(KaldiChainModel, OutputsOfTheNetworkAreItsOwn) {
  for (const std::string& utterance : kaldi_utterances()) {
    const std::vector<float> outputs =
        network_outputs(acoustic_->nnet, 3, features_with_last_ivector(utterance));
    EXPECT_LT(largest_difference(outputs, golden(utterance, "nnet-lastivector").values), 1e-3F)
        << utterance;
  }
}

// Kaldi has one i-vector for each 150 frames, of the frame in their middle.
TEST_F(KaldiChainModel, OutputsAreItsOwnWithAnIvectorForEachChunkToo) {
  const ScoreMatrix features = golden("1737-146161-0009", "mfcc");
  const ScoreMatrix ivectors = golden("1737-146161-0009", "ivectors");
  const ScoreMatrix expected = golden("1737-146161-0009", "nnet-onlineivector");
  const std::int64_t row = std::min<std::int64_t>(ivectors.frame_count - 1, 150 / 2 / 10);
  const std::vector<float> outputs =
      network_outputs(acoustic_->nnet, 3,
                      with_ivectors(features.values, features.column_count, ivectors.values,
                                    ivectors.column_count, [&](std::int64_t) { return row; }));
  const std::size_t first_chunk = 50 * static_cast<std::size_t>(expected.column_count);
  EXPECT_LT(largest_difference(std::span(outputs).first(first_chunk),
                               std::span(expected.values).first(first_chunk)),
            1e-3F);
}

TEST_F(KaldiChainModel, BestPathsAreItsOwnWordsAndTransitions) {
  const kaldi::DecodingOptions decoding =
      kaldi::read_decoding_options(folder_ / "model/conf/model.conf");
  const kaldi::ConvertedGraph converted = kaldi::convert_graph(
      kaldi::find_model_files(folder_ / "model"), acoustic_->transitions, decoding.silence_phones);
  const GraphPackage& package = converted.package;
  const auto search = make_cpu_beam_search(std::make_shared<const DecodingGraph>(package.graph),
                                           {.beam = 15.0F, .max_active = 7000});
  const auto lines = read_golden_lines(folder_ / "golden/best-path.offline-lastivector.txt");
  const auto paths =
      read_golden_lines(folder_ / "golden/best-path.offline-lastivector.transition-ids.txt");
  for (const std::string& utterance : kaldi_utterances()) {
    const auto backend = create_backend({});
    const std::vector<float> scores =
        network_outputs(kaldi::make_network(*backend, acoustic_->nnet, 3, converted.pdfs),
                        features_with_last_ivector(utterance));
    const auto stream = search->open();
    const std::int64_t inputs = package.graph.view().pdf_count;
    const SearchInput input{stream.get(),
                            {scores.data(), Shape{std::ssize(scores) / inputs, inputs}}};
    search->advance({&input, 1});
    const BestPath path = search->best_path(*stream, true);

    std::istringstream line(lines.at(utterance));
    double graph_cost = 0.0;
    double acoustic_cost = 0.0;
    std::string words;
    line >> graph_cost >> acoustic_cost;
    for (std::string word; line >> word;) words += word + " ";
    std::string found;
    std::vector<std::int32_t> inputs_found;
    for (const PathStep& step : path.steps) {
      if (step.output != 0) found += package.words.name(step.output) + " ";
      if (step.input != 0) inputs_found.push_back(step.input);
    }
    EXPECT_EQ(found, words) << utterance;
    EXPECT_NEAR(path.graph_cost, graph_cost, 0.05) << utterance;
    EXPECT_NEAR(path.cost, graph_cost + acoustic_cost, 0.05) << utterance;

    std::istringstream transitions(paths.at(utterance));
    std::size_t frame = 0;
    for (std::int32_t id = 0; transitions >> id; ++frame) {
      ASSERT_LT(frame, inputs_found.size());
      const kaldi::Transition& expected =
          acoustic_->transitions.transitions[static_cast<std::size_t>(id - 1)];
      const auto place = static_cast<std::size_t>(inputs_found[frame] - 1);
      const ListedInput& listed = package.frame_labels.listed[place];
      EXPECT_EQ(converted.pdfs[place], expected.pdf) << utterance << " frame " << frame;
      EXPECT_EQ(listed.has(ListedInput::kBeginsLabel), expected.begins_phone) << frame;
      if (listed.label != 0) {
        EXPECT_EQ(listed.label, expected.phone) << frame;
      }
    }
    EXPECT_EQ(frame, inputs_found.size()) << utterance;
  }
}

}  // namespace
}  // namespace harpy::testing

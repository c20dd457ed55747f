// Silence that counts less in i-vectors, with real speech: sessions against the scheme done step by
// step, with all that is known of the path after each block.
#include <gtest/gtest.h>

#include <future>

#include "acoustic/acoustic_batch.hpp"
#include "decoder/search/make_beam_search.hpp"
#include "frontend/audio/audio_file.hpp"
#include "frontend/feature_stream.hpp"
#include "kaldi/conversion.hpp"
#include "service/recognizer/recognizer.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/kaldi/kaldi_golden.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {
namespace {

namespace fs = std::filesystem;

constexpr float kSilence = 0.001F;
/// model.conf: endpoint.silence-phones are 1 to this.
constexpr std::int32_t kLastSilentPhone = 10;

class KaldiSilence : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path folder = kaldi_golden_dir();
    if (folder.empty()) GTEST_SKIP() << "needs the folder ../shared";
    kaldi::convert_model(folder / "model", directory_.path() / "package");
    model_ = ModelPackage::load(*backend_, directory_.path() / "package");
  }

  /// What every frame of a path weighs.
  FrameWeights weights_of(const BestPath& path) const {
    FrameWeights weights;
    for (const PathStep& step : path.steps) {
      if (step.input == 0) continue;
      const std::int32_t phone = model_->graph().frame_labels.label(step.input);
      weights.values.push_back(phone <= kLastSilentPhone ? kSilence : 1.0F);
    }
    if (weights.values.empty()) weights.values = {kSilence};
    return weights;
  }

  BestPath recognize_step_by_step(std::span<const float> samples) const {
    FeatureStream features(model_->features());
    features.accept(samples);
    features.finish();
    AcousticBatch network(model_->acoustic_grid(), *backend_,
                          {.output_offsets = model_->output_offsets()});
    AcousticStream acoustic(model_->acoustic_grid(), *backend_);
    AcousticStream* const stream = &acoustic;
    acoustic.accept_frames(features.frames_ready());
    acoustic.finish();
    const auto search = make_cpu_beam_search(model_->decoding()->graph(), model_->search_options());
    const auto tokens = search->open();
    while (acoustic.blocks_ready() > 0) {
      features.weigh(weights_of(search->best_path(*tokens, false)), 3);
      acoustic.give(features.take(acoustic.frames_wanted()));
      const SearchInput input{tokens.get(), network.advance({&stream, 1})[0]};
      if (input.log_likelihoods.rows() > 0) search->advance({&input, 1});
    }
    return search->best_path(*tokens, true);
  }

  /// The kFinal of a session that does all at once.
  SessionEvent recognize(std::span<const float> samples) const {
    Recognizer recognizer(model_, {});
    SessionEvent final;
    std::promise<void> ended;
    const auto session =
        recognizer.open({.partials = false, .endpoints = false, .max_alternatives = 1},
                        [&](const SessionEvent& event) {
                          if (event.kind == EventKind::kFinal) final = event;
                          if (event.kind == EventKind::kEnd || event.kind == EventKind::kError)
                            ended.set_value();
                        });
    session->push(samples);
    session->finish();
    ended.get_future().wait();
    return final;
  }

  const TemporaryDirectory directory_;
  const std::unique_ptr<Backend> backend_ = create_backend({});
  std::shared_ptr<const ModelPackage> model_;
};

TEST_F(KaldiSilence, SessionsWeighFramesAsTheSchemeDoesStepByStep) {
  for (const std::string& utterance : kaldi_utterances()) {
    AudioFile audio(kaldi_golden_dir() / "golden" / (utterance + ".wav"));
    const std::vector<float> samples = read_all(audio);
    const BestPath path = recognize_step_by_step(samples);
    std::string words;
    for (const PathStep& step : path.steps) {
      if (step.output == 0) continue;
      words += (words.empty() ? "" : " ") + model_->graph().words.name(step.output);
    }
    const SessionEvent final = recognize(samples);
    EXPECT_EQ(final.text(), words) << utterance;
    ASSERT_EQ(final.alternatives.size(), 1U) << utterance;
    EXPECT_NEAR(final.alternatives[0].score, -path.cost, 1e-2) << utterance;
  }
}

}  // namespace
}  // namespace harpy::testing

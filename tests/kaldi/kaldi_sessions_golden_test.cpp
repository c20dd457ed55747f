// Whole sessions with real speech: against the words of Kaldi's online decoder, and, where silence
// counts less in i-vectors, against the scheme done step by step, with all that is known of the
// path after each block.
#include <gtest/gtest.h>

#include <future>
#include <sstream>

#include "acoustic/acoustic_batch.hpp"
#include "decoder/search/make_beam_search.hpp"
#include "frontend/audio/audio_file.hpp"
#include "frontend/feature_stream.hpp"
#include "kaldi/acoustic_file.hpp"
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

class KaldiSessions : public ::testing::Test {
 protected:
  void SetUp() override {
    if (kaldi_golden_dir().empty()) GTEST_SKIP() << "needs the folder ../shared";
  }

  void load(float silence_weight) {
    const fs::path package = directory_.path() / "package";
    kaldi::convert_model(kaldi_golden_dir() / "model", package, {.silence_weight = silence_weight});
    model_ = ModelPackage::load(*backend_, package);
  }

  static std::vector<float> samples_of(const std::string& utterance) {
    AudioFile audio(kaldi_golden_dir() / "golden" / (utterance + ".wav"));
    return read_all(audio);
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
      if (model_->decoding()->silence_weight) {
        features.weigh(weights_of(search->best_path(*tokens, false)), 3);
      }
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

// Kaldi's ran without weights of silence, and its i-vectors are those of the moment at which a
// chunk was computed: words are equal where that decides nothing.
TEST_F(KaldiSessions, SayTheWordsOfKaldisOnlineDecoder) {
  load(1.0F);
  const auto lines = read_golden_lines(kaldi_golden_dir() / "golden/best-path.online2.txt");
  for (const std::string& utterance : kaldi_utterances()) {
    std::istringstream line(lines.at(utterance));
    double graph_cost = 0.0;
    double acoustic_cost = 0.0;
    std::string words;
    line >> graph_cost >> acoustic_cost >> std::ws;
    std::getline(line, words);
    EXPECT_EQ(recognize(samples_of(utterance)).text(), words) << utterance;
  }
}

// Frame by frame the phone, and whether it begins there, which is what a transition-id stands for.
TEST_F(KaldiSessions, FollowThePathsOfKaldisOnlineDecoder) {
  load(1.0F);
  const auto lines =
      read_golden_lines(kaldi_golden_dir() / "golden/best-path.online2.transition-ids.txt");
  const kaldi::AcousticFile acoustic =
      kaldi::read_acoustic_file(kaldi_golden_dir() / "model/am/final.mdl");
  std::size_t frame_count = 0;
  std::size_t same_count = 0;
  for (const std::string& utterance : kaldi_utterances()) {
    std::vector<std::int32_t> inputs;
    for (const PathStep& step : recognize_step_by_step(samples_of(utterance)).steps) {
      if (step.input != 0) inputs.push_back(step.input);
    }
    std::istringstream ids(lines.at(utterance));
    std::size_t frame = 0;
    for (std::size_t id = 0; ids >> id; ++frame) {
      ASSERT_LT(frame, inputs.size()) << utterance;
      const kaldi::Transition& expected = acoustic.transitions.transitions.at(id - 1);
      const auto place = static_cast<std::size_t>(inputs[frame] - 1);
      const ListedInput& listed = model_->graph().frame_labels.listed[place];
      const bool is_phone =
          listed.label == 0 ? expected.phone <= kLastSilentPhone : listed.label == expected.phone;
      const bool begins_alike = listed.has(ListedInput::kBeginsLabel) == expected.begins_phone;
      same_count += is_phone && begins_alike ? 1 : 0;
    }
    EXPECT_EQ(frame, inputs.size()) << utterance;
    frame_count += frame;
  }
  EXPECT_GE(static_cast<double>(same_count), 0.99 * static_cast<double>(frame_count));
}

TEST_F(KaldiSessions, WeighFramesAsTheSchemeDoesStepByStep) {
  load(kSilence);
  for (const std::string& utterance : kaldi_utterances()) {
    const std::vector<float> samples = samples_of(utterance);
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

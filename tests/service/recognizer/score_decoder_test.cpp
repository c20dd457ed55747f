#include "service/recognizer/score_decoder.hpp"

#include <cmath>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decoder/search/make_beam_search.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy {
namespace {

constexpr std::int64_t kPdfs = 4;

/// The graph of the tiny model: the words ONE (A B), TWO (B C) and THREE (C) in any order.
std::shared_ptr<const GraphPackage> tiny_graph() {
  const testing::TemporaryDirectory directory;
  testing::write_tiny_model(directory.path());
  return std::make_shared<const GraphPackage>(
      map_graph_package(directory.path() / testing::tiny_description().graph_file));
}

ScoreMatrix random_scores(std::mt19937& random, std::int64_t frame_count) {
  ScoreMatrix scores{.frame_count = frame_count, .column_count = kPdfs};
  std::exponential_distribution<float> surprise(0.5F);
  for (std::int64_t i = 0; i < frame_count * kPdfs; ++i) scores.values.push_back(-surprise(random));
  return scores;
}

class ScoreDecoderTest : public ::testing::TestWithParam<Device> {
 protected:
  /// The events of all matrices.
  std::vector<SessionEvent> decode(const DecodingModel& model,
                                   const std::vector<ScoreMatrix>& matrices,
                                   const SessionOptions& session = {}) const {
    std::vector<SessionEvent> events(matrices.size());
    ScoreDecoder decoder(std::make_shared<const DecodingModel>(model), GetParam(), session,
                         SteeringMaker(model.package).make({}));
    std::size_t next = 0;
    decoder.run([&]() -> std::optional<ScoreDecoder::Utterance> {
      if (next == matrices.size()) return std::nullopt;
      SessionEvent& event = events[next];
      return ScoreDecoder::Utterance{
          .scores = matrices[next++], .on_final = [&event](const SessionEvent& final) {
            EXPECT_EQ(event.kind, EventKind::kPartial);  // it is told once
            event = final;
          }};
    });
    return events;
  }

  const std::shared_ptr<const GraphPackage> package_ = tiny_graph();
};

TEST_P(ScoreDecoderTest, GivesTheWordsOfTheSearchWhateverIsSearchedTogether) {
  const DecodingModel model{.package = package_, .frame_s = 0.5};
  std::mt19937 random(11);
  std::vector<ScoreMatrix> matrices;
  for (int i = 0; i < 700; ++i) {  // more than a GPU takes at once
    matrices.push_back(random_scores(random, static_cast<std::int64_t>(random() % 80)));
  }
  const std::vector<SessionEvent> events = decode(model, matrices);
  const auto search = make_cpu_beam_search(model.graph(), {});
  for (std::size_t i = 0; i < matrices.size(); ++i) {
    const ScoreMatrix& scores = matrices[i];
    std::string expected;
    if (scores.frame_count > 0) {
      const auto stream = search->open();
      const SearchInput input{stream.get(), {scores.values.data(), {scores.frame_count, kPdfs}}};
      search->advance({&input, 1});
      for (const PathStep& step : search->best_path(*stream, true).steps) {
        if (step.output == 0) continue;
        expected += (expected.empty() ? "" : " ") + package_->words.name(step.output);
      }
    }
    EXPECT_EQ(events[i].kind, EventKind::kFinal);
    EXPECT_EQ(events[i].text(), expected) << i;
    EXPECT_EQ(events[i].end_s, 0.5 * static_cast<double>(scores.frame_count));
  }
}

TEST_P(ScoreDecoderTest, TellsWhatIsAskedFor) {
  std::mt19937 random(3);
  const SessionOptions session{
      .confidences = true, .max_alternatives = 3, .lattice = true, .phones = true};
  const std::vector<SessionEvent> events =
      decode({.package = package_}, {random_scores(random, 40)}, session);
  ASSERT_FALSE(events[0].words.empty());
  EXPECT_TRUE(events[0].words[0].confidence.has_value());
  EXPECT_FALSE(events[0].words[0].phones.empty());
  EXPECT_EQ(events[0].alternatives.size(), 3U);
  EXPECT_EQ(joined_text(events[0].alternatives[0].words), events[0].text());
  EXPECT_NE(events[0].lattice.compact, nullptr);
}

TEST_P(ScoreDecoderTest, TakesThePenaltyFromTheBlank) {
  std::mt19937 random(5);
  ScoreMatrix scores = random_scores(random, 60);
  DecodingModel model{.package = package_};
  ScoreMatrix without = scores;
  for (std::size_t i = 0; i < without.values.size(); i += kPdfs) without.values[i] -= 2.5F;
  const std::string expected = decode(model, {without})[0].text();
  EXPECT_NE(decode(model, {scores})[0].text(), expected);
  model.blank_penalty = 2.5;
  EXPECT_EQ(decode(model, {scores})[0].text(), expected);
}

TEST_P(ScoreDecoderTest, SkippedFramesCountForTimes) {
  // Forty sure blanks, C, and three more blanks.
  ScoreMatrix scores{.frame_count = 44, .column_count = kPdfs};
  for (std::int64_t frame = 0; frame < 44; ++frame) {
    const std::vector<float> row =
        frame == 40 ? std::vector<float>{-9, -9, -9, 0} : std::vector<float>{0, -9, -9, -9};
    scores.values.insert(scores.values.end(), row.begin(), row.end());
  }
  DecodingModel model{.package = package_, .frame_s = 1.0};
  const SessionEvent all = decode(model, {scores})[0];
  model.blank_skip_threshold = 0.9;
  const SessionEvent skipped = decode(model, {scores})[0];
  EXPECT_EQ(all.text(), "THREE");
  EXPECT_EQ(skipped.words, all.words);
  EXPECT_EQ(skipped.end_s, 44.0);
}

TEST_P(ScoreDecoderTest, SkipsNothingWhereThereIsNoBlank) {
  GraphPackage package = *package_;
  package.frame_labels.topology = Topology::kOneState;
  const DecodingModel model{.package = std::make_shared<const GraphPackage>(package),
                            .blank_skip_threshold = 0.9};
  EXPECT_THROW(decode(model, {}), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(Devices, ScoreDecoderTest, ::testing::ValuesIn(available_devices()),
                         [](const auto& parameter) {
                           return parameter.param.kind == DeviceKind::kCpu
                                      ? std::string("cpu")
                                      : "cuda" + std::to_string(parameter.param.index);
                         });

}  // namespace
}  // namespace harpy

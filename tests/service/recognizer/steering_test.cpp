#include "service/recognizer/steering.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/recognizer/recognizer.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"
#include "tests/support/tone_sounds.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using harpy::testing::Sound;
using harpy::testing::sounds;

constexpr Sound kA = harpy::testing::kSoundA;
constexpr Sound kB = harpy::testing::kSoundB;

/// A recogniser of tones: the word AN is a tone A, AND a tone A and a tone B.
class SteeredSessions : public ::testing::Test {
 protected:
  SteeredSessions() {
    harpy::testing::write_tone_model(directory_.path());
    const auto backend = create_backend({});
    recognizer_.emplace(ModelPackage::load(*backend, directory_.path()), RecognizerOptions{});
  }

  std::vector<SessionEvent> recognize(const std::vector<float>& samples,
                                      const SessionOptions& options) {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<SessionEvent> events;
    const auto session = recognizer_->open(options, [&](const SessionEvent& event) {
      const std::lock_guard lock(mutex);
      events.push_back(event);
      changed.notify_all();
    });
    session->push(samples);
    session->finish();
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] {
      return !events.empty() &&
             (events.back().kind == EventKind::kEnd || events.back().kind == EventKind::kError);
    });
    return events;
  }

  std::vector<std::string> finals(const std::vector<Sound>& list, const SessionOptions& options) {
    std::vector<std::string> texts;
    for (const SessionEvent& event : recognize(sounds(list), options)) {
      EXPECT_NE(event.kind, EventKind::kError) << event.error;
      if (event.kind == EventKind::kFinal) texts.push_back(event.text());
    }
    return texts;
  }

  Recognizer& recognizer() { return *recognizer_; }

 private:
  harpy::testing::TemporaryDirectory directory_;
  std::optional<Recognizer> recognizer_;
};

TEST_F(SteeredSessions, HearOnlyWhatTheirGrammarAllows) {
  const std::vector<Sound> a_b{{0, 0.3}, kA, kB, {0, 0.3}};
  EXPECT_THAT(finals(a_b, {}), ElementsAre("AND"));
  EXPECT_THAT(finals(a_b, {.steering = {.phrase_list = {"and", "an"}}}), ElementsAre("AND"));
  const std::vector<std::string> an{"an", "[unk]"};
  EXPECT_THAT(finals(a_b, {.steering = {.phrase_list = an, .unknown_phone_cost = 3.0}}),
              ElementsAre("AN [unk]"));
  EXPECT_THAT(finals(a_b, {.steering = {.phrase_list = an, .unknown_phone_cost = 0.5}}),
              ElementsAre("[unk]"));
  const std::string rules = "#JSGF V1.0; grammar g; public <g> = an \"[unk]\" and;";
  EXPECT_THAT(finals({{0, 0.3}, kA, {0, 0.1}, kB, {0, 0.1}, kA, kB, {0, 0.3}},
                     {.endpoints = false, .steering = {.grammar = rules}}),
              ElementsAre("AN [unk] AND"));
}

TEST_F(SteeredSessions, HearNewWords) {
  const std::vector<Sound> b_a{{0, 0.3}, kB, {0, 0.1}, kA, {0, 0.1}, kA, {0, 0.3}};
  const SteeringRequest request{.new_words = {{"ban", "B A"}}, .new_word_cost = 1.0};
  const auto events = recognize(sounds(b_a), {.endpoints = false, .steering = request});
  const SessionEvent& last = events[events.size() - 2];
  EXPECT_EQ(last.text(), "BAN AN");
  ASSERT_EQ(last.words.size(), 2U);
  EXPECT_NEAR(last.words[0].start_s, 0.3, 0.06);
  EXPECT_NEAR(last.words[0].end_s, 0.8, 0.06);
  EXPECT_NEAR(last.words[1].start_s, 0.9, 0.06);
}

TEST_F(SteeredSessions, HearHotPhrasesMoreReadily) {
  // A tone B between two tones A is a word of its own or the end of the first.
  const std::vector<Sound> a_b{{0, 0.3}, kA, kB, {0, 0.3}};
  const SteeringRequest request{.new_words = {{"bee", "B"}}, .new_word_cost = 3.0};
  SteeringRequest boosted = request;
  boosted.hot_phrases = {{"an bee", 12.0}};
  EXPECT_THAT(finals(a_b, {.steering = request}), ElementsAre("AND"));
  EXPECT_THAT(finals(a_b, {.steering = boosted}), ElementsAre("AN BEE"));
}

TEST_F(SteeredSessions, PassOverWordsOfHintsThatTheModelCannotTake) {
  const std::vector<Sound> a_b{{0, 0.3}, kA, kB, {0, 0.3}};
  SteeringRequest request{.new_words = {{"bee", "B"}}, .new_word_cost = 3.0};
  request.hot_phrases = {{.text = "\xE2\x80\xA6 12!", .is_hint = true},
                         {.text = "", .is_hint = true},
                         {.text = "an x\xC3\xA9! bee", .boost = 12.0, .is_hint = true}};
  EXPECT_THAT(finals(a_b, {.steering = request}), ElementsAre("AN BEE"));
  SteeringRequest in_grammar{.phrase_list = {"an"}};
  in_grammar.hot_phrases = {{.text = "and", .is_hint = true}};
  EXPECT_THAT(finals({kA}, {.endpoints = false, .steering = in_grammar}), ElementsAre("AN"));
}

TEST_F(SteeredSessions, AreRefusedByNameAndOthersGoOn) {
  const auto fault = [&](const SteeringRequest& request) {
    const auto events = recognize(sounds({kA}), {.steering = request});
    EXPECT_EQ(events.size(), 1U);
    EXPECT_TRUE(events.back().is_refusal);
    return events.back().error;
  };
  EXPECT_THAT(fault({.phrase_list = {"  "}}), HasSubstr("phrase_list: "));
  EXPECT_THAT(fault({.phrase_list = {"an x\xC3\xA9!"}}), HasSubstr("\"x\xC3\xA9!\""));
  EXPECT_THAT(fault({.grammar = "#JSGF V1.0; grammar g; public <g> = an <g>;"}),
              HasSubstr("grammar: the rule <g> contains itself"));
  EXPECT_THAT(fault({.hot_phrases = {{"an", 1.0}, {"", 1.0}}}), HasSubstr("hot_phrases: \"\""));
  EXPECT_THAT(fault({.phrase_list = {"an"}, .hot_phrases = {{"and", 1.0}}}),
              HasSubstr("the word \"and\" is not in the grammar"));
  EXPECT_THAT(fault({.new_words = {{"x", "A Z"}}}), HasSubstr("the model has no phone \"Z\""));
  EXPECT_THAT(fault({.new_words = {{"a b", "A"}}}), HasSubstr("new_words: \"a b\": expected one"));
  EXPECT_THAT(finals({kA}, {}), ElementsAre("AN"));
  EXPECT_THROW(recognizer().prepare({.phrase_list = {" "}}), std::invalid_argument);
}

TEST_F(SteeredSessions, AreRefusedAtOnceWhereItCanBeSeen) {
  const auto open = [&](const SessionOptions& options) {
    recognizer().open(options, [](const SessionEvent&) {});
  };
  EXPECT_THROW(open({.steering = {.phrase_list = {"an"}, .grammar = "x"}}), std::invalid_argument);
  EXPECT_THROW(open({.steering = {.unknown_phone_cost = -1.0}}), std::invalid_argument);
  EXPECT_THROW(open({.steering = {.hot_phrases = {{"an", 21.0}}}}), std::invalid_argument);
  EXPECT_THROW(open({.steering = {.hot_phrases = {{"an", std::nan("")}}}}), std::invalid_argument);
  EXPECT_THROW(open({.steering = {.phrase_list = {std::string(2000, 'a')}}}),
               std::invalid_argument);
  EXPECT_THROW(open({.endpoint_times = {.end_s = 0.0}}), std::invalid_argument);
}

TEST_F(SteeredSessions, LoseNoWordAtTheEndsOfTheAudio) {
  EXPECT_THAT(finals({kA}, {}), ElementsAre("AN"));
  EXPECT_THAT(finals({kA, kB}, {}), ElementsAre("AND"));
  EXPECT_THAT(finals({kA, {0, 2.0}, kA, kB}, {}), ElementsAre("AN", "AND"));
  EXPECT_THAT(finals({kA, kB, {0, 2.0}, kA}, {.endpoint_times = {.end_s = 0.1}}),
              ElementsAre("AND", "AN"));
}

TEST_F(SteeredSessions, EndUtterancesWhenTheyAreToldTo) {
  const std::vector<Sound> list{{0, 0.3}, kA, kB, {0, 1.6}, kA, {0, 0.3}};
  EXPECT_THAT(finals(list, {}), ElementsAre("AND", "AN"));
  EXPECT_THAT(finals(list, {.endpoint_times = {.end_s = 2.0}}), ElementsAre("AND AN"));
}

TEST_F(SteeredSessions, TellWhenSpeechStarts) {
  std::vector<double> starts;
  for (const SessionEvent& event :
       recognize(sounds({{0, 0.6}, kA, {0, 1.7}, kA, kB}), {.speech_starts = true})) {
    if (event.kind == EventKind::kSpeechStart) starts.push_back(event.start_s);
  }
  ASSERT_EQ(starts.size(), 2U);
  EXPECT_NEAR(starts[0], 0.6, 0.06);
  EXPECT_NEAR(starts[1], 2.5, 0.06);
}

TEST_F(SteeredSessions, ShareWhatTheyAskFor) {
  SteeringMaker maker(recognizer().model().decoding()->package);
  const SteeringRequest request{.phrase_list = {"an"}};
  EXPECT_EQ(maker.make(request), maker.make(request));
  EXPECT_NE(maker.make(request), maker.make({.phrase_list = {"and"}}));
  EXPECT_FALSE(maker.make({})->search.graph);
}

}  // namespace
}  // namespace harpy

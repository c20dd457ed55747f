#include "tools/transcribe/pieces.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/service/transcript/made_utterance.hpp"

namespace harpy::tools {
namespace {

using ::testing::ElementsAre;

/// Words of 0.5 s, each behind its pause.
SessionEvent with_pauses(const std::vector<double>& pauses_s) {
  SessionEvent event;
  event.kind = EventKind::kFinal;
  double time_s = 0.0;
  for (const double pause_s : pauses_s) {
    const double start_s = time_s + pause_s;
    time_s = start_s + 0.5;
    event.words.push_back({std::to_string(event.words.size()), start_s, time_s});
  }
  event.end_s = time_s + 1.0;
  return event;
}

std::vector<std::string> texts_of(const std::vector<SessionEvent>& pieces) {
  std::vector<std::string> texts;
  for (const SessionEvent& piece : pieces) texts.push_back(piece.text());
  return texts;
}

TEST(Pieces, EndInTheMiddleOfPausesAndCoverTheUtterance) {
  const SessionEvent utterance = with_pauses({0.2, 0.1, 0.5, 0.1, 0.5, 0.1});
  const std::vector<SessionEvent> pieces = cut_at_pauses(utterance, 1.5);
  EXPECT_THAT(texts_of(pieces), ElementsAre("0 1", "2 3", "4 5"));
  EXPECT_EQ(pieces.front().start_s, utterance.start_s);
  EXPECT_EQ(pieces.back().end_s, utterance.end_s);
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    const double middle_s =
        (pieces[i - 1].words.back().end_s + pieces[i].words.front().start_s) / 2.0;
    EXPECT_NEAR(pieces[i].start_s, middle_s, 1e-9);
    EXPECT_EQ(pieces[i].start_s, pieces[i - 1].end_s);
    EXPECT_EQ(pieces[i].kind, EventKind::kFinal);
  }
}

TEST(Pieces, AreAsNearToTheLengthAsThePausesAllow) {
  const SessionEvent utterance = with_pauses({0.5, 0.5, 0.5, 0.5, 0.5, 0.5});  // 7 s
  EXPECT_THAT(texts_of(cut_at_pauses(utterance, 2.0)), ElementsAre("0 1", "2 3", "4 5"));
  EXPECT_THAT(texts_of(cut_at_pauses(utterance, 3.5)), ElementsAre("0 1 2", "3 4 5"));
  EXPECT_THAT(texts_of(cut_at_pauses(utterance, 20.0)), ElementsAre("0 1 2 3 4 5"));
}

TEST(Pieces, AreNotCutWithinSpeech) {
  const SessionEvent utterance = with_pauses({0.5, 0.2, 0.2, 0.2});
  EXPECT_THAT(texts_of(cut_at_pauses(utterance, 1.0)), ElementsAre("0 1 2 3"));
  EXPECT_EQ(cut_at_pauses({}, 1.0).size(), 1U);
}

}  // namespace
}  // namespace harpy::tools

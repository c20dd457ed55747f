#include "service/transcript/subtitles.hpp"

#include <random>

#include <gtest/gtest.h>

#include "tests/service/transcript/made_utterance.hpp"

namespace harpy {
namespace {

using harpy::testing::made_utterance;

std::vector<std::string> repeated(const std::string& word, int count) {
  return std::vector<std::string>(static_cast<std::size_t>(count), word);
}

TEST(Subtitles, AShortUtteranceIsOneCue) {
  const auto cues = make_cues(std::vector{made_utterance({"HELLO", "THERE", "FRIEND"}, 2.0)});
  EXPECT_EQ(cues, (std::vector<SubtitleCue>{{2000, 3200, {"HELLO THERE FRIEND"}}}));
}

TEST(Subtitles, LongLinesAreBrokenEvenly) {
  const auto cues = make_cues(std::vector{made_utterance(repeated("SEVENTY", 6), 0.0)});
  ASSERT_EQ(cues.size(), 1U);
  EXPECT_EQ(cues[0].lines,
            (std::vector<std::string>{"SEVENTY SEVENTY SEVENTY", "SEVENTY SEVENTY SEVENTY"}));
}

TEST(Subtitles, ACueEndsAtAPause) {
  SessionEvent utterance = made_utterance({"ONE", "TWO"}, 0.0);
  utterance.words.push_back({"THREE", 2.0, 2.4});
  const auto cues = make_cues(std::vector{utterance});
  ASSERT_EQ(cues.size(), 2U);
  EXPECT_EQ(cues[0].lines[0], "ONE TWO");
  EXPECT_EQ(cues[1].begin_ms, 2000);
}

TEST(Subtitles, AFullCueEndsAtTheLongestGapOfItsSecondHalf) {
  SessionEvent utterance = made_utterance(repeated("SEVENTY", 20), 0.0, 0.3);
  for (std::size_t index = 8; index < utterance.words.size(); ++index) {
    utterance.words[index].start_s += 0.4;
    utterance.words[index].end_s += 0.4;
  }
  const auto cues = make_cues(std::vector{utterance});
  ASSERT_EQ(cues.size(), 3U);  // of 8, 10 and 2 words
  EXPECT_EQ(cues[0].end_ms, 2400);
  EXPECT_EQ(cues[1].begin_ms, 2800);
}

TEST(Subtitles, ShortCuesStayUnlessTheNextComes) {
  const auto cues =
      make_cues(std::vector{made_utterance({"A"}, 1.0, 0.1), made_utterance({"B"}, 1.5, 0.1),
                            made_utterance({"C"}, 9.0, 0.1)});
  ASSERT_EQ(cues.size(), 3U);
  EXPECT_EQ(cues[0].end_ms, 1500);
  EXPECT_EQ(cues[1].end_ms, 2500);
  EXPECT_EQ(cues[2].end_ms, 10000);
}

TEST(Subtitles, AWordLongerThanALineStandsAlone) {
  const std::string longest(60, 'W');
  const auto cues = make_cues(std::vector{made_utterance({"A", longest, "B"}, 0.0)});
  std::string all;
  for (const SubtitleCue& cue : cues) {
    EXPECT_LE(cue.lines.size(), 2U);
    for (const std::string& line : cue.lines) {
      EXPECT_TRUE(line.size() <= 42 || line == longest) << line;
      all += line + " ";
    }
  }
  EXPECT_EQ(all, "A " + longest + " B ");
}

TEST(Subtitles, CuesOfAnyWordsKeepTheLimitsAndLoseNothing) {
  std::mt19937 random(11);
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  for (int round = 0; round < 50; ++round) {
    std::vector<SessionEvent> utterances;
    std::string said;
    double now_s = 0.0;
    for (int u = 0; u < 5; ++u) {
      SessionEvent utterance;
      for (auto count = 1 + random() % 60; count > 0; --count) {
        const std::string word(1 + random() % 12, 'X');
        const double end_s = now_s + uniform(0.0, 0.6);
        utterance.words.push_back({word, now_s, end_s});
        said += word + " ";
        now_s = end_s + (random() % 4 == 0 ? uniform(0.0, 2.0) : 0.0);
      }
      utterances.push_back(utterance);
    }
    std::string shown;
    std::int64_t last_end_ms = 0;
    for (const SubtitleCue& cue : make_cues(utterances)) {
      EXPECT_GE(cue.begin_ms, last_end_ms);
      EXPECT_GT(cue.end_ms, cue.begin_ms);
      EXPECT_LE(cue.end_ms - cue.begin_ms, 7000);
      EXPECT_TRUE(cue.lines.size() == 1 || cue.lines.size() == 2);
      for (const std::string& line : cue.lines) {
        EXPECT_LE(line.size(), 42U);
        shown += line + " ";
      }
      last_end_ms = cue.end_ms;
    }
    EXPECT_EQ(shown, said);
  }
}

TEST(Subtitles, SubRipHasNumbersCommasAndNoArrowInItsText) {
  const std::vector<SubtitleCue> cues{{500, 1300, {"A --> B", "<C> & D"}},
                                      {3661250, 360000001, {"E"}}};
  EXPECT_EQ(srt_text(cues),
            "1\n00:00:00,500 --> 00:00:01,300\nA -> B\n<C> & D\n\n"
            "2\n01:01:01,250 --> 100:00:00,001\nE\n\n");
  EXPECT_EQ(srt_text({}), "");
}

TEST(Subtitles, WebVttEscapesItsText) {
  const std::vector<SubtitleCue> cues{{500, 1300, {"A --> B", "<C> & &amp;"}}};
  EXPECT_EQ(
      vtt_text(cues),
      "WEBVTT\n\n1\n00:00:00.500 --> 00:00:01.300\nA --&gt; B\n&lt;C&gt; &amp; &amp;amp;\n\n");
  EXPECT_EQ(vtt_text({}), "WEBVTT\n\n");
}

TEST(Subtitles, LinesAreMeasuredInCharactersNotInBytes) {
  const auto cues = make_cues(
      std::vector{made_utterance(repeated("\xC3\x84\xC3\x96\xC3\x9C\xC3\x84\xC3\x96", 7), 0.0)});
  ASSERT_EQ(cues.size(), 1U);
  EXPECT_EQ(cues[0].lines.size(), 1U);
}

}  // namespace
}  // namespace harpy

#include "tools/score/score_report.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace harpy::tools {
namespace {

const std::map<std::string, ScoredText> kReferences{
    {"a", {"ONE TWO", "s1"}}, {"b", {"TWO", "s2"}}, {"c", {"THREE FOUR", "s1"}}};
const std::map<std::string, ScoredText> kHypotheses{{"a", {"ONE THREE", ""}}, {"b", {"A TWO", ""}}};

TEST(ScoreReport, CountsBySpeakerAndInAll) {
  const ScoreReport report = make_score_report(kReferences, kHypotheses, ScoreUnit::kWords);
  EXPECT_EQ(report.total.counts, (ErrorCounts{5, 1, 2, 1}));
  EXPECT_EQ(report.total.counts.correct(), 2);
  EXPECT_EQ(report.total.missing, 1U);
  EXPECT_EQ(report.total.wrong, 3U);
  EXPECT_EQ(report.speakers.at("s1").counts, (ErrorCounts{4, 1, 2, 0}));
  EXPECT_EQ(report.speakers.at("s2").counts, (ErrorCounts{1, 0, 0, 1}));
  EXPECT_THROW(make_score_report({}, kHypotheses, ScoreUnit::kWords), std::invalid_argument);
}

TEST(ScoreReport, CountsCharactersWithTheSpacesBetweenWords) {
  const ScoreReport report = make_score_report({{"a", {"\xC3\x84 B", ""}}},
                                               {{"a",
                                                 {"\xC3\x84"
                                                  "B",
                                                  ""}}},
                                               ScoreUnit::kCharacters);
  EXPECT_EQ(report.total.counts, (ErrorCounts{3, 0, 1, 0}));
}

TEST(ScoreReport, TextsAreInColumns) {
  const ScoreReport report = make_score_report(kReferences, kHypotheses, ScoreUnit::kWords);
  EXPECT_EQ(speaker_table(report),
            "speaker utterances     words   correct     sub     del     ins   WER % wrong %\n"
            "s1               2         4         1       1       2       0   75.00  100.00\n"
            "s2               1         1         1       0       0       1  100.00  100.00\n"
            "all              3         5         2       1       2       1   80.00  100.00\n");
  EXPECT_EQ(total_text(report),
            "total WER 80.00 % (4 errors in 5: 1 sub, 2 del, 1 ins)\n"
            "3 utterances, 3 with errors, 1 without a hypothesis\n");
  EXPECT_EQ(alignment_text(report.utterances[0]), "a\nREF: ONE TWO  \nHYP: ONE THREE\n");
  EXPECT_EQ(alignment_text(report.utterances[1]), "b\nREF: * TWO\nHYP: A TWO\n");
}

TEST(ScoreReport, SaysThatTextsWereNormalised) {
  ScoreReport report = make_score_report(kReferences, kHypotheses, ScoreUnit::kWords);
  report.normalisation = "english";
  const boost::json::value document = json_report(report, false);
  EXPECT_EQ(document.at("normalised"), true);
  EXPECT_EQ(document.at("normalisation_table"), "english");
  EXPECT_TRUE(total_text(report).ends_with("\ntexts normalised by english\n"));
}

TEST(ScoreReport, JsonHasTotalSpeakersAndUtterances) {
  const ScoreReport report = make_score_report(kReferences, kHypotheses, ScoreUnit::kWords);
  const boost::json::value document = json_report(report, true);
  EXPECT_EQ(document.at("measure"), "WER");
  EXPECT_EQ(document.at("total").at("error_rate_percent"), 80.0);
  EXPECT_EQ(document.at("total").at("words"), 5);
  EXPECT_EQ(document.at("speakers").at(1).at("insertions"), 1);
  EXPECT_EQ(document.at("utterances").at(1).at("alignment"),
            boost::json::parse(R"([[null, "A"], ["TWO", "TWO"]])"));
  EXPECT_EQ(document.at("utterances").at(2).at("missing"), true);
  EXPECT_EQ(document.at("normalised"), false);
  const boost::json::value plain = json_report(report, false);
  EXPECT_FALSE(plain.at("utterances").at(0).as_object().contains("alignment"));
}

}  // namespace
}  // namespace harpy::tools

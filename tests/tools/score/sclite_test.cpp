// The counts of the score command beside those of NIST's sclite (Debian's package sctk).
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"
#include "tools/score/score_report.hpp"

namespace harpy::tools {
namespace {

namespace fs = std::filesystem;

const fs::path kSclite = "/usr/lib/sctk/bin/sclite";

using Texts = std::map<std::string, ScoredText>;

/// sclite's counts by speaker, from its table of raw numbers.
std::map<std::string, ErrorCounts> sclite_counts(const Texts& references, const Texts& hypotheses) {
  const harpy::testing::TemporaryDirectory directory;
  const auto write = [&](const std::string& name, const Texts& texts) {
    std::ofstream stream(directory.path() / name);
    for (const auto& [id, transcript] : texts) stream << transcript.text << " (" << id << ")\n";
  };
  write("ref.trn", references);
  write("hyp.trn", hypotheses);
  const std::string command =
      "cd " + directory.path().string() + " && " + kSclite.string() +
      " -s -i spu_id -r ref.trn trn -h hyp.trn trn -o rsum stdout >table 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::ifstream table(directory.path() / "table");
  std::map<std::string, ErrorCounts> found;
  for (std::string line; std::getline(table, line);) {
    for (char& letter : line) {
      if (letter == '|') letter = ' ';
    }
    std::istringstream fields(line);
    std::string speaker;
    std::int64_t sentences = 0;
    std::int64_t correct = 0;
    ErrorCounts counts;
    if (fields >> speaker >> sentences >> counts.reference_words >> correct >>
        counts.substitutions >> counts.deletions >> counts.insertions) {
      EXPECT_EQ(counts.correct(), correct) << line;
      found[speaker == "Sum" ? "" : speaker] = counts;
    }
  }
  return found;
}

/// Speakers and all of them under the empty name must have equal counts.
void expect_equal_counts(const Texts& references, const Texts& hypotheses) {
  const ScoreReport report = make_score_report(references, hypotheses, ScoreUnit::kWords);
  const auto expected = sclite_counts(references, hypotheses);
  ASSERT_EQ(expected.size(), report.speakers.size() + 1);
  const auto told = [](const ErrorCounts& counts) {
    return std::vector{counts.reference_words, counts.substitutions, counts.deletions,
                       counts.insertions};
  };
  EXPECT_EQ(told(report.total.counts), told(expected.at("")));
  for (const auto& [speaker, sum] : report.speakers) {
    ASSERT_TRUE(expected.contains(speaker)) << speaker;
    EXPECT_EQ(told(sum.counts), told(expected.at(speaker))) << speaker;
  }
}

TEST(Sclite, CountsOfRandomTextsAreEqual) {
  if (!fs::exists(kSclite)) GTEST_SKIP() << "needs the package sctk";
  std::mt19937 random(23);
  Texts references;
  Texts hypotheses;
  for (int utterance = 0; utterance < 400; ++utterance) {
    const std::string speaker = std::to_string(utterance % 7);
    const std::string id = speaker + "-" + std::to_string(utterance);
    const auto vocabulary = 2 + random() % 6;  // few words: many alignments of equal weight
    const auto draw = [&](std::size_t least) {
      std::string text;
      for (auto count = least + random() % 25; count > 0; --count) {
        if (!text.empty()) text += ' ';
        text += static_cast<char>('a' + random() % vocabulary);
      }
      return text;
    };
    references[id] = {draw(1), speaker};
    hypotheses[id] = {draw(0), ""};
  }
  expect_equal_counts(references, hypotheses);
}

TEST(Sclite, CountsOfNearlyRightTextsAreEqual) {
  if (!fs::exists(kSclite)) GTEST_SKIP() << "needs the package sctk";
  std::mt19937 random(29);
  Texts references;
  Texts hypotheses;
  for (int utterance = 0; utterance < 100; ++utterance) {
    const std::string speaker = std::to_string(utterance % 3);
    const std::string id = speaker + "-" + std::to_string(utterance);
    std::string reference;
    std::string hypothesis;
    for (auto count = 20 + random() % 60; count > 0; --count) {
      const auto word = [&] { return std::to_string(random() % 300).append(" "); };
      const std::string said = word();
      reference += said;
      const auto chance = random() % 10;
      if (chance != 0) hypothesis += chance == 1 ? word() : said;
      if (chance == 2) hypothesis += word();
    }
    references[id] = {reference, speaker};
    hypotheses[id] = {hypothesis, ""};
  }
  expect_equal_counts(references, hypotheses);
}

}  // namespace
}  // namespace harpy::tools

#pragma once

#include <map>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "tools/score/scored_texts.hpp"
#include "tools/score/word_errors.hpp"

namespace harpy::tools {

/// What errors are counted in.
enum class ScoreUnit { kWords, kCharacters };

/// The errors of several utterances.
struct ScoreSum {
  ErrorCounts counts;
  std::size_t utterances = 0;
  std::size_t wrong = 0;    ///< utterances with errors
  std::size_t missing = 0;  ///< utterances without a hypothesis, which count as empty

  ScoreSum& operator+=(const ScoreSum& other);
};

/// One utterance beside its reference.
struct UtteranceScore {
  std::string id;
  std::string speaker;  ///< empty where the reference names none
  std::vector<std::string> reference;
  std::vector<std::string> hypothesis;
  ScoreSum sum;
};

/// Hypotheses beside their references.
struct ScoreReport {
  ScoreUnit unit = ScoreUnit::kWords;
  std::string
      normalisation;  ///< the table by which the texts were normalised; empty: they were not
  std::vector<UtteranceScore> utterances;
  std::map<std::string, ScoreSum> speakers;
  ScoreSum total;
};

/// Aligns and counts. Errors: std::invalid_argument for a hypothesis without a reference.
ScoreReport make_score_report(const std::map<std::string, ScoredText>& references,
                              const std::map<std::string, ScoredText>& hypotheses, ScoreUnit unit);

/// Reference and hypothesis of an utterance in columns.
std::string alignment_text(const UtteranceScore& utterance);
/// A line a speaker and one for all, in columns.
std::string speaker_table(const ScoreReport& report);
/// The last lines of a report for readers: rate and counts of all utterances.
std::string total_text(const ScoreReport& report);
/// The report as docs/formats.md describes it; with `alignments` each utterance's too.
boost::json::object json_report(const ScoreReport& report, bool alignments);

}  // namespace harpy::tools

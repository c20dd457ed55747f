#include "tools/score/score_report.hpp"

#include <algorithm>
#include <stdexcept>

#include <boost/json.hpp>

#include "models/files/escaped_text.hpp"
#include "models/files/printed.hpp"
#include "models/files/utf8.hpp"
#include "service/json/json_text.hpp"

namespace harpy::tools {

namespace {

std::string measure_name(ScoreUnit unit) { return unit == ScoreUnit::kWords ? "WER" : "CER"; }

std::string speaker_name(const std::string& speaker) {
  return speaker.empty() ? "(unknown)" : escape_for_line(speaker);
}

std::string table_row(const std::string& name, std::size_t width, const ScoreSum& sum) {
  const ErrorCounts& counts = sum.counts;
  const std::string numbers = printed(
      " %10zu %9lld %9lld %7lld %7lld %7lld %7.2f %7.2f\n", sum.utterances,
      static_cast<long long>(counts.reference_words), static_cast<long long>(counts.correct()),
      static_cast<long long>(counts.substitutions), static_cast<long long>(counts.deletions),
      static_cast<long long>(counts.insertions), counts.error_rate_percent(),
      100.0 * static_cast<double>(sum.wrong) /
          static_cast<double>(std::max<std::size_t>(1, sum.utterances)));
  return name + std::string(width - count_characters(name), ' ') + numbers;
}

void add_counts(boost::json::object& object, const ScoreUnit unit, const ErrorCounts& counts) {
  object[unit == ScoreUnit::kWords ? "words" : "characters"] = counts.reference_words;
  object["correct"] = counts.correct();
  object["substitutions"] = counts.substitutions;
  object["deletions"] = counts.deletions;
  object["insertions"] = counts.insertions;
  object["error_rate_percent"] = rounded(counts.error_rate_percent(), 3);
}

void add_sum(boost::json::object& object, const ScoreUnit unit, const ScoreSum& sum) {
  object["utterances"] = sum.utterances;
  object["wrong_utterances"] = sum.wrong;
  object["missing_utterances"] = sum.missing;
  add_counts(object, unit, sum.counts);
}

/// Pairs [reference, hypothesis]; null for the missing side.
boost::json::array json_alignment(const UtteranceScore& utterance) {
  const auto side = [](std::string_view word) -> boost::json::value {
    if (word.empty()) return nullptr;
    return boost::json::string(word);
  };
  boost::json::array pairs;
  for (const Edit& edit : align_words(utterance.reference, utterance.hypothesis)) {
    boost::json::array pair;
    pair.push_back(side(edit.reference));
    pair.push_back(side(edit.hypothesis));
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

}  // namespace

ScoreSum& ScoreSum::operator+=(const ScoreSum& other) {
  counts += other.counts;
  utterances += other.utterances;
  wrong += other.wrong;
  missing += other.missing;
  return *this;
}

ScoreReport make_score_report(const std::map<std::string, ScoredText>& references,
                              const std::map<std::string, ScoredText>& hypotheses, ScoreUnit unit) {
  for (const auto& [id, transcript] : hypotheses) {
    if (!references.contains(id)) {
      throw std::invalid_argument("the utterance \"" + id + "\" is not in");
    }
  }
  const auto split = [unit](const std::string& text) {
    return unit == ScoreUnit::kWords ? split_words(text) : split_characters(text);
  };
  ScoreReport report{.unit = unit};
  for (const auto& [id, reference] : references) {
    const auto hypothesis = hypotheses.find(id);
    UtteranceScore score{
        .id = id, .speaker = reference.speaker, .reference = split(reference.text)};
    if (hypothesis != hypotheses.end()) score.hypothesis = split(hypothesis->second.text);
    const ErrorCounts counts = count_errors(align_words(score.reference, score.hypothesis));
    score.sum = {.counts = counts,
                 .utterances = 1,
                 .wrong = counts.errors() > 0 ? 1U : 0U,
                 .missing = hypothesis == hypotheses.end() ? 1U : 0U};
    report.speakers[score.speaker] += score.sum;
    report.total += score.sum;
    report.utterances.push_back(std::move(score));
  }
  return report;
}

std::string alignment_text(const UtteranceScore& utterance) {
  std::string reference = "REF:";
  std::string hypothesis = "HYP:";
  for (const Edit& edit : align_words(utterance.reference, utterance.hypothesis)) {
    const std::size_t width =
        std::max(count_characters(edit.reference), count_characters(edit.hypothesis));
    const auto cell = [&](std::string_view word) {
      const char filler = word.empty() ? '*' : ' ';
      return " " + std::string(word) + std::string(width - count_characters(word), filler);
    };
    reference += cell(edit.reference);
    hypothesis += cell(edit.hypothesis);
  }
  return escape_for_line(utterance.id) + "\n" + reference + "\n" + hypothesis + "\n";
}

std::string speaker_table(const ScoreReport& report) {
  std::size_t width = count_characters("speaker");
  for (const auto& [speaker, sum] : report.speakers) {
    width = std::max(width, count_characters(speaker_name(speaker)));
  }
  const std::string rate = measure_name(report.unit) + " %";
  const std::string head = printed(" %10s %9s %9s %7s %7s %7s %7s %7s\n", "utterances",
                                   report.unit == ScoreUnit::kWords ? "words" : "letters",
                                   "correct", "sub", "del", "ins", rate.c_str(), "wrong %");
  std::string table = "speaker" + std::string(width - 7, ' ') + head;
  for (const auto& [speaker, sum] : report.speakers) {
    table += table_row(speaker_name(speaker), width, sum);
  }
  return table + table_row("all", width, report.total);
}

std::string total_text(const ScoreReport& report) {
  const ErrorCounts& counts = report.total.counts;
  const std::string text = printed(
      "total %s %.2f %% (%lld errors in %lld: %lld sub, %lld del, %lld ins)\n"
      "%zu utterances, %zu with errors, %zu without a hypothesis\n",
      measure_name(report.unit).c_str(), counts.error_rate_percent(),
      static_cast<long long>(counts.errors()), static_cast<long long>(counts.reference_words),
      static_cast<long long>(counts.substitutions), static_cast<long long>(counts.deletions),
      static_cast<long long>(counts.insertions), report.total.utterances, report.total.wrong,
      report.total.missing);
  const std::string& table = report.normalisation;
  return text +
         (table.empty() ? std::string() : "texts normalised by " + escape_for_line(table) + "\n");
}

boost::json::object json_report(const ScoreReport& report, bool alignments) {
  boost::json::object document{{"measure", measure_name(report.unit)}};
  document["normalised"] = !report.normalisation.empty();
  if (!report.normalisation.empty()) {
    document["normalisation_table"] = escape_invalid_utf8(report.normalisation);
  }
  boost::json::object total;
  add_sum(total, report.unit, report.total);
  document["total"] = std::move(total);
  boost::json::array speakers;
  for (const auto& [name, sum] : report.speakers) {
    boost::json::object speaker{{"speaker", name}};
    add_sum(speaker, report.unit, sum);
    speakers.push_back(std::move(speaker));
  }
  document["speakers"] = std::move(speakers);
  boost::json::array utterances;
  for (const UtteranceScore& score : report.utterances) {
    boost::json::object utterance{{"id", score.id}, {"speaker", score.speaker}};
    utterance["missing"] = score.sum.missing > 0;
    add_counts(utterance, report.unit, score.sum.counts);
    if (alignments) utterance["alignment"] = json_alignment(score);
    utterances.push_back(std::move(utterance));
  }
  document["utterances"] = std::move(utterances);
  return document;
}

}  // namespace harpy::tools

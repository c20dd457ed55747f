#include "tools/lattice/lattice_report.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <vector>

#include "decoder/lattice/confusion_network.hpp"
#include "decoder/lattice/n_best.hpp"
#include "decoder/lattice/oracle.hpp"
#include "models/files/printed.hpp"
#include "tools/score/word_errors.hpp"

namespace harpy::tools {

namespace {

/// The id of words of references that no lattice has.
constexpr std::int32_t kUnknownWord = -1;
constexpr double kOraclePercent = 100.0;

std::string joined(std::span<const std::int32_t> words, const SymbolTable& names) {
  std::string text;
  for (const std::int32_t word : words) text += " " + names.name(word);
  return text;
}

void count_in(LatticeSummary& summary, const CompactLattice& lattice) {
  ++summary.utterances;
  summary.states += static_cast<std::int64_t>(lattice.states().size());
  summary.arcs += static_cast<std::int64_t>(lattice.arcs().size());
  std::int64_t frames = 0;
  for (const CompactLatticeState& state : lattice.states()) {
    const auto rest = static_cast<std::int64_t>(lattice.labels(state.final).size());
    frames = std::max(frames, state.frame + rest);
  }
  for (const CompactLatticeArc& arc : lattice.arcs()) {
    summary.crossing_arcs += static_cast<std::int64_t>(lattice.labels(arc.weight).size());
  }
  summary.frames += frames;
  summary.words += static_cast<std::int64_t>(best_path(lattice).words.size());
}

/// A lattice that has these paths side by side.
CompactLattice side_by_side(std::span<const LatticePath> paths) {
  std::vector<CompactLatticeState> states(1);
  std::vector<CompactLatticeArc> arcs;
  for (const LatticePath& path : paths) {
    if (path.words.empty()) states[0].final = {path.cost, 0.0};
  }
  std::uint32_t state_count = 1;
  std::vector<CompactLatticeArc> later;
  for (const LatticePath& path : paths) {
    std::uint32_t from = 0;
    for (std::size_t i = 0; i < path.words.size(); ++i) {
      const std::uint32_t to = state_count++;
      states.emplace_back();
      (i == 0 ? arcs : later).push_back({from, to, path.words[i], {}});
      from = to;
    }
    if (!path.words.empty()) states[from].final = {path.cost, 0.0};
  }
  arcs.insert(arcs.end(), later.begin(), later.end());
  return {std::move(states), std::move(arcs), {}};
}

}  // namespace

double LatticeSummary::density() const {
  return frames == 0 ? 0.0 : static_cast<double>(crossing_arcs) / static_cast<double>(frames);
}

LatticeSummary summarise(const LatticeFile& file) {
  LatticeSummary summary;
  for (const NamedLattice& utterance : file.lattices) count_in(summary, utterance.lattice);
  return summary;
}

std::string summary_text(const LatticeFile& file) {
  std::string text;
  for (const NamedLattice& utterance : file.lattices) {
    const LatticePath best = best_path(utterance.lattice);
    text += utterance.id + " states " + std::to_string(utterance.lattice.states().size()) +
            " arcs " + std::to_string(utterance.lattice.arcs().size()) + " cost " +
            printed("%.3f", best.cost) + joined(best.words, file.words) + "\n";
  }
  const LatticeSummary all = summarise(file);
  return text + std::to_string(all.utterances) + " lattices, " + std::to_string(all.states) +
         " states, " + std::to_string(all.arcs) + " arcs, " + printed("%.2f", all.density()) +
         " arcs over a frame\n";
}

std::string n_best_text(const LatticeFile& file, std::size_t count) {
  std::string text;
  for (const NamedLattice& utterance : file.lattices) {
    std::size_t rank = 0;
    for (const LatticePath& path : n_best(utterance.lattice, count)) {
      text += utterance.id + "-" + std::to_string(++rank) + " " + printed("%.4f", path.cost) +
              joined(path.words, file.words) + "\n";
    }
  }
  return text;
}

std::string words_text(const LatticeFile& file, const ConfidenceScale& scale) {
  std::string text;
  for (const NamedLattice& utterance : file.lattices) {
    const std::vector<std::int32_t> words = best_path(utterance.lattice).words;
    const std::vector<double> confidences = word_confidences(utterance.lattice, words, scale);
    text += utterance.id;
    for (std::size_t i = 0; i < words.size(); ++i) {
      text += " " + file.words.name(words[i]) + printed(" %.6f", confidences[i]);
    }
    text += "\n";
  }
  return text;
}

std::string least_risk_text(const LatticeFile& file, double scale) {
  std::string text;
  for (const NamedLattice& utterance : file.lattices) {
    text += utterance.id + joined(minimum_bayes_risk(utterance.lattice, scale).words, file.words);
    text += "\n";
  }
  return text;
}

std::string confusion_text(const LatticeFile& file, double scale) {
  std::string text;
  for (const NamedLattice& utterance : file.lattices) {
    for (const auto& place : minimum_bayes_risk(utterance.lattice, scale).places) {
      if (place.empty() || (place.size() == 1 && place[0].word == 0)) continue;
      const auto likeliest =
          std::ranges::find_if(place, [](const ConfusedWord& word) { return word.word != 0; });
      text += utterance.id + printed(" %.1f %.1f", likeliest->begin_frame, likeliest->end_frame);
      for (const ConfusedWord& word : place) {
        text += " " + file.words.name(word.word) + printed(" %.4f", word.probability);
      }
      text += "\n";
    }
  }
  return text;
}

double OracleErrors::error_rate_percent() const {
  return reference_words == 0
             ? 0.0
             : kOraclePercent * static_cast<double>(errors) / static_cast<double>(reference_words);
}

OracleErrors oracle_errors(const LatticeFile& file, const std::map<std::string, ScoredText>& texts,
                           std::size_t best_count) {
  OracleErrors sums;
  std::set<std::string> met;
  for (const NamedLattice& utterance : file.lattices) {
    const auto text = texts.find(utterance.id);
    if (text == texts.end()) {
      throw std::runtime_error("utterance \"" + utterance.id + "\" has no reference");
    }
    met.insert(utterance.id);
    std::vector<std::int32_t> reference;
    for (const std::string& word : split_words(text->second.text)) {
      reference.push_back(file.words.find(word).value_or(kUnknownWord));
    }
    const OraclePath path =
        best_count == 0
            ? oracle_path(utterance.lattice, reference)
            : oracle_path(side_by_side(n_best(utterance.lattice, best_count)), reference);
    sums.errors += path.errors;
  }
  for (const auto& [id, text] : texts) {
    const auto word_count = static_cast<std::int64_t>(split_words(text.text).size());
    sums.reference_words += word_count;
    ++sums.utterances;
    if (met.contains(id)) continue;
    ++sums.missing;
    sums.errors += word_count;
  }
  return sums;
}

}  // namespace harpy::tools

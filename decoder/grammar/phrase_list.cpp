#include "decoder/grammar/phrase_list.hpp"

#include <cmath>
#include <cstddef>
#include <map>
#include <sstream>
#include <stdexcept>

namespace harpy {

namespace {

/// Taken from each count of a word pair and given to pairs that were not seen; Vosk's value.
constexpr double kDiscount = 0.5;
/// In the place of a word: the beginning of a phrase in front, its end behind.
constexpr std::int32_t kBoundary = 0;

/// How often words follow words, the boundary among them.
struct PairCounts {
  std::map<std::int32_t, std::map<std::int32_t, double>> followers;
  std::map<std::int32_t, double> singles;
  double total = 0.0;

  void add(std::int32_t before, std::int32_t word) {
    followers[before][word] += 1.0;
    singles[word] += 1.0;
    total += 1.0;
  }
};

float cost_of_probability(double probability) { return static_cast<float>(-std::log(probability)); }

}  // namespace

WordGrammar make_phrase_grammar(std::span<const std::string> phrases) {
  WordGrammar grammar;
  PairCounts counts;
  for (const std::string& phrase : phrases) {
    std::istringstream words(phrase);
    std::int32_t before = kBoundary;
    for (std::string name; words >> name;) {
      const std::int32_t word = grammar.word(name);
      counts.add(before, word);
      before = word;
    }
    if (before != kBoundary) counts.add(before, kBoundary);
  }
  if (counts.total == 0.0) throw std::invalid_argument("expected at least one word, got none");

  // A state behind each word, that of the boundary being the start, and one of no history.
  for (std::int32_t word = 0; word < grammar.words.size(); ++word) grammar.add_state();
  const std::int32_t no_history = grammar.add_state();
  grammar.graph.start = kBoundary;
  const auto add = [&](std::int32_t history, std::int32_t word, double probability) {
    const float cost = cost_of_probability(probability);
    if (word == kBoundary) {
      grammar.graph.final_costs[static_cast<std::size_t>(history)] = cost;
    } else {
      grammar.add_arc(history, word, word, cost);
    }
  };
  for (const auto& [word, count] : counts.singles) add(no_history, word, count / counts.total);
  for (const auto& [before, followers] : counts.followers) {
    double total = 0.0;
    for (const auto& [word, count] : followers) total += count;
    const double rest = kDiscount * static_cast<double>(followers.size()) / total;
    for (const auto& [word, count] : followers) {
      add(before, word,
          (count - kDiscount) / total + rest * counts.singles.at(word) / counts.total);
    }
    grammar.add_arc(before, no_history, 0, cost_of_probability(rest));
  }
  return grammar;
}

}  // namespace harpy

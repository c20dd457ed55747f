#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decoder/graph/decoding_graph.hpp"
#include "decoder/graph/lexicon.hpp"
#include "decoder/language_model/ngram_model.hpp"

namespace harpy::testing {

/// Least cost of each word sequence.
using WordCosts = std::map<std::vector<std::string>, double>;

inline void keep_least(WordCosts& costs, const std::vector<std::string>& words, double cost) {
  const auto [found, is_new] = costs.emplace(words, cost);
  if (!is_new) found->second = std::min(found->second, cost);
}

/// What is left of the labels of frames without repetitions and blanks (0).
inline std::vector<std::int32_t> collapse(std::span<const std::int32_t> frames) {
  std::vector<std::int32_t> labels;
  for (std::size_t t = 0; t < frames.size(); ++t) {
    if (frames[t] != 0 && (t == 0 || frames[t] != frames[t - 1])) labels.push_back(frames[t]);
  }
  return labels;
}

/// Least cost of predicting `words` (ended by </s>) after `context`, backing off anywhere.
inline double least_model_cost(const NgramModel& model, std::vector<WordId> context,
                               std::span<const WordId> words) {
  if (words.empty()) return 0.0;
  const auto longest = static_cast<std::size_t>(model.order()) - 1;
  if (context.size() > longest) {
    context.erase(context.begin(), context.end() - static_cast<std::ptrdiff_t>(longest));
  }
  double least = kInfiniteCost;
  std::vector<WordId> ngram = context;
  ngram.push_back(words[0]);
  if (const auto index = model.find(ngram)) {
    const double cost = -model.level(static_cast<int>(ngram.size())).log_probabilities[*index];
    least = cost + least_model_cost(model, ngram, words.subspan(1));
  }
  if (!context.empty()) {
    const auto index = model.find(context);
    const double cost =
        index ? -model.level(static_cast<int>(context.size())).log_backoffs[*index] : 0.0;
    context.erase(context.begin());
    least = std::min(least, cost + least_model_cost(model, context, words));
  }
  return least;
}

inline double least_model_cost(const NgramModel& model, const std::vector<std::string>& words) {
  std::vector<WordId> ids;
  for (const std::string& word : words) ids.push_back(model.vocabulary().find(word));
  ids.push_back(model.vocabulary().sentence_end());
  return least_model_cost(model, {model.vocabulary().sentence_start()}, ids);
}

/// Costs of all word sequences that the labels of frames can mean, without any graph.
inline WordCosts expected_costs(const Lexicon& lexicon, const NgramModel& model,
                                std::span<const std::int32_t> frames) {
  const std::vector<std::int32_t> labels = collapse(frames);
  WordCosts costs;
  std::vector<std::string> words;
  const std::function<void(std::size_t)> extend = [&](std::size_t begin) {
    if (begin == labels.size()) {
      const double cost = least_model_cost(model, words);
      if (cost < kInfiniteCost) keep_least(costs, words, cost);
      return;
    }
    for (const std::string& word : lexicon.words()) {
      if (model.vocabulary().find(word) == kNoWord) continue;
      for (const Lexicon::Pronunciation& pronunciation : lexicon.pronunciations(word)) {
        if (begin + pronunciation.size() > labels.size() ||
            !std::equal(pronunciation.begin(), pronunciation.end(),
                        labels.begin() + static_cast<std::ptrdiff_t>(begin))) {
          continue;
        }
        words.push_back(word);
        extend(begin + pronunciation.size());
        words.pop_back();
      }
    }
  };
  extend(0);
  return costs;
}

/// Costs of all word sequences of the paths of a graph through the labels of frames.
inline WordCosts graph_costs(const GraphView& graph, const SymbolTable& words,
                             std::span<const std::int32_t> frames) {
  WordCosts costs;
  std::vector<std::string> output;
  const std::function<void(std::int32_t, std::size_t, double)> walk = [&](std::int32_t state,
                                                                          std::size_t frame,
                                                                          double cost) {
    if (frame == frames.size() && graph.final_cost[state] < kInfiniteCost) {
      keep_least(costs, output, cost + graph.final_cost[state]);
    }
    for (std::uint32_t i = graph.arc_begin[state]; i < graph.arc_begin[state + 1]; ++i) {
      const Arc& arc = graph.arcs[i];
      const bool fits = arc.input == 0 || (frame < frames.size() && arc.input == frames[frame] + 1);
      if (!fits) continue;
      if (arc.output != 0) output.push_back(words.name(arc.output));
      walk(arc.target, frame + (arc.input != 0), cost + arc.cost);
      if (arc.output != 0) output.pop_back();
    }
  };
  walk(graph.start, 0, 0.0);
  return costs;
}

}  // namespace harpy::testing

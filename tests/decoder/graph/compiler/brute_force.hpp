#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decoder/graph/compiler/fillers.hpp"
#include "decoder/graph/decoding_graph.hpp"
#include "decoder/graph/lexicon.hpp"
#include "decoder/graph/topology.hpp"
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

/// All sequences of units that may sound like frames of pdfs.
inline std::vector<std::vector<std::int32_t>> unit_sequences(std::span<const std::int32_t> pdfs,
                                                             Topology topology) {
  if (topology == Topology::kCtc) return {collapse(pdfs)};
  const std::int32_t state_count = pdfs_per_label(topology);
  std::vector<std::vector<std::int32_t>> sequences;
  std::vector<std::int32_t> labels;
  const std::function<void(std::size_t)> extend = [&](std::size_t begin) {
    if (begin == pdfs.size()) {
      sequences.push_back(labels);
      return;
    }
    const std::int32_t label = pdfs[begin] / state_count;
    if (label == 0) return;
    // The label's frames from `begin`: at least one of each state, in order.
    const std::function<void(std::size_t, std::int32_t)> read = [&](std::size_t frame,
                                                                    std::int32_t state) {
      if (frame == pdfs.size() || pdfs[frame] != label * state_count + state) return;
      read(frame + 1, state);
      if (state + 1 < state_count) {
        read(frame + 1, state + 1);
      } else {
        labels.push_back(label);
        extend(frame + 1);
        labels.pop_back();
      }
    };
    read(begin, 0);
  };
  extend(0);
  return sequences;
}

/// The labels that units stand for, none if a unit is not the one behind the label before it.
inline std::optional<std::vector<std::int32_t>> labels_of_units(std::span<const std::int32_t> units,
                                                                const LabelContexts& contexts) {
  std::vector<std::int32_t> labels;
  for (const std::int32_t unit : units) {
    labels.push_back(contexts.label(unit));
    if (contexts.unit(labels.size() == 1 ? 0 : labels[labels.size() - 2], labels.back()) != unit) {
      return std::nullopt;
    }
  }
  return labels;
}

/// All sequences of labels that may sound like frames of pdfs. In CTC, a label that comes again
/// needs a blank between, even if its unit is another one then.
inline std::vector<std::vector<std::int32_t>> label_sequences(std::span<const std::int32_t> pdfs,
                                                              Topology topology,
                                                              const LabelContexts& contexts = {}) {
  std::vector<std::vector<std::int32_t>> sequences;
  for (std::size_t t = 1; t < pdfs.size() && topology == Topology::kCtc; ++t) {
    if (pdfs[t] != pdfs[t - 1] && contexts.label(pdfs[t]) == contexts.label(pdfs[t - 1])) return {};
  }
  for (const std::vector<std::int32_t>& units : unit_sequences(pdfs, topology)) {
    if (const auto labels = labels_of_units(units, contexts)) sequences.push_back(*labels);
  }
  return sequences;
}

/// Enumerates what labels can mean, without any graph.
class LabelReader {
 public:
  LabelReader(const Lexicon& lexicon, const NgramModel& model, const FillerOptions& fillers)
      : lexicon_(lexicon), model_(model), fillers_(fillers) {
    double none = 1.0;
    if (!fillers.silence.empty()) {
      silence_ = *lexicon.labels().find(fillers.silence);
      none -= fillers.silence_probability;
    }
    if (!fillers.noise_words.empty()) none -= fillers.noise_probability;
    none_cost_ = -std::log(none);
  }

  /// Adds the costs of all word sequences, keeping the least.
  void read(const std::vector<std::int32_t>& labels, WordCosts& costs) {
    labels_ = &labels;
    costs_ = &costs;
    read_filler(0, 0.0);
  }

 private:
  void read_filler(std::size_t begin, double cost) {
    read_word(begin, cost + none_cost_);
    if (silence_ != 0 && begin < labels_->size() && (*labels_)[begin] == silence_) {
      read_word(begin + 1, cost - std::log(fillers_.silence_probability));
    }
    const auto count = static_cast<double>(fillers_.noise_words.size());
    for (const std::string& word : fillers_.noise_words) {
      output_.push_back(word);
      for_each_end(word, begin, [&](std::size_t end) {
        read_word(end, cost - std::log(fillers_.noise_probability / count));
      });
      output_.pop_back();
    }
  }

  void read_word(std::size_t begin, double cost) {
    if (begin == labels_->size()) {
      const double total = cost + least_model_cost(model_, words_);
      if (total < kInfiniteCost) keep_least(*costs_, output_, total);
      return;
    }
    for (const std::string& word : lexicon_.words()) {
      if (model_.vocabulary().find(word) == kNoWord) continue;
      words_.push_back(word);
      output_.push_back(word);
      for_each_end(word, begin, [&](std::size_t end) { read_filler(end, cost); });
      words_.pop_back();
      output_.pop_back();
    }
  }

  void for_each_end(const std::string& word, std::size_t begin,
                    const std::function<void(std::size_t)>& visit) {
    for (const Lexicon::Pronunciation& pronunciation : lexicon_.pronunciations(word)) {
      const std::size_t end = begin + pronunciation.size();
      if (end <= labels_->size() &&
          std::equal(pronunciation.begin(), pronunciation.end(),
                     labels_->begin() + static_cast<std::ptrdiff_t>(begin))) {
        visit(end);
      }
    }
  }

  const Lexicon& lexicon_;
  const NgramModel& model_;
  const FillerOptions& fillers_;
  std::int32_t silence_ = 0;
  double none_cost_ = 0.0;
  const std::vector<std::int32_t>* labels_ = nullptr;
  WordCosts* costs_ = nullptr;
  std::vector<std::string> words_;   ///< of the model
  std::vector<std::string> output_;  ///< noise words too
};

/// Costs of all word sequences that the pdfs of frames can mean, without any graph.
inline WordCosts expected_costs(const Lexicon& lexicon, const NgramModel& model,
                                std::span<const std::int32_t> pdfs,
                                Topology topology = Topology::kCtc,
                                const FillerOptions& fillers = {},
                                const LabelContexts& contexts = {}) {
  WordCosts costs;
  LabelReader reader(lexicon, model, fillers);
  for (const std::vector<std::int32_t>& labels : label_sequences(pdfs, topology, contexts)) {
    reader.read(labels, costs);
  }
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

#include "decoder/graph/compiler/fillers.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>

namespace harpy {

namespace {

std::int32_t find_silence(const std::string& name, const SymbolTable& labels,
                          const SymbolTable& words, const PronunciationTable& pronunciations) {
  const std::optional<std::int32_t> silence = labels.find(name);
  if (!silence || *silence == 0) {
    throw std::invalid_argument("graph: the silence \"" + name + "\" is not one of the phones");
  }
  for (std::int32_t word = 0; word < pronunciations.word_count(); ++word) {
    for (std::int32_t i = 0; i < pronunciations.pronunciation_count(word); ++i) {
      const std::span<const std::int32_t> spoken = pronunciations.labels(word, i);
      if (std::find(spoken.begin(), spoken.end(), *silence) != spoken.end()) {
        throw std::invalid_argument("graph: the silence \"" + name +
                                    "\" is in a pronunciation of \"" + words.name(word) + "\"");
      }
    }
  }
  return *silence;
}

/// Adds a filler's arcs from `source` to `target`.
void add_filler(LexiconGrammar& graph, const Filler& filler, std::int32_t source,
                std::int32_t target) {
  GraphDescription& description = graph.graph;
  for (std::size_t i = 0; i < filler.labels.size(); ++i) {
    const bool is_first = i == 0;
    std::int32_t next = target;
    if (i + 1 < filler.labels.size()) {
      next = static_cast<std::int32_t>(description.final_costs.size());
      description.final_costs.push_back(kInfiniteCost);
      graph.at_word_boundary.push_back(false);
    }
    description.arcs.push_back({source,
                                {.target = next,
                                 .input = filler.labels[i],
                                 .output = is_first ? filler.output : 0,
                                 .cost = is_first ? filler.cost : 0.0F}});
    source = next;
  }
}

}  // namespace

Fillers find_fillers(const FillerOptions& options, const SymbolTable& labels,
                     const SymbolTable& words, const PronunciationTable& pronunciations) {
  Fillers fillers;
  double none = 1.0;
  const auto share = [&none](double probability, const char* what) {
    none -= probability;
    if (!(probability > 0.0) || !(none > 0.0)) {
      throw std::invalid_argument(std::string("graph: expected a probability of ") + what +
                                  " above 0 that leaves more than 0 for nothing, got " +
                                  std::to_string(probability));
    }
  };
  if (!options.silence.empty()) {
    share(options.silence_probability, "silence");
    fillers.list.push_back(
        {.labels = {find_silence(options.silence, labels, words, pronunciations)},
         .output = 0,
         .cost = static_cast<float>(-std::log(options.silence_probability))});
  }
  if (!options.noise_words.empty()) share(options.noise_probability, "noise");
  const auto noise_word_count = static_cast<double>(options.noise_words.size());
  for (const std::string& name : options.noise_words) {
    const std::optional<std::int32_t> word = words.find(name);
    const std::int32_t count = word ? pronunciations.pronunciation_count(*word) : 0;
    if (count == 0) {
      throw std::invalid_argument("graph: the noise word \"" + name + "\" is not in the lexicon");
    }
    for (std::int32_t i = 0; i < count; ++i) {
      const std::span<const std::int32_t> spoken = pronunciations.labels(*word, i);
      fillers.list.push_back(
          {.labels = {spoken.begin(), spoken.end()},
           .output = *word,
           .cost = static_cast<float>(-std::log(options.noise_probability / noise_word_count))});
    }
  }
  fillers.none_cost = static_cast<float>(-std::log(none));
  return fillers;
}

void add_fillers(LexiconGrammar& graph, const Fillers& fillers) {
  if (fillers.list.empty()) return;
  GraphDescription& description = graph.graph;
  const std::size_t boundary_limit = description.final_costs.size();
  std::vector<std::int32_t> before(boundary_limit, -1);  // the state before each boundary
  const auto state_before = [&](std::int32_t boundary) {
    std::int32_t& state = before[static_cast<std::size_t>(boundary)];
    if (state < 0) {
      state = static_cast<std::int32_t>(description.final_costs.size());
      description.final_costs.push_back(kInfiniteCost);
      graph.at_word_boundary.push_back(true);
    }
    return state;
  };
  for (SourcedArc& arc : description.arcs) {
    const bool ends_word =
        arc.arc.input != 0 && graph.at_word_boundary[static_cast<std::size_t>(arc.arc.target)];
    if (ends_word) arc.arc.target = state_before(arc.arc.target);
  }
  description.start = state_before(description.start);
  for (std::size_t boundary = 0; boundary < boundary_limit; ++boundary) {
    if (before[boundary] < 0) continue;
    const auto target = static_cast<std::int32_t>(boundary);
    description.arcs.push_back(
        {before[boundary], {.target = target, .input = 0, .output = 0, .cost = fillers.none_cost}});
    for (const Filler& filler : fillers.list) {
      add_filler(graph, filler, before[boundary], target);
    }
  }
}

}  // namespace harpy

#include "decoder/graph/compiler/graph_compiler.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <span>
#include <stdexcept>
#include <utility>

#include "decoder/graph/compiler/grammar.hpp"
#include "decoder/graph/compiler/lexicon_tree.hpp"
#include "decoder/graph/compiler/lookahead_composition.hpp"
#include "decoder/graph/compiler/weight_pushing.hpp"
#include "decoder/graph/topology_expansion.hpp"

namespace harpy {

namespace {

constexpr const char* kEpsilonName = "<eps>";

bool is_marker(const Vocabulary& vocabulary, WordId word) {
  return word == vocabulary.sentence_start() || word == vocabulary.sentence_end() ||
         word == vocabulary.unknown();
}

/// The words of a graph and their pronunciations.
struct GraphWords {
  SymbolTable words;
  PronunciationTable pronunciations;
  std::vector<float> pronunciation_costs;
  std::vector<std::string> without_pronunciation;

  void add(const std::string& word, const Lexicon& lexicon, float word_cost) {
    words.add(word);
    pronunciations.add_word(lexicon.pronunciations(word));
    for (const float cost : lexicon.pronunciation_costs(word)) {
      pronunciation_costs.push_back(cost + word_cost);
    }
  }
};

void add_noise_words(const Lexicon& lexicon, const Vocabulary& vocabulary,
                     const std::vector<std::string>& noise_words, GraphWords& chosen) {
  for (const std::string& word : noise_words) {
    if (vocabulary.find(word) != kNoWord) {
      throw std::invalid_argument("graph: the noise word \"" + word +
                                  "\" is a word of the language model");
    }
    chosen.add(word, lexicon, 0.0F);
  }
}

/// The words that may be in a graph, in the vocabulary's order.
std::vector<std::string> words_of(const Vocabulary& vocabulary,
                                  const std::vector<std::string>& allowed) {
  for (const std::string& word : allowed) {
    if (vocabulary.find(word) == kNoWord) {
      throw std::invalid_argument("graph: the word \"" + word + "\" is not in the language model");
    }
  }
  const std::set<std::string> allowed_set(allowed.begin(), allowed.end());
  std::vector<std::string> words;
  for (WordId id = 0; id < vocabulary.size(); ++id) {
    const std::string& word = vocabulary.word(id);
    if (is_marker(vocabulary, id) || (!allowed.empty() && !allowed_set.contains(word))) continue;
    words.push_back(word);
  }
  return words;
}

GraphWords choose_words(const Lexicon& lexicon, const Vocabulary& vocabulary,
                        const std::vector<std::string>& allowed, float word_cost) {
  GraphWords chosen;
  chosen.words.add(kEpsilonName);
  chosen.pronunciations.add_word({});
  for (const std::string& word : words_of(vocabulary, allowed)) {
    if (lexicon.pronunciations(word).empty()) {
      chosen.without_pronunciation.push_back(word);
    } else {
      chosen.add(word, lexicon, word_cost);
    }
  }
  if (chosen.words.size() == 1) {
    throw std::invalid_argument(
        "graph: no word of the language model has a pronunciation in the lexicon (is the case of "
        "letters the same?)");
  }
  return chosen;
}

/// Times the stages of a compilation.
class StageClock {
 public:
  explicit StageClock(std::vector<CompilerStage>& stages) : stages_(stages) {}

  void finish(const char* name, std::size_t state_count, std::size_t arc_count) {
    const auto now = std::chrono::steady_clock::now();
    stages_.push_back({.name = name,
                       .state_count = static_cast<std::int64_t>(state_count),
                       .arc_count = static_cast<std::int64_t>(arc_count),
                       .seconds = std::chrono::duration<double>(now - start_).count()});
    start_ = now;
  }

 private:
  std::vector<CompilerStage>& stages_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

std::vector<std::int32_t> output_labels(const NgramModel& model, const SymbolTable& words) {
  const Vocabulary& vocabulary = model.vocabulary();
  std::vector<std::int32_t> labels(vocabulary.size());
  for (WordId id = 0; id < vocabulary.size(); ++id) {
    if (!is_marker(vocabulary, id)) labels[id] = words.find(vocabulary.word(id)).value_or(0);
  }
  return labels;
}

std::vector<std::string> words_without_pronunciation(const Lexicon& lexicon,
                                                     const NgramModel& model,
                                                     const std::vector<std::string>& allowed) {
  std::vector<std::string> missing;
  for (const std::string& word : words_of(model.vocabulary(), allowed)) {
    if (lexicon.pronunciations(word).empty()) missing.push_back(word);
  }
  return missing;
}

CompiledGraph compile_graph(const Lexicon& lexicon, const NgramModel& model,
                            const GraphCompilerOptions& options) {
  const std::vector<std::string> units = options.contexts.names(lexicon.labels().names());
  if (!(LabelContexts::from_names(units) == options.contexts)) {
    throw std::invalid_argument(
        "the lexicon has a label that is named like a pair of two others, with a hyphen between");
  }
  std::vector<CompilerStage> stages;
  StageClock clock(stages);
  GraphWords words =
      choose_words(lexicon, model.vocabulary(), options.vocabulary, options.word_cost);
  GraphDescription tree =
      make_lexicon_tree(words.pronunciations, lexicon.labels().size(), words.pronunciation_costs);
  add_noise_words(lexicon, model.vocabulary(), options.fillers.noise_words, words);
  const Fillers fillers =
      find_fillers(options.fillers, lexicon.labels(), words.words, words.pronunciations);
  clock.finish("lexicon", tree.final_costs.size(), tree.arcs.size());
  GraphDescription grammar = make_grammar(model, output_labels(model, words.words));
  clock.finish("grammar", grammar.final_costs.size(), grammar.arcs.size());
  LexiconGrammar composed = compose_with_lookahead(tree, grammar);
  grammar = {};
  tree = {};
  clock.finish("composition", composed.graph.final_costs.size(), composed.graph.arcs.size());
  push_word_costs(composed.graph, composed.at_word_boundary);
  add_fillers(composed, fillers);
  const DecodingGraph words_by_labels(composed.graph);
  composed = {};
  DecodingGraph graph(expand_topology(words_by_labels.view(), options.topology, options.contexts));
  clock.finish("topology", static_cast<std::size_t>(graph.view().state_count),
               graph.view().arc_count());
  const std::string& between_words =
      options.fillers.separator.empty() ? options.fillers.silence : options.fillers.separator;
  const std::int32_t silence = lexicon.labels().find(between_words).value_or(0);
  return {.package = {.graph = std::move(graph),
                      .frame_labels = {.topology = options.topology,
                                       .silence_label = silence,
                                       .contexts = options.contexts},
                      .words = std::move(words.words),
                      .labels = SymbolTable(units),
                      .pronunciations = std::move(words.pronunciations)},
          .pronunciation_costs = std::move(words.pronunciation_costs),
          .stages = std::move(stages),
          .words_without_pronunciation = std::move(words.without_pronunciation)};
}

}  // namespace harpy

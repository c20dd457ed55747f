#include "tools/graph/graph_sources.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "decoder/graph/lexicon.hpp"
#include "decoder/language_model/arpa.hpp"
#include "decoder/pronunciation/pronouncer.hpp"
#include "models/files/text_lines.hpp"
#include "service/recognizer/model_description.hpp"

namespace harpy::tools {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWordsShown = 10;

std::vector<std::string> read_list(const fs::path& path) {
  std::vector<std::string> entries;
  if (path.empty()) return entries;
  TextLines lines(path);
  while (lines.next()) {
    if (lines.fields().size() > 1) throw lines.error("expected one name a line");
    if (!lines.fields().empty()) entries.emplace_back(lines.fields()[0]);
  }
  if (entries.empty()) throw std::runtime_error(path.string() + ": holds no name");
  return entries;
}

/// What a model says of its graph: its labels, which none may be given for, the units that score
/// them, and what words cost.
struct ModelLabels {
  std::vector<std::string> phones;
  LabelContexts contexts;
  float word_cost = 0.0F;
  std::string separator = {};  ///< of words that are spelled
};

ModelLabels read_model_labels(const GraphSources& sources) {
  if (!sources.tokens.empty()) {
    const TokenList tokens = TokenList::read(sources.tokens, sources.blank);
    return {.phones = tokens.tokens(), .separator = tokens.separator()};
  }
  if (sources.model.empty()) return {.phones = read_list(sources.phones)};
  const fs::path file = sources.model / "model.json";
  const ModelDescription model = read_model_description(file);
  const std::vector<std::string>& units = model.units;
  LabelContexts contexts = LabelContexts::from_names(units);
  const auto label_count = contexts.label_count(static_cast<std::int32_t>(units.size()));
  return {.phones = {units.begin() + 1, units.begin() + label_count},
          .contexts = std::move(contexts),
          .word_cost = static_cast<float>(model.word_cost)};
}

Lexicon make_lexicon(const GraphSources& sources, const std::vector<std::string>& phones,
                     const Vocabulary& vocabulary) {
  const LexiconOptions how{.letter_case = sources.letter_case, .phones = phones};
  if (!sources.lexicons.empty()) {
    Lexicon lexicon = Lexicon::read(sources.lexicons[0], how);
    for (std::size_t index = 1; index < sources.lexicons.size(); ++index) {
      lexicon.add_words(Lexicon::read(sources.lexicons[index], how));
    }
    return lexicon;
  }
  std::vector<std::string> words;
  for (WordId id = 0; id < vocabulary.size(); ++id) {
    const bool is_marker = id == vocabulary.sentence_start() || id == vocabulary.sentence_end() ||
                           id == vocabulary.unknown();
    if (!is_marker) words.push_back(vocabulary.word(id));
  }
  if (!sources.tokens.empty()) return spell_in_tokens(words, phones, sources.spelling);
  return Lexicon::spell(words, how);
}

std::string phone_names(const Lexicon& lexicon, const Lexicon::Pronunciation& pronunciation) {
  std::string names;
  for (const std::int32_t phone : pronunciation) names += " " + lexicon.labels().name(phone);
  return names;
}

/// Adds guesses for the words of the language model that the lexicon lacks, and reports them.
/// Returns them in CMUdict's format.
std::string guess_pronunciations(const NgramModel& model, const std::vector<std::string>& allowed,
                                 Lexicon& lexicon) {
  const std::vector<std::string> missing = words_without_pronunciation(lexicon, model, allowed);
  if (missing.empty()) return {};
  const Pronouncer pronouncer(lexicon);
  std::string lines;
  std::size_t guessed = 0;
  for (const std::string& word : missing) {
    const Lexicon::Pronunciation guess = pronouncer.pronounce(word);
    if (guess.empty()) continue;
    const std::string line = word + phone_names(lexicon, guess) + "\n";
    if (guessed++ < kWordsShown) std::fprintf(stderr, "guessed: %s", line.c_str());
    lines += line;
    lexicon.add_pronunciation(word, guess);
  }
  std::fprintf(stderr, "%zu words without pronunciation got a guess\n", guessed);
  return lines;
}

void report_missing(const std::vector<std::string>& words) {
  if (words.empty()) return;
  std::fprintf(stderr, "%zu words without pronunciation are left out:", words.size());
  for (std::size_t i = 0; i < std::min(words.size(), kWordsShown); ++i) {
    std::fprintf(stderr, " %s", words[i].c_str());
  }
  std::fprintf(stderr, words.size() > kWordsShown ? " ...\n" : "\n");
}

}  // namespace

SourcedGraph compile_sources(const GraphSources& sources, bool tells_sizes) {
  ArpaRepairs repairs;
  NgramModel model = read_arpa(sources.language_model, &repairs);
  if (const std::string told = describe(repairs); !told.empty()) {
    std::fprintf(stderr, "%s: %s\n", sources.language_model.c_str(), told.c_str());
  }
  if (tells_sizes) {
    std::fprintf(stderr, "%s: %zu words, %llu n-grams of up to %d words\n",
                 sources.language_model.c_str(), model.vocabulary().size(),
                 static_cast<unsigned long long>(model.ngram_count()), model.order());
  }
  const ModelLabels labels = read_model_labels(sources);
  Lexicon lexicon = make_lexicon(sources, labels.phones, model.vocabulary());
  const std::vector<std::string> allowed = read_list(sources.vocabulary);
  std::string guessed;
  if (sources.guess_pronunciations) guessed = guess_pronunciations(model, allowed, lexicon);
  FillerOptions fillers = sources.fillers;
  if (sources.lexicons.empty()) fillers.separator = labels.separator;
  CompiledGraph compiled = compile_graph(lexicon, model,
                                         {.topology = sources.topology,
                                          .contexts = labels.contexts,
                                          .vocabulary = allowed,
                                          .word_cost = sources.word_cost.value_or(labels.word_cost),
                                          .fillers = fillers});
  report_missing(compiled.words_without_pronunciation);
  return {.language_model = std::move(model),
          .compiled = std::move(compiled),
          .fillers = std::move(fillers),
          .guessed = std::move(guessed)};
}

}  // namespace harpy::tools

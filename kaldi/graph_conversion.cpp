#include "kaldi/graph_conversion.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include "kaldi/graph_composition.hpp"
#include "kaldi/lexicon_recovery.hpp"
#include "kaldi/phone_places.hpp"
#include "models/files/text_fields.hpp"
#include "models/files/text_lines.hpp"

namespace harpy::kaldi {

namespace {

namespace fs = std::filesystem;

/// Numbers that are in a file to be used as indices.
constexpr std::int32_t kLargestNumber = 1 << 26;

/// A table of lines `SYMBOL NUMBER`, by number.
LabelNames read_symbols(const fs::path& path) {
  LabelNames symbols;
  TextLines lines(path);
  while (lines.next()) {
    const auto& fields = lines.fields();
    if (fields.empty()) continue;
    const auto number = fields.size() == 2 ? parse_int32(fields[1]) : std::nullopt;
    if (!number || *number < 0 || *number > kLargestNumber) {
      throw lines.error("expected a symbol and its number");
    }
    if (!symbols.emplace(*number, fields[0]).second) throw lines.error("a number that is taken");
  }
  return symbols;
}

/// The words by numbers without gaps; 0 is <eps>.
struct WordNumbers {
  fs::path file;  ///< that names them
  SymbolTable words;
  std::map<std::int32_t, std::int32_t> numbers;  ///< by the number in that file
};

WordNumbers number_words(const NumberedWords& named) {
  WordNumbers words{.file = named.file, .words = {}, .numbers = {}};
  words.words.add("<eps>");
  for (const auto& [number, word] : named.names) {
    if (number == 0) continue;
    try {
      words.numbers.emplace(number, words.words.add(word));
    } catch (const std::invalid_argument& error) {
      throw std::runtime_error(named.file.string() + ": " + error.what());
    }
  }
  return words;
}

/// Names of all phones that transitions have; the label of phone p is p.
SymbolTable name_phones(const fs::path& path, const TransitionModel& model) {
  LabelNames names;
  if (!path.empty()) names = read_symbols(path);
  std::int32_t last = 0;
  for (const Transition& transition : model.transitions) last = std::max(last, transition.phone);
  SymbolTable labels;
  labels.add("<eps>");
  for (std::int32_t phone = 1; phone <= last; ++phone) {
    const auto named = names.find(phone);
    std::string name = named == names.end() ? "phone" + std::to_string(phone) : named->second;
    while (labels.find(name)) name += "'";
    labels.add(name);
  }
  return labels;
}

/// Gives classes of transitions numbers as they are met.
class InputClasses {
 public:
  InputClasses(const TransitionModel& model, const PhonePlaces& places,
               const std::set<std::int32_t>& silence_phones)
      : model_(model), places_(places), silence_phones_(silence_phones) {
    numbers_.resize(model.transitions.size() + 1);
  }

  /// The graph's input for a transition-id.
  std::int32_t input(std::int32_t transition_id) {
    std::int32_t& number = numbers_[static_cast<std::size_t>(transition_id)];
    if (number == 0) {
      const Transition& transition =
          model_.transitions[static_cast<std::size_t>(transition_id - 1)];
      const auto [found, is_new] = classes_.try_emplace(
          std::tuple(transition.pdf, transition.phone, transition.begins_phone),
          static_cast<std::int32_t>(pdfs.size()) + 1);
      if (is_new) {
        pdfs.push_back(transition.pdf);
        listed.push_back(describe(transition));
      }
      number = found->second;
    }
    return number;
  }

  std::vector<std::int32_t> pdfs;
  std::vector<ListedInput> listed;

 private:
  ListedInput describe(const Transition& transition) const {
    const bool is_silence = silence_phones_.contains(transition.phone);
    const std::uint32_t flags = (transition.begins_phone ? ListedInput::kBeginsLabel : 0) |
                                (is_silence ? ListedInput::kIsSilence : 0);
    if (places_.empty()) return {.label = is_silence ? 0 : transition.phone, .flags = flags};
    const auto place = places_.find(transition.phone);
    if (place == places_.end() || !place->second) return {.label = 0, .flags = flags};
    return {.label = transition.phone, .flags = flags | *place->second};
  }

  const TransitionModel& model_;
  const PhonePlaces& places_;
  const std::set<std::int32_t>& silence_phones_;
  std::vector<std::int32_t> numbers_;  ///< of each transition-id; 0: not met yet
  std::map<std::tuple<std::int32_t, std::int32_t, bool>, std::int32_t> classes_;
};

/// The graph of a folder with transition-ids as inputs, and what its words were made of.
struct ReadGraph {
  GraphDescription graph;
  std::optional<RecoveredLexicon> lexicon;
};

/// Refuses inputs that the model lacks.
void check_inputs(const GraphDescription& graph, const TransitionModel& model,
                  const fs::path& path) {
  for (const SourcedArc& arc : graph.arcs) {
    if (static_cast<std::size_t>(arc.arc.input) <= model.transitions.size()) continue;
    throw std::runtime_error(path.string() + ": an arc of state " + std::to_string(arc.source) +
                             " has the input " + std::to_string(arc.arc.input) +
                             ", the model has " + std::to_string(model.transitions.size()) +
                             " transition-ids");
  }
}

/// HCLr.fst with the words of words.txt as outputs. Outputs that take no part in the grammar get
/// numbers below 0; the loops that let back-offs pass are left out.
GraphDescription with_grammar_words(const GraphParts& parts) {
  std::map<std::int32_t, std::int32_t> word_of;
  for (const SourcedArc& arc : parts.grammar.arcs) word_of.emplace(arc.arc.input, arc.arc.output);
  GraphDescription lexicon = parts.lexicon;
  std::erase_if(lexicon.arcs, [](const SourcedArc& arc) {
    return arc.arc.input == 0 && arc.source == arc.arc.target;
  });
  for (SourcedArc& arc : lexicon.arcs) {
    if (arc.arc.output == 0) continue;
    const auto word = word_of.find(arc.arc.output);
    arc.arc.output = word == word_of.end() || word->second == 0 ? -1 : word->second;
  }
  return lexicon;
}

ReadGraph read_graph(const ModelFolder& files, const TransitionModel& model,
                     const PhonePlaces& places, std::size_t most_arcs) {
  if (!files.graph.empty()) {
    ReadGraph read{.graph = read_openfst(files.graph), .lexicon = std::nullopt};
    check_inputs(read.graph, model, files.graph);
    read.lexicon = recover_lexicon(read.graph, model, places);
    return read;
  }
  const GraphParts parts = read_graph_parts(files);
  check_inputs(parts.lexicon, model, files.lexicon_graph);
  return {.graph = compose_graph(parts, files, most_arcs),
          .lexicon = recover_lexicon(with_grammar_words(parts), model, places)};
}

/// Turns a graph's transition-ids into classes and its words into the numbers that they have here.
void renumber(GraphDescription& graph, InputClasses& classes, const WordNumbers& words,
              const fs::path& path) {
  for (SourcedArc& sourced : graph.arcs) {
    Arc& arc = sourced.arc;
    if (arc.input != 0) arc.input = classes.input(arc.input);
    if (arc.output == 0) continue;
    const auto word = words.numbers.find(arc.output);
    if (word == words.numbers.end()) {
      throw std::runtime_error(path.string() + ": an arc of state " +
                               std::to_string(sourced.source) + " has the output " +
                               std::to_string(arc.output) + ", which " + words.file.string() +
                               " does not name");
    }
    arc.output = word->second;
  }
}

/// The inputs of phones behind phones, those that most phones have before them for all others.
std::vector<LabelInputs> list_inputs(const RecoveredLexicon& lexicon, const TransitionModel& model,
                                     InputClasses& classes) {
  std::vector<LabelInputs> listed;
  std::map<std::int32_t, std::map<std::int32_t, int>> uses;  // of transitions, by phone
  const auto add = [&](std::int32_t before, std::int32_t phone, std::int32_t transition) {
    const std::int32_t loop = model.transitions[static_cast<std::size_t>(transition - 1)].self_loop;
    listed.push_back({.before = before,
                      .label = phone,
                      .first = classes.input(transition),
                      .loop = loop == 0 ? 0 : classes.input(loop)});
  };
  for (const auto& [phones, transition] : lexicon.transitions) {
    add(phones.first, phones.second, transition);
    ++uses[phones.second][transition];
  }
  for (const auto& [phone, counts] : uses) {
    const auto most =
        std::ranges::max_element(counts, {}, [](const auto& count) { return count.second; });
    add(LabelInputs::kAnywhere, phone, most->first);
  }
  std::ranges::sort(
      listed, {}, [](const LabelInputs& inputs) { return std::pair(inputs.before, inputs.label); });
  return listed;
}

PronunciationTable list_pronunciations(const std::optional<RecoveredLexicon>& lexicon,
                                       const WordNumbers& words) {
  std::vector<std::vector<std::vector<std::int32_t>>> lists(
      static_cast<std::size_t>(words.words.size()));
  if (lexicon) {
    for (const auto& [output, pronunciations] : lexicon->pronunciations) {
      const auto word = words.numbers.find(output);
      if (word == words.numbers.end()) continue;
      lists[static_cast<std::size_t>(word->second)] = {pronunciations.begin(),
                                                       pronunciations.end()};
    }
  }
  PronunciationTable table;
  for (const auto& list : lists) table.add_word(list);
  return table;
}

}  // namespace

NumberedWords read_word_numbers(const ModelFolder& files) {
  const fs::path& graph = files.graph.empty() ? files.grammar_graph : files.graph;
  NumberedWords words{.file = graph, .names = read_openfst_outputs(graph)};
  if (!words.names.empty()) return words;
  if (files.words.empty()) {
    throw std::runtime_error((files.folder / "graph/words.txt").string() + ": missing, and " +
                             graph.filename().string() + " names no words");
  }
  return {.file = files.words, .names = read_symbols(files.words)};
}

ConvertedGraph convert_graph(const ModelFolder& files, const TransitionModel& model,
                             const std::set<std::int32_t>& silence_phones, std::size_t most_arcs) {
  const fs::path& path = files.graph.empty() ? files.lexicon_graph : files.graph;
  WordNumbers words = number_words(read_word_numbers(files));
  PhonePlaces places;
  if (!files.word_boundary.empty()) places = read_phone_places(files.word_boundary);
  SymbolTable labels = name_phones(files.phones, model);
  auto [graph, lexicon] = read_graph(files, model, places, most_arcs);
  InputClasses classes(model, places, silence_phones);
  renumber(graph, classes, words, path);
  FrameLabels frame_labels{.topology = Topology::kOneState};
  if (lexicon) {
    frame_labels.label_inputs = list_inputs(*lexicon, model, classes);
    frame_labels.silence_label = lexicon->silence_phone;
  }
  PronunciationTable pronunciations = list_pronunciations(lexicon, words);
  graph.pdf_count = static_cast<std::int32_t>(classes.pdfs.size());
  if (graph.pdf_count == 0) throw std::runtime_error(path.string() + ": it takes no frames");
  frame_labels.listed = std::move(classes.listed);
  std::optional<DecodingGraph> decoding_graph;
  try {
    decoding_graph.emplace(graph);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
  return {.package = {.graph = std::move(*decoding_graph),
                      .frame_labels = std::move(frame_labels),
                      .words = std::move(words.words),
                      .labels = std::move(labels),
                      .pronunciations = std::move(pronunciations)},
          .pdfs = std::move(classes.pdfs)};
}

}  // namespace harpy::kaldi

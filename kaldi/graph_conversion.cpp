#include "kaldi/graph_conversion.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#include "decoder/graph/openfst_file.hpp"
#include "models/files/text_fields.hpp"
#include "models/files/text_lines.hpp"

namespace harpy::kaldi {

namespace {

namespace fs = std::filesystem;

/// Numbers that are in a file to be used as indices.
constexpr std::int32_t kLargestNumber = 1 << 26;

/// A table of lines `SYMBOL NUMBER`, by number.
std::map<std::int32_t, std::string> read_symbols(const fs::path& path) {
  std::map<std::int32_t, std::string> symbols;
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
  SymbolTable words;
  std::map<std::int32_t, std::int32_t> numbers;  ///< by the number in words.txt
};

WordNumbers read_words(const fs::path& path) {
  WordNumbers read;
  read.words.add("<eps>");
  for (const auto& [number, word] : read_symbols(path)) {
    if (number == 0) continue;
    try {
      read.numbers.emplace(number, read.words.add(word));
    } catch (const std::invalid_argument& error) {
      throw std::runtime_error(path.string() + ": " + error.what());
    }
  }
  return read;
}

/// Where phones stand in words: the flags of ListedInput; nothing: between words.
using PhonePlaces = std::map<std::int32_t, std::optional<std::uint32_t>>;

PhonePlaces read_word_boundary(const fs::path& path) {
  const std::map<std::string, std::optional<std::uint32_t>, std::less<>> kinds{
      {"nonword", std::nullopt},
      {"begin", ListedInput::kBeginsWord},
      {"internal", 0},
      {"end", ListedInput::kEndsWord},
      {"singleton", ListedInput::kBeginsWord | ListedInput::kEndsWord}};
  PhonePlaces places;
  TextLines lines(path);
  while (lines.next()) {
    const auto& fields = lines.fields();
    if (fields.empty()) continue;
    const auto phone = fields.size() == 2 ? parse_int32(fields[0]) : std::nullopt;
    const auto kind = fields.size() == 2 ? kinds.find(fields[1]) : kinds.end();
    if (!phone || kind == kinds.end()) {
      throw lines.error("expected a phone's number and nonword, begin, internal, end or singleton");
    }
    places[*phone] = kind->second;
  }
  return places;
}

/// Names of all phones that transitions have; the label of phone p is p.
SymbolTable name_phones(const fs::path& path, const TransitionModel& model) {
  std::map<std::int32_t, std::string> names;
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
    const std::uint32_t begins = transition.begins_phone ? ListedInput::kBeginsLabel : 0;
    if (places_.empty()) {
      const bool is_silence = silence_phones_.contains(transition.phone);
      return {.label = is_silence ? 0 : transition.phone, .flags = begins};
    }
    const auto place = places_.find(transition.phone);
    if (place == places_.end() || !place->second) return {.label = 0, .flags = begins};
    return {.label = transition.phone, .flags = begins | *place->second};
  }

  const TransitionModel& model_;
  const PhonePlaces& places_;
  const std::set<std::int32_t>& silence_phones_;
  std::vector<std::int32_t> numbers_;  ///< of each transition-id; 0: not met yet
  std::map<std::tuple<std::int32_t, std::int32_t, bool>, std::int32_t> classes_;
};

}  // namespace

ConvertedGraph convert_graph(const ModelFolder& files, const TransitionModel& model,
                             const std::set<std::int32_t>& silence_phones) {
  WordNumbers words = read_words(files.words);
  PhonePlaces places;
  if (!files.word_boundary.empty()) places = read_word_boundary(files.word_boundary);
  SymbolTable labels = name_phones(files.phones, model);
  GraphDescription graph = read_openfst(files.graph);
  InputClasses classes(model, places, silence_phones);
  for (SourcedArc& sourced : graph.arcs) {
    Arc& arc = sourced.arc;
    const auto fail = [&](const std::string& what) {
      throw std::runtime_error(files.graph.string() + ": an arc of state " +
                               std::to_string(sourced.source) + " has " + what);
    };
    if (static_cast<std::size_t>(arc.input) > model.transitions.size()) {
      fail("the input " + std::to_string(arc.input) + ", the model has " +
           std::to_string(model.transitions.size()) + " transition-ids");
    }
    if (arc.input != 0) arc.input = classes.input(arc.input);
    if (arc.output == 0) continue;
    const auto word = words.numbers.find(arc.output);
    if (word == words.numbers.end()) {
      fail("the output " + std::to_string(arc.output) + ", which " + files.words.string() +
           " does not name");
    }
    arc.output = word->second;
  }
  graph.pdf_count = static_cast<std::int32_t>(classes.pdfs.size());
  if (graph.pdf_count == 0) throw std::runtime_error(files.graph.string() + ": it takes no frames");
  std::optional<DecodingGraph> decoding_graph;
  try {
    decoding_graph.emplace(graph);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(files.graph.string() + ": " + error.what());
  }
  PronunciationTable pronunciations;
  for (std::int32_t word = 0; word < words.words.size(); ++word) pronunciations.add_word({});
  return {.package = {.graph = std::move(*decoding_graph),
                      .frame_labels = {.topology = Topology::kOneState,
                                       .listed = std::move(classes.listed)},
                      .words = std::move(words.words),
                      .labels = std::move(labels),
                      .pronunciations = std::move(pronunciations)},
          .pdfs = std::move(classes.pdfs)};
}

}  // namespace harpy::kaldi

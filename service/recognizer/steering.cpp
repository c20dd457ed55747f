#include "service/recognizer/steering.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "decoder/grammar/jsgf.hpp"
#include "decoder/grammar/phrase_list.hpp"
#include "service/recognizer/session_words.hpp"

namespace harpy {

namespace {

/// So many requests are kept ready.
constexpr std::size_t kMostKept = 32;

[[noreturn]] void refuse_phrase(const std::string& phrase, const std::string& why) {
  throw std::invalid_argument("hot_phrases: \"" + phrase + "\": " + why);
}

/// Does a part of the work for one field, whose name is put before its faults.
template <typename Work>
auto for_field(const char* field, const Work& work) {
  try {
    return work();
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string(field) + ": " + error.what());
  }
}

/// A path with a table of its words alone, which are numbered anew.
struct PathWords {
  PathWords(const Steering& steering, std::span<const PathStep> path)
      : steps(path.begin(), path.end()) {
    const GraphPackage& package = *steering.package;
    table.add_word({});
    for (PathStep& step : steps) {
      if (step.output == 0) continue;
      std::vector<Lexicon::Pronunciation> pronunciations;
      if (step.output < package.words.size()) {
        pronunciations = pronunciations_of(package, step.output);
      }
      const auto added = steering.added_words.find(step.output);
      if (added != steering.added_words.end()) {
        const auto& further = added->second.pronunciations;
        pronunciations.insert(pronunciations.end(), further.begin(), further.end());
      }
      table.add_word(pronunciations);
      words.push_back(std::exchange(step.output, static_cast<std::int32_t>(words.size())));
    }
  }

  std::vector<PathStep> steps;
  PronunciationTable table;
  std::vector<std::int32_t> words{0};  ///< their numbers before
};

/// `hints_may_be_new`: whether words of hints that the session lacks are added to it.
std::shared_ptr<const PhraseAutomaton> compile_phrases(const SteeringRequest& request,
                                                       SessionWords& words, bool hints_may_be_new) {
  std::vector<BoostedPhrase> phrases;
  for (const HotPhrase& hot : request.hot_phrases) {
    BoostedPhrase& phrase = phrases.emplace_back();
    phrase.boost = static_cast<float>(hot.boost);
    std::istringstream spoken(hot.text);
    for (std::string word; spoken >> word;) {
      try {
        const bool grows = !request.has_grammar() && (!hot.is_hint || hints_may_be_new);
        phrase.words.push_back(words.number(word, grows));
      } catch (const std::invalid_argument& error) {
        if (!hot.is_hint) refuse_phrase(hot.text, error.what());
      }
    }
    if (!phrase.words.empty()) continue;
    if (!hot.is_hint) refuse_phrase(hot.text, "it has no words");
    phrases.pop_back();
  }
  return std::make_shared<const PhraseAutomaton>(phrases);
}

/// Whether words begin only behind a label that is in none.
bool follow_separators(const WordBoundary& boundary, const FrameLabels& frame_labels) {
  return frame_labels.silence_label != 0 &&
         std::ranges::all_of(boundary.places, [&](const WordBoundary::Place& place) {
           return place.last_label == 0 || place.last_label == frame_labels.silence_label;
         });
}

}  // namespace

const std::string& Steering::word_name(std::int32_t word) const {
  const auto added = added_words.find(word);
  return added == added_words.end() ? package->words.name(word) : added->second.name;
}

std::shared_ptr<const SymbolTable> Steering::words() const {
  if (added_words.empty()) return {package, &package->words};
  auto words = std::make_shared<SymbolTable>(package->words);
  for (const auto& [number, spoken] : added_words) {
    if (number >= package->words.size()) words->add(spoken.name);
  }
  return words;
}

std::vector<TimedWord> Steering::times_of(std::span<const PathStep> steps) const {
  if (added_words.empty()) {
    return word_times(steps, package->pronunciations, package->frame_labels);
  }
  const PathWords path(*this, steps);
  std::vector<TimedWord> times = word_times(path.steps, path.table, package->frame_labels);
  for (TimedWord& time : times) time.word = path.words[static_cast<std::size_t>(time.word)];
  return times;
}

std::vector<std::vector<TimedLabel>> Steering::labels_of(std::span<const PathStep> steps) const {
  if (added_words.empty()) {
    return label_times(steps, package->pronunciations, package->frame_labels);
  }
  const PathWords path(*this, steps);
  return label_times(path.steps, path.table, package->frame_labels);
}

SteeringMaker::SteeringMaker(std::shared_ptr<const GraphPackage> package)
    : words_(std::move(package)) {}

std::shared_ptr<const Steering> SteeringMaker::make(const SteeringRequest& request) {
  {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::ranges::find_if(made_, [&](const auto& entry) { return entry.first == request; });
    if (found != made_.end()) {
      made_.splice(made_.begin(), made_, found);
      return made_.front().second;
    }
  }
  auto steering = std::make_shared<const Steering>(compile(request));
  const std::lock_guard lock(mutex_);
  made_.emplace_front(request, steering);
  if (made_.size() > kMostKept) made_.pop_back();
  return steering;
}

Steering SteeringMaker::compile(const SteeringRequest& request) const {
  check_steering_request(request);
  const FrameLabels& frame_labels = words_.package().frame_labels;
  if (!frame_labels.listed.empty() && (request.has_grammar() || !request.new_words.empty())) {
    if (frame_labels.label_inputs.empty()) {
      throw std::invalid_argument(
          "the model's graph was made elsewhere and does not tell how words are pronounced, which "
          "grammars and new words need");
    }
    if (!request.has_grammar()) {
      throw std::invalid_argument(
          "new_words: the model's graph was made elsewhere and takes new words in grammars alone");
    }
  }
  Steering steering{.package = words_.shared_package()};
  if (request.has_grammar()) {
    steering.package = compile_closed_grammar(request);
    steering.search.graph = {steering.package, &steering.package->graph};
  }
  const std::optional<ModelWords> grammar_words =
      request.has_grammar() ? std::make_optional<ModelWords>(steering.package) : std::nullopt;
  const ModelWords& known = grammar_words ? *grammar_words : words_;
  SteeringRequest beside = request;
  if (request.has_grammar()) beside.new_words.clear();  // they are in the grammar's lexicon
  SessionWords words = for_field("new_words", [&] { return SessionWords(known, words_, beside); });
  if (!request.hot_phrases.empty()) {
    const bool has_hints = std::ranges::any_of(request.hot_phrases, &HotPhrase::is_hint);
    steering.search.phrases =
        compile_phrases(request, words, has_hints && obstacle_to_new_words().empty());
  }
  steering.added_words = words.take_added();
  if (!steering.added_words.empty()) {
    steering.search.added_words =
        for_field("new_words", [&] { return add_words(steering, request.new_word_cost); });
  }
  return steering;
}

/// Why the model's graph takes no new words; empty: it does.
std::string SteeringMaker::obstacle_to_new_words() const {
  const FrameLabels& frame_labels = words_.package().frame_labels;
  if (frame_labels.topology != Topology::kCtc) {
    return "the model's topology is not CTC, which new words need";
  }
  if (!frame_labels.contexts.empty()) {
    return "the model has biphones, whose graphs take no new words";
  }
  std::call_once(boundary_once_,
                 [&] { boundary_ = find_word_boundary(words_.package().graph.view()); });
  return follow_separators(boundary_, frame_labels)
             ? "the model has a separator between words, which takes no new ones"
             : "";
}

std::shared_ptr<const AddedWords> SteeringMaker::add_words(const Steering& steering,
                                                           double cost) const {
  const GraphView& graph = words_.package().graph.view();
  const std::string obstacle = obstacle_to_new_words();
  if (!obstacle.empty()) throw std::invalid_argument(obstacle);
  std::vector<AddedWord> words;
  for (const auto& [number, spoken] : steering.added_words) {
    words.push_back({.output = number, .pronunciations = spoken.pronunciations});
  }
  return std::make_shared<const AddedWords>(graph, boundary_, words, static_cast<float>(cost));
}

SpokenWord SteeringMaker::look_up(const std::string& word, const SteeringRequest& request) const {
  SpokenWord spoken{.name = words_.in_model_case(word)};
  for (const NewWord& added : request.new_words) {
    if (!added.phones.empty() && words_.in_model_case(added.text) == spoken.name) {
      spoken.pronunciations.push_back(read_phones(added, words_.package()));
    }
  }
  if (!spoken.pronunciations.empty()) return spoken;
  if (word != kUnknownGrammarWord) return words_.look_up(word);
  return {.name = word, .pronunciations = words_.look_up(words_.unknown_word()).pronunciations};
}

std::shared_ptr<const GraphPackage> SteeringMaker::compile_closed_grammar(
    const SteeringRequest& request) const {
  const GraphPackage& model = words_.package();
  return for_field(request.grammar.empty() ? "phrase_list" : "grammar", [&] {
    const WordGrammar grammar = request.grammar.empty() ? make_phrase_grammar(request.phrase_list)
                                                        : read_jsgf(request.grammar);
    return std::make_shared<const GraphPackage>(
        compile_grammar(grammar, [&](const std::string& word) { return look_up(word, request); },
                        {.labels = model.labels,
                         .frame_labels = model.frame_labels,
                         .unknown_phone_cost = static_cast<float>(request.unknown_phone_cost)}));
  });
}

}  // namespace harpy

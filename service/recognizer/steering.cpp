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

std::shared_ptr<const PhraseAutomaton> compile_phrases(const std::vector<HotPhrase>& hot_phrases,
                                                       const ModelWords& words) {
  std::vector<BoostedPhrase> phrases;
  for (const HotPhrase& hot : hot_phrases) {
    BoostedPhrase& phrase = phrases.emplace_back();
    phrase.boost = static_cast<float>(hot.boost);
    std::istringstream spoken(hot.text);
    for (std::string word; spoken >> word;) {
      const std::optional<std::int32_t> number = words.find(word);
      if (!number) refuse_phrase(hot.text, "the word \"" + word + "\" is not one of those known");
      phrase.words.push_back(*number);
    }
    if (phrase.words.empty()) refuse_phrase(hot.text, "it has no words");
  }
  return std::make_shared<const PhraseAutomaton>(phrases);
}

}  // namespace

SteeringMaker::SteeringMaker(std::shared_ptr<const GraphPackage> package)
    : words_(std::move(package)) {}

std::shared_ptr<const Steering> SteeringMaker::make(const SteeringRequest& request) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(
        made_, [&](const auto& entry) { return entry.first == request; });
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
  Steering steering{.package = words_.shared_package()};
  if (request.has_grammar()) {
    steering.package = compile_closed_grammar(request);
    steering.search.graph = {steering.package, &steering.package->graph};
  }
  if (!request.hot_phrases.empty()) {
    const ModelWords grammar_words(steering.package);
    const ModelWords& words = request.has_grammar() ? grammar_words : words_;
    steering.search.phrases = compile_phrases(request.hot_phrases, words);
  }
  return steering;
}

std::shared_ptr<const GraphPackage> SteeringMaker::compile_closed_grammar(
    const SteeringRequest& request) const {
  const GraphPackage& model = words_.package();
  return for_field(request.grammar.empty() ? "phrase_list" : "grammar", [&] {
    const WordGrammar grammar = request.grammar.empty() ? make_phrase_grammar(request.phrase_list)
                                                        : read_jsgf(request.grammar);
    return std::make_shared<const GraphPackage>(compile_grammar(
        grammar, [&](const std::string& word) { return words_.look_up(word); },
        {.labels = model.labels,
         .frame_labels = model.frame_labels,
         .unknown_phone_cost = static_cast<float>(request.unknown_phone_cost)}));
  });
}

}  // namespace harpy

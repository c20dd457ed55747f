#include "service/recognizer/steering_request.hpp"

#include <sstream>
#include <stdexcept>

namespace harpy {

namespace {

constexpr std::size_t kMostPhrases = 20'000;
constexpr std::size_t kMostGrammarBytes = 1'000'000;
constexpr double kMostCost = 20.0;

std::string shortest(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

[[noreturn]] void refuse(const std::string& field, const std::string& expected,
                         const std::string& got) {
  throw std::invalid_argument(field + ": expected " + expected + ", got " + got);
}

void check_count(const std::string& field, std::size_t count) {
  if (count <= kMostPhrases) return;
  refuse(field, "at most " + std::to_string(kMostPhrases), std::to_string(count));
}

void check_bytes(const std::string& field, std::size_t count, std::size_t limit) {
  if (count <= limit) return;
  refuse(field, "at most " + std::to_string(limit) + " bytes", std::to_string(count));
}

void check_range(const std::string& field, double value, double least, double most) {
  if (value >= least && value <= most) return;
  refuse(field, "a number from " + shortest(least) + " to " + shortest(most), shortest(value));
}

}  // namespace

void check_steering_request(const SteeringRequest& request) {
  if (!request.phrase_list.empty() && !request.grammar.empty()) {
    refuse("grammar", "a phrase_list or a grammar", "both");
  }
  check_count("phrase_list", request.phrase_list.size());
  for (std::size_t i = 0; i < request.phrase_list.size(); ++i) {
    check_bytes("phrase_list[" + std::to_string(i) + "]", request.phrase_list[i].size(),
                kMostPhraseBytes);
  }
  check_bytes("grammar", request.grammar.size(), kMostGrammarBytes);
  check_range("unknown_phone_cost", request.unknown_phone_cost, 0.0, kMostCost);
  check_range("new_word_cost", request.new_word_cost, 0.0, kMostCost);
  check_count("new_words", request.new_words.size());
  for (std::size_t i = 0; i < request.new_words.size(); ++i) {
    const std::string field = "new_words[" + std::to_string(i) + "]";
    check_bytes(field, request.new_words[i].text.size() + request.new_words[i].phones.size(),
                kMostPhraseBytes);
  }
  check_count("hot_phrases", request.hot_phrases.size());
  for (std::size_t i = 0; i < request.hot_phrases.size(); ++i) {
    const std::string field = "hot_phrases[" + std::to_string(i) + "]";
    check_bytes(field, request.hot_phrases[i].text.size(), kMostPhraseBytes);
    check_range(field + " (\"" + request.hot_phrases[i].text + "\"): boost",
                request.hot_phrases[i].boost, -kMostCost, kMostCost);
  }
}

}  // namespace harpy

#include "service/recognizer/steering_request.hpp"

#include <cstddef>
#include <stdexcept>

namespace harpy {

namespace {

constexpr std::size_t kMostPhrases = 20'000;
constexpr std::size_t kMostPhraseBytes = 1000;
constexpr std::size_t kMostGrammarBytes = 1'000'000;
constexpr double kMostPhoneCost = 20.0;

[[noreturn]] void refuse(const std::string& field, const std::string& expected,
                         const std::string& got) {
  throw std::invalid_argument(field + ": expected " + expected + ", got " + got);
}

}  // namespace

void check_steering_request(const SteeringRequest& request) {
  if (!request.phrase_list.empty() && !request.grammar.empty()) {
    refuse("grammar", "a phrase_list or a grammar", "both");
  }
  if (request.phrase_list.size() > kMostPhrases) {
    refuse("phrase_list", "at most " + std::to_string(kMostPhrases),
           std::to_string(request.phrase_list.size()));
  }
  for (std::size_t i = 0; i < request.phrase_list.size(); ++i) {
    if (request.phrase_list[i].size() > kMostPhraseBytes) {
      refuse("phrase_list[" + std::to_string(i) + "]",
             "at most " + std::to_string(kMostPhraseBytes) + " bytes",
             std::to_string(request.phrase_list[i].size()));
    }
  }
  if (request.grammar.size() > kMostGrammarBytes) {
    refuse("grammar", "at most " + std::to_string(kMostGrammarBytes) + " bytes",
           std::to_string(request.grammar.size()));
  }
  if (!(request.unknown_phone_cost >= 0.0 && request.unknown_phone_cost <= kMostPhoneCost)) {
    refuse("unknown_phone_cost", "0 to 20", std::to_string(request.unknown_phone_cost));
  }
}

}  // namespace harpy

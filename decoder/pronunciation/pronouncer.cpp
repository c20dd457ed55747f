#include "decoder/pronunciation/pronouncer.hpp"

#include <algorithm>
#include <cmath>
#include <future>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "decoder/language_model/corpus.hpp"
#include "decoder/language_model/kneser_ney.hpp"
#include "decoder/language_model/ngram_counts.hpp"
#include "decoder/language_model/perplexity.hpp"
#include "decoder/pronunciation/letter_alignment.hpp"

namespace harpy {

namespace {

constexpr int kPairOrder = 8;
constexpr int kPhoneOrder = 7;
constexpr double kPhoneWeight = 0.15;   ///< of the model of phones beside those of pairs
constexpr double kContextWeight = 0.2;  ///< of each model of phones given letters
constexpr std::size_t kBeam = 30;       ///< partial pronunciations kept while a word is spelled

/// A vocabulary with <s> and </s> alone.
Vocabulary empty_vocabulary() {
  Vocabulary vocabulary;
  vocabulary.add(kSentenceStartWord);
  vocabulary.add(kSentenceEndWord);
  return vocabulary;
}

/// Sentences, each from <s> to </s>, all read backwards.
std::vector<WordId> reversed(const std::vector<WordId>& tokens, const Vocabulary& vocabulary) {
  std::vector<WordId> result(tokens.rbegin(), tokens.rend());
  for (WordId& token : result) {
    if (token == vocabulary.sentence_start()) {
      token = vocabulary.sentence_end();
    } else if (token == vocabulary.sentence_end()) {
      token = vocabulary.sentence_start();
    }
  }
  return result;
}

NgramModel estimate(const Vocabulary& vocabulary, std::span<const WordId> tokens, int order) {
  return estimate_kneser_ney(vocabulary, count_ngrams(tokens, vocabulary, order), {}).model;
}

/// The logarithm of the probability of words between <s> and </s>.
double log_probability(const NgramModel& model, std::span<const WordId> words) {
  Corpus sentence{.tokens = {model.vocabulary().sentence_start()}};
  sentence.tokens.insert(sentence.tokens.end(), words.begin(), words.end());
  sentence.tokens.push_back(model.vocabulary().sentence_end());
  return measure_perplexity(model, sentence).log_probability;
}

/// The word of a phone in the model of phones.
WordId word_of(std::int32_t phone) { return static_cast<WordId>(phone) + 1; }

/// A model of the phones of words, learned from examples.
NgramModel estimate_phones(std::span<const SpelledWord> examples, std::int64_t phone_count) {
  Vocabulary vocabulary = empty_vocabulary();
  for (std::int64_t phone = 1; phone < phone_count; ++phone) vocabulary.add(std::to_string(phone));
  std::vector<WordId> tokens;
  for (const SpelledWord& example : examples) {
    tokens.push_back(vocabulary.sentence_start());
    for (const std::int32_t phone : example.phones) tokens.push_back(word_of(phone));
    tokens.push_back(vocabulary.sentence_end());
  }
  return estimate(vocabulary, tokens, kPhoneOrder);
}

}  // namespace

Pronouncer::Pronouncer(const Lexicon& lexicon) : pairs_of_letter_(LetterAlignment::kLetterCount) {
  std::vector<SpelledWord> examples;
  for (const std::string& word : lexicon.words()) {
    const auto pronunciations = lexicon.pronunciations(word);
    if (!pronunciations.empty()) examples.push_back({word, pronunciations[0]});
  }
  const LetterAlignment alignment(examples, lexicon.labels().size());
  Vocabulary pairs = empty_vocabulary();
  groups_of_pair_.resize(pairs.size());
  phones_of_pair_.resize(pairs.size());
  std::vector<WordId> tokens;
  std::vector<AlignedWord> words;
  for (const SpelledWord& example : examples) {
    const std::vector<std::size_t> groups = alignment.align(example);
    if (groups.empty()) continue;
    words.push_back({std::string(example.letters), groups});
    tokens.push_back(pairs.sentence_start());
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const std::size_t letter = letter_of(example.letters[i]);
      const WordId pair = pairs.add(std::to_string(letter) + ":" + std::to_string(groups[i]));
      if (pair == phones_of_pair_.size()) {
        groups_of_pair_.push_back(groups[i]);
        phones_of_pair_.push_back(alignment.phones_of(groups[i]));
        pairs_of_letter_[letter].push_back(pair);
      }
      tokens.push_back(pair);
    }
    tokens.push_back(pairs.sentence_end());
  }
  if (tokens.empty()) return;
  // The models of phones given letters take about as long to learn as all others together.
  auto forward_context = std::async(std::launch::async, [&] { return ContextModel(words); });
  auto backward_context = std::async(std::launch::async, [&] {
    std::vector<AlignedWord> backwards;
    backwards.reserve(words.size());
    for (const AlignedWord& word : words) backwards.push_back(word.reversed());
    return ContextModel(backwards);
  });
  forward_ = estimate(pairs, tokens, kPairOrder);
  backward_ = estimate(pairs, reversed(tokens, pairs), kPairOrder);
  phones_ = estimate_phones(examples, lexicon.labels().size());
  forward_context_ = forward_context.get();
  backward_context_ = backward_context.get();
}

std::vector<Pronouncer::Partial> Pronouncer::spell(std::string_view word) const {
  std::vector<Partial> beam{{.pairs = {forward_->vocabulary().sentence_start()}}};
  for (const char c : word) {
    std::vector<Partial> next;
    for (const Partial& partial : beam) {
      for (const WordId pair : pairs_of_letter_[letter_of(c)]) {
        Partial& longer = next.emplace_back(partial);
        longer.log_probability += forward_->log_probability(partial.pairs, pair);
        longer.pairs.push_back(pair);
      }
    }
    if (next.size() > kBeam) {
      std::partial_sort(
          next.begin(), next.begin() + kBeam, next.end(),
          [](const Partial& a, const Partial& b) { return a.log_probability > b.log_probability; });
      next.resize(kBeam);
    }
    beam = std::move(next);
  }
  return beam;
}

Lexicon::Pronunciation Pronouncer::phones_of(const Partial& spelled) const {
  Lexicon::Pronunciation phones;
  for (const WordId pair : spelled.pairs) {
    phones.insert(phones.end(), phones_of_pair_[pair].begin(), phones_of_pair_[pair].end());
  }
  return phones;
}

AlignedWord Pronouncer::aligned(std::string_view word, const Partial& spelled) const {
  AlignedWord result{.letters = std::string(word), .groups = {}};
  for (std::size_t i = 1; i < spelled.pairs.size(); ++i) {
    result.groups.push_back(groups_of_pair_[spelled.pairs[i]]);
  }
  return result;
}

double Pronouncer::weight_of(std::string_view word, const Partial& spelled,
                             const Lexicon::Pronunciation& phones) const {
  const WordId end = forward_->vocabulary().sentence_end();
  const double forward = spelled.log_probability + forward_->log_probability(spelled.pairs, end);
  const std::vector<WordId> backwards(spelled.pairs.rbegin(), spelled.pairs.rend() - 1);
  std::vector<WordId> words;
  for (const std::int32_t phone : phones) words.push_back(word_of(phone));
  const AlignedWord in_context = aligned(word, spelled);
  return 0.5 * (forward + log_probability(*backward_, backwards)) +
         kPhoneWeight * log_probability(*phones_, words) +
         kContextWeight * (forward_context_->log_probability(in_context) +
                           backward_context_->log_probability(in_context.reversed()));
}

Lexicon::Pronunciation Pronouncer::pronounce(std::string_view word) const {
  if (!forward_) return {};
  // Weights are compared with the greatest of them, since exp() of each could be 0.
  std::vector<std::pair<Lexicon::Pronunciation, double>> weighed;
  double greatest = -std::numeric_limits<double>::infinity();
  for (const Partial& spelled : spell(word)) {
    Lexicon::Pronunciation phones = phones_of(spelled);
    const double weight = weight_of(word, spelled, phones);
    greatest = std::max(greatest, weight);
    weighed.emplace_back(std::move(phones), weight);
  }
  std::map<Lexicon::Pronunciation, double> sums;
  for (const auto& [phones, weight] : weighed) sums[phones] += std::exp(weight - greatest);
  const auto best = std::max_element(
      sums.begin(), sums.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return best == sums.end() ? Lexicon::Pronunciation{} : best->first;
}

}  // namespace harpy

#include "tests/decoder/language_model/reference_ngrams.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

namespace harpy::testing {

NumberedText number_text(const std::vector<std::string>& sentences,
                         const VocabularyOptions& options) {
  Vocabulary words;
  NumberedText text;
  for (const std::string& sentence : sentences) add_sentence(text.corpus, sentence, words);
  std::vector<std::uint64_t> counts;
  add_word_counts(text.corpus, words.size(), counts);
  text.vocabulary = select_vocabulary(words, counts, options);
  renumber(text.corpus, words, text.vocabulary);
  return text;
}

std::vector<std::string> random_sentences(std::mt19937& random, int sentence_count,
                                          int word_count) {
  std::uniform_int_distribution<int> length(1, 8);
  std::uniform_real_distribution<double> place(0.0, 1.0);
  std::vector<std::string> sentences;
  for (int s = 0; s < sentence_count; ++s) {
    std::string sentence;
    for (int n = length(random); n > 0; --n) {
      const double u = place(random);
      sentence += 'W';
      sentence += std::to_string(static_cast<int>(u * u * u * word_count));
      sentence += ' ';
    }
    sentences.push_back(sentence);
  }
  return sentences;
}

std::map<Ngram, std::uint32_t> count_by_hand(std::span<const WordId> tokens,
                                             const Vocabulary& vocabulary, int length) {
  std::map<Ngram, std::uint32_t> counts;
  const auto size = static_cast<std::size_t>(length);
  for (std::size_t i = 0; i + size <= tokens.size(); ++i) {
    const auto ngram = tokens.subspan(i, size);
    const auto later = ngram.subspan(1);
    const bool broken = std::any_of(later.begin(), later.end(), [&](WordId word) {
      return word == vocabulary.sentence_start() || word == kNoWord;
    });
    if (!broken) ++counts[Ngram(ngram.begin(), ngram.end())];
  }
  return counts;
}

ReferenceKneserNey::ReferenceKneserNey(const NumberedText& text, int order,
                                       const KneserNeyOptions& options)
    : vocabulary_(text.vocabulary), order_(order), options_(options) {
  for (int n = 1; n <= order; ++n) {
    counts_.push_back(count_by_hand(text.corpus.tokens, vocabulary_, n));
  }
  const auto occurrences = counts_;
  for (int n = 1; n < order && options.lower_orders == LowerOrders::kContinuations; ++n) {
    for (auto& [ngram, count] : counts_[n - 1]) {
      if (ngram[0] == vocabulary_.sentence_start()) continue;
      count = 0;
      for (const auto& [longer, ignored] : occurrences[n]) {
        count += std::equal(ngram.begin(), ngram.end(), longer.begin() + 1);
      }
    }
  }
  counts_[0].erase({vocabulary_.sentence_start()});
  for (auto& counts : counts_) {
    std::erase_if(counts, [](const auto& entry) { return entry.first[0] == kNoWord; });
  }
}

double ReferenceKneserNey::discount(int length, std::uint32_t count) const {
  std::array<std::uint64_t, 4> counts_of_counts{};
  for (const auto& [ngram, n] : counts_[length - 1]) {
    if (n >= 1 && n <= 4) ++counts_of_counts[n - 1];
  }
  return estimate_discounts(counts_of_counts)(count);
}

bool ReferenceKneserNey::is_kept(const Ngram& ngram) const {
  const std::size_t n = ngram.size();
  if (n == 1) return true;
  const std::uint32_t cutoff = n - 2 < options_.cutoffs.size() ? options_.cutoffs[n - 2] : 0;
  const auto found = counts_[n - 1].find(ngram);
  if (found == counts_[n - 1].end()) return false;
  if (found->second > cutoff) return true;
  if (n == counts_.size()) return false;
  return std::any_of(counts_[n].begin(), counts_[n].end(), [&](const auto& entry) {
    return std::equal(ngram.begin(), ngram.end(), entry.first.begin()) && is_kept(entry.first);
  });
}

double ReferenceKneserNey::probability(std::span<const WordId> context, WordId word) const {
  if (context.size() + 1 > static_cast<std::size_t>(order_))
    return probability(context.subspan(1), word);
  const int length = static_cast<int>(context.size()) + 1;
  double total = 0.0;
  double given_away = 0.0;
  double own = 0.0;
  for (const auto& [ngram, count] : counts_[length - 1]) {
    if (!std::equal(context.begin(), context.end(), ngram.begin())) continue;
    total += count;
    const double left = is_kept(ngram) ? count - discount(length, count) : 0.0;
    given_away += count - left;
    if (ngram.back() == word) own = left;
  }
  const double shorter = context.empty() ? 1.0 / static_cast<double>(vocabulary_.size() - 1)
                                         : probability(context.subspan(1), word);
  return total == 0.0 ? shorter : own / total + given_away / total * shorter;
}

NgramModel model_of(const NumberedText& text, int order, const KneserNeyOptions& options) {
  const NgramCounts counts = count_ngrams(text.corpus.tokens, text.vocabulary, order);
  return estimate_kneser_ney(text.vocabulary, counts, options).model;
}

double largest_sum_error(const NgramModel& model) {
  double largest = 0.0;
  const auto check = [&](std::span<const WordId> context, std::uint32_t) {
    double sum = 0.0;
    for (WordId word = 0; word < model.vocabulary().size(); ++word) {
      if (word == model.vocabulary().sentence_start()) continue;
      sum += std::exp(static_cast<double>(model.log_probability(context, word)));
    }
    largest = std::max(largest, std::abs(sum - 1.0));
  };
  check({}, 0);
  for (int length = 1; length < model.order(); ++length) model.visit(length, check);
  return largest;
}

double probability(const NgramModel& model, std::span<const WordId> context, WordId word) {
  return std::exp(static_cast<double>(model.log_probability(context, word)));
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void write_bytes(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<long>(bytes.size()));
}

}  // namespace harpy::testing

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/language_model/corpus.hpp"
#include "decoder/language_model/kneser_ney.hpp"
#include "decoder/language_model/ngram_model.hpp"

namespace harpy::testing {

using Ngram = std::vector<WordId>;

/// A text in the numbers of its vocabulary.
struct NumberedText {
  Vocabulary vocabulary;
  Corpus corpus;
};

/// Numbers sentences, words separated by spaces, by a vocabulary chosen from them.
NumberedText number_text(const std::vector<std::string>& sentences,
                         const VocabularyOptions& options = {});

/// Random sentences of up to 8 of the words W0, W1, ..., the first far more frequent than the last.
std::vector<std::string> random_sentences(std::mt19937& random, int sentence_count, int word_count);

/// Every n-gram of `length` words in the text with how often it occurs: none reaches beyond a
/// sentence, and a word outside the vocabulary (kNoWord) only stands first.
std::map<Ngram, std::uint32_t> count_by_hand(std::span<const WordId> tokens,
                                             const Vocabulary& vocabulary, int length);

/// The published formulae of interpolated modified Kneser-Ney smoothing, word for word, on maps.
class ReferenceKneserNey {
 public:
  ReferenceKneserNey(const NumberedText& text, int order, const KneserNeyOptions& options);

  double probability(std::span<const WordId> context, WordId word) const;

 private:
  double discount(int length, std::uint32_t count) const;
  bool is_kept(const Ngram& ngram) const;

  const Vocabulary& vocabulary_;
  int order_;
  KneserNeyOptions options_;
  std::vector<std::map<Ngram, std::uint32_t>> counts_;
};

/// A Kneser-Ney model of a text.
NgramModel model_of(const NumberedText& text, int order, const KneserNeyOptions& options = {});

/// The probability p(word | context) of a model.
double probability(const NgramModel& model, std::span<const WordId> context, WordId word);

/// The largest deviation from 1 of the probabilities of all words but <s> after any context that
/// the model holds, and after none.
double largest_sum_error(const NgramModel& model);

/// The bytes of a file.
std::string bytes_of(const std::filesystem::path& path);
void write_bytes(const std::filesystem::path& path, std::string_view bytes);

}  // namespace harpy::testing

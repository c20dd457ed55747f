#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "decoder/language_model/mapped_ngram_layout.hpp"
#include "decoder/language_model/ngram_model.hpp"
#include "decoder/language_model/vocabulary.hpp"
#include "models/files/mapped_file.hpp"

namespace harpy {

/// The longest n-grams that the mapped form holds.
inline constexpr int kMaxMappedOrder = 8;

/// What of the words before it a model looks at to predict a word. Two contexts after which the
/// model predicts alike, whatever follows, are equal wherever the model's n-grams show it: what it
/// holds no n-gram of is left out.
struct NgramContext {
  static constexpr std::uint32_t kNoNgram = std::numeric_limits<std::uint32_t>::max();

  /// [l]: place of the last l + 1 words among the n-grams of so many words.
  std::array<std::uint32_t, kMaxMappedOrder - 1> ngrams = filled();

  bool operator==(const NgramContext&) const = default;

 private:
  static constexpr std::array<std::uint32_t, kMaxMappedOrder - 1> filled() {
    std::array<std::uint32_t, kMaxMappedOrder - 1> none{};
    none.fill(kNoNgram);
    return none;
  }
};

/// A word after a context.
struct NgramStep {
  float cost = 0.0F;  ///< negated natural logarithm of the word's probability
  NgramContext next;  ///< after the word
};

/// A back-off n-gram model in a file that is mapped, with quantised probabilities and back-off
/// weights; its meaning is NgramModel's. Threads: const access from any thread.
class MappedNgramModel {
 public:
  /// Maps a file of write_mapped_ngram and checks all of it, which reads it once: every truncation
  /// and every altered byte is refused. Errors: std::runtime_error naming the file, the place and
  /// what is wrong.
  explicit MappedNgramModel(const std::filesystem::path& path,
                            FileMemory memory = FileMemory::kShared);

  int order() const { return static_cast<int>(levels_.size()); }
  std::uint64_t ngram_count() const;
  /// Of n-grams of `length` words, 1 to order().
  std::uint64_t ngram_count(int length) const {
    return levels_[static_cast<std::size_t>(length) - 1].log_probabilities.size();
  }
  /// Of the codes of probabilities and back-off weights: 8 or 16.
  int bits() const { return static_cast<int>(8 * header_.code_bytes); }
  std::uint32_t word_count() const { return static_cast<std::uint32_t>(name_order_.size()); }

  /// The number of a word, or kNoWord. Cost: a binary search.
  WordId find(std::string_view name) const;
  std::string_view word(WordId word) const;

  /// The context at the beginning of a sentence.
  const NgramContext& start() const { return start_; }

  /// Predicts a word. One that the model lacks, such as kNoWord, is predicted as <unk>; where the
  /// model lacks <unk> too it costs infinitely much, and the context after it is empty.
  /// Cost: a binary search for each length of context.
  NgramStep step(const NgramContext& context, WordId word) const;

  /// What the end of the sentence costs after a context.
  float final_cost(const NgramContext& context) const {
    return step(context, header_.sentence_end).cost;
  }

 private:
  /// One value for each n-gram of an order, by the number of its entry.
  struct CodedValues {
    std::span<const std::uint8_t> short_codes;
    std::span<const std::uint16_t> long_codes;  ///< one of the two is empty
    std::span<const float> entries;

    std::size_t size() const { return short_codes.size() + long_codes.size(); }
    float operator[](std::size_t i) const {
      return entries[short_codes.empty() ? long_codes[i] : short_codes[i]];
    }
  };

  struct Level {
    std::span<const PackedWord> words;  ///< empty for single words, whose places are their numbers
    CodedValues log_probabilities;
    CodedValues log_backoffs;                    ///< empty in the last order
    std::span<const std::uint32_t> first_child;  ///< empty in the last order
  };

  void read_names(const SectionFile& file);
  Level read_level(const SectionFile& file, int order) const;
  CodedValues read_values(const SectionFile& file, SectionKind codes, SectionKind entries) const;
  void check_children(const SectionFile& file) const;

  /// The place of the n-gram of `length` + 1 words that a word makes with a context's n-gram.
  std::uint32_t find_child(std::size_t length, std::uint32_t ngram, WordId word) const;
  /// Whether an n-gram of `length` words matters to what is predicted after it.
  bool is_context(std::size_t length, std::uint32_t ngram) const;

  std::shared_ptr<const void> mapping_;
  MappedNgramHeader header_;
  std::span<const char> names_;
  std::span<const std::uint32_t> name_begin_;
  std::span<const WordId> name_order_;
  std::vector<Level> levels_;
  NgramContext start_;
};

/// Writes the mapped form of a model; values get codes of 8 or 16 bits through a Codebook for the
/// probabilities and one for the back-off weights of each order.
/// Errors: std::invalid_argument for other bits, an order above kMaxMappedOrder, more words than
/// kMaxPackedWords or a model without </s>; std::runtime_error naming the file.
void write_mapped_ngram(const NgramModel& model, const std::filesystem::path& path, int bits);

}  // namespace harpy

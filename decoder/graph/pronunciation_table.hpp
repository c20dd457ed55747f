#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace harpy {

/// The pronunciations of words by number: sequences of labels, the first one the usual one.
///
/// Threads: const access from any thread.
class PronunciationTable {
 public:
  PronunciationTable() = default;

  /// Errors: std::invalid_argument unless word_begin [words + 1] and label_begin
  /// [pronunciations + 1] begin at 0, never fall, and end where the next array does.
  PronunciationTable(std::vector<std::uint32_t> word_begin, std::vector<std::uint32_t> label_begin,
                     std::vector<std::int32_t> labels);

  /// Appends a word with the next number.
  void add_word(std::span<const std::vector<std::int32_t>> pronunciations);

  std::int32_t word_count() const { return static_cast<std::int32_t>(word_begin_.size()) - 1; }
  std::int32_t pronunciation_count(std::int32_t word) const {
    return static_cast<std::int32_t>(word_begin_[word + 1] - word_begin_[word]);
  }
  /// The labels of the index-th pronunciation of a word.
  std::span<const std::int32_t> labels(std::int32_t word, std::int32_t index) const {
    const std::uint32_t pronunciation = word_begin_[word] + static_cast<std::uint32_t>(index);
    return std::span(labels_).subspan(
        label_begin_[pronunciation], label_begin_[pronunciation + 1] - label_begin_[pronunciation]);
  }

  const std::vector<std::uint32_t>& word_begin() const { return word_begin_; }
  const std::vector<std::uint32_t>& label_begin() const { return label_begin_; }
  const std::vector<std::int32_t>& labels() const { return labels_; }

 private:
  std::vector<std::uint32_t> word_begin_{0};   ///< first pronunciation of each word
  std::vector<std::uint32_t> label_begin_{0};  ///< first label of each pronunciation
  std::vector<std::int32_t> labels_;
};

}  // namespace harpy

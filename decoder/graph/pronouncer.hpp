#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "decoder/graph/lexicon.hpp"

namespace harpy {

/// Guesses how words sound that a lexicon lacks, from the words it has.
///
/// The lexicon's words are aligned with their pronunciations so that each letter stands for none,
/// one or two phones (many-to-many alignment by expectation maximisation: Jiampojamarn et al.,
/// 2007). The pairs of a letter and its phones form the sequences of an n-gram model
/// (joint-sequence model: Bisani and Ney, 2008) with Witten-Bell smoothing; the best sequence with
/// the letters of a word is its pronunciation. Threads: const access from any thread.
class Pronouncer {
 public:
  explicit Pronouncer(const Lexicon& lexicon);

  /// Empty if the word has a letter that no word of the lexicon has.
  Lexicon::Pronunciation pronounce(std::string_view word) const;

 private:
  static constexpr int kOrder = 6;  ///< of the n-gram model

  /// A letter and its phones as one number; 0 stands before and after words.
  using Pair = std::uint32_t;
  using History = std::array<Pair, kOrder - 1>;  ///< the newest first

  struct HistoryCounts {
    double total = 0.0;
    double followers = 0.0;  ///< different ones
  };

  void count(const History& history, Pair pair);
  double probability(const History& history, Pair pair) const;

  std::int64_t phone_count_;  ///< blank included
  std::unordered_map<std::uint64_t, double> counts_;
  std::unordered_map<std::uint64_t, HistoryCounts> histories_;
  std::vector<std::vector<Pair>> pairs_of_letter_;
};

}  // namespace harpy

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "decoder/written/rule_transducer.hpp"
#include "decoder/written/written_rules.hpp"

namespace harpy {

class Punctuation;

/// A word as it is written, which may have blanks in it ("May 5, 2020").
struct WrittenToken {
  std::string text;
  std::size_t begin = 0;  ///< the spoken words that it stands for: [begin, end)
  std::size_t end = 0;

  bool operator==(const WrittenToken&) const = default;
};

/// From spoken words to written ones: "twenty five percent" to "25%" (docs/written.md).
///
/// What is written for what stands in tables of the language. Of several ways to read the words the
/// cheapest one is taken. Languages that have a model of marks also have capitals, commas, full
/// stops and question marks. Threads: const access from any thread.
class WrittenForm {
 public:
  /// Loads a language's folder: the tables in "rules", and "punctuation" if it is there.
  /// Errors: see read_written_rules and Punctuation.
  explicit WrittenForm(const std::filesystem::path& folder);
  ~WrittenForm();

  /// The written words of an utterance; together they stand for all spoken words, each for one at
  /// least. Spoken words, in any case, that no rule changes stay as they are but for capitals and
  /// marks. `pauses_s`: the silence behind each word, which helps to find marks, or nothing.
  /// Errors: std::invalid_argument for another number of pauses than words.
  std::vector<WrittenToken> apply(std::span<const std::string> words,
                                  std::span<const double> pauses_s = {}) const;

 private:
  WrittenForm(WrittenRules rules, std::unique_ptr<const Punctuation> punctuation);

  std::vector<std::string> texts_;
  std::unordered_map<std::string, std::int32_t> numbers_;  ///< of words in rules
  RuleTransducer rules_;
  std::unique_ptr<const Punctuation> punctuation_;  ///< null if the language has none
};

}  // namespace harpy

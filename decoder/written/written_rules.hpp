#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace harpy {

/// A step of a reading, in the order in which its words are spoken.
struct RuleItem {
  enum class Kind {
    kWord,  ///< a word is spoken: words[id]
    kText,  ///< a text is written: texts[id]
    kRule   ///< another rule stands here: rules[id]
  };

  Kind kind = Kind::kWord;
  std::int32_t id = 0;
  bool is_optional = false;  ///< may be left out, with what it writes
  bool is_repeated = false;  ///< may be said several times in a row
};

/// A written word, which may have blanks in it, and what is spoken for it.
struct ReadingPart {
  std::vector<RuleItem> items;
  bool is_kept = false;  ///< its spoken words stay as they are, each a word of its own
};

/// One way to read a rule: a line of a table.
struct RuleReading {
  std::vector<ReadingPart> parts;
  float cost = 0.0F;
};

/// Rules from spoken to written words, as tables hold them (docs/written.md).
struct WrittenRules {
  std::vector<std::string> words;  ///< that occur in readings, in lower case
  std::vector<std::string> texts;
  /// Each stands behind those that it refers to; the last one is "text", whose readings may stand
  /// anywhere in a text.
  std::vector<std::vector<RuleReading>> rules;
};

/// Reads all tables (*.tsv) of a folder; their order does not matter.
/// Errors: std::runtime_error naming file and line of what is not understood, of a rule that does
/// not exist, and of rules that refer to each other in a circle.
WrittenRules read_written_rules(const std::filesystem::path& folder);

}  // namespace harpy

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "decoder/written/marked_text.hpp"

namespace harpy {

/// How words are written within a sentence: those with large letters; all others are small.
class TrueCasing {
 public:
  /// Reads a list of written words, one a line. Errors: std::runtime_error naming file and line for
  /// a word that is in it twice, in whatever case.
  explicit TrueCasing(const std::filesystem::path& path);

  /// The written form of a word in any case.
  std::string apply(std::string_view word) const;

 private:
  std::unordered_map<std::string, std::string> written_;  ///< by lower case
};

/// Learns from written text how its words are written most often.
/// Source: L. Lita and others, tRuEcasIng, ACL 2003, the baseline.
class CasingCounts {
 public:
  /// Counts the words of a text but those at the beginnings of sentences, which are large anyway.
  void add(const std::vector<MarkedWord>& words);

  /// The list for TrueCasing, in byte order: of words that were seen `min_count` times, the most
  /// frequent form, unless it is small.
  std::string list(std::uint64_t min_count) const;

 private:
  std::map<std::string, std::map<std::string, std::uint64_t>> counts_;  ///< of forms by lower case
};

}  // namespace harpy

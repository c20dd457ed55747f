#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "decoder/language_model/mapped_ngram.hpp"

namespace harpy::testing {

/// Writes an n-gram file of single words with these costs; <s> and </s> cost nothing.
inline void write_unigrams(const std::filesystem::path& path,
                           const std::vector<std::pair<std::string, float>>& costs) {
  Vocabulary words;
  NgramLevel level;
  const auto add = [&](const std::string& word, float cost) {
    level.words.push_back(words.add(word));
    level.log_probabilities.push_back(-cost);
  };
  add("<s>", 0.0F);
  add("</s>", 0.0F);
  for (const auto& [word, cost] : costs) add(word, cost);
  write_mapped_ngram({std::move(words), {std::move(level)}}, path, 16);
}

}  // namespace harpy::testing

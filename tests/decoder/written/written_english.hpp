#pragma once

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "decoder/written/written_form.hpp"
#include "tests/support/shared.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {

/// The rules of English without its marks and capitals, loaded once.
inline const WrittenForm& english_rules() {
  static const WrittenForm form = [] {
    const TemporaryDirectory directory;
    std::filesystem::create_directory_symlink(source_dir() / "models/written/en/rules",
                                              directory.path() / "rules");
    return WrittenForm(directory.path());
  }();
  return form;
}

inline std::vector<std::string> split_words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// The written form of words with spaces between.
inline std::string written_text(const std::string& spoken) {
  std::string text;
  for (const WrittenToken& token : english_rules().apply(split_words(spoken))) {
    text += (text.empty() ? "" : " ") + token.text;
  }
  return text;
}

}  // namespace harpy::testing

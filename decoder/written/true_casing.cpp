#include "decoder/written/true_casing.hpp"

#include <algorithm>
#include <utility>

#include "decoder/written/letter_case.hpp"
#include "models/files/text_lines.hpp"

namespace harpy {

TrueCasing::TrueCasing(const std::filesystem::path& path) {
  TextLines lines(path);
  while (const auto line = lines.next()) {
    const std::string word(trim(*line));
    if (word.empty()) continue;
    if (!written_.emplace(lower_case(word), word).second) {
      throw lines.error("the word \"" + word + "\" is in the list twice");
    }
  }
}

std::string TrueCasing::apply(std::string_view word) const {
  std::string small = lower_case(word);
  const auto written = written_.find(small);
  return written == written_.end() ? small : written->second;
}

void CasingCounts::add(const std::vector<MarkedWord>& words) {
  bool begins_sentence = true;
  for (const MarkedWord& word : words) {
    if (!begins_sentence) ++counts_[lower_case(word.text)][word.text];
    begins_sentence = ends_sentence(word.mark);
  }
}

std::string CasingCounts::list(std::uint64_t min_count) const {
  std::string text;
  for (const auto& [small, forms] : counts_) {
    const auto best = std::max_element(
        forms.begin(), forms.end(),
        [](const auto& left, const auto& right) { return left.second < right.second; });
    std::uint64_t count = 0;
    for (const auto& form : forms) count += form.second;
    if (count >= min_count && best->first != small) text += best->first + "\n";
  }
  return text;
}

}  // namespace harpy

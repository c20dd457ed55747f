#include "tools/transcribe/steering_files.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/text_fields.hpp"
#include "models/files/text_lines.hpp"

namespace harpy::tools {

namespace {

HotPhrase hot_phrase(const TextLines& lines, double boost) {
  const std::string_view line = lines.line();
  const std::size_t tab = line.find('\t');
  HotPhrase phrase{.text = std::string(line.substr(0, tab)), .boost = boost};
  if (tab == std::string_view::npos) return phrase;
  const std::optional<double> given = parse_double(trim(line.substr(tab + 1)));
  if (!given) throw lines.error("expected a boost behind the tab");
  phrase.boost = *given;
  return phrase;
}

NewWord new_word(const TextLines& lines) {
  const std::vector<std::string_view>& fields = lines.fields();
  NewWord word{.text = std::string(fields[0])};
  for (std::size_t i = 1; i < fields.size(); ++i) {
    if (i > 1) word.phones += ' ';
    word.phones += fields[i];
  }
  return word;
}

}  // namespace

SteeringRequest read_steering_files(const SteeringFiles& files) {
  SteeringRequest request{.unknown_phone_cost = files.unknown_phone_cost,
                          .new_word_cost = files.new_word_cost};
  if (!files.phrases.empty()) {
    TextLines lines(files.phrases);
    while (lines.next()) {
      if (!lines.fields().empty()) request.phrase_list.emplace_back(lines.line());
    }
  }
  if (!files.hot_phrases.empty()) {
    TextLines lines(files.hot_phrases);
    while (lines.next()) {
      if (!lines.fields().empty()) request.hot_phrases.push_back(hot_phrase(lines, files.boost));
    }
  }
  if (!files.new_words.empty()) {
    TextLines lines(files.new_words);
    while (lines.next()) {
      if (!lines.fields().empty()) request.new_words.push_back(new_word(lines));
    }
  }
  if (!files.grammar.empty()) request.grammar = read_text(files.grammar);
  return request;
}

}  // namespace harpy::tools

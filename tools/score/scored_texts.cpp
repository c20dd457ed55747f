#include "tools/score/scored_texts.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "models/files/json_object.hpp"
#include "models/files/text_lines.hpp"

namespace harpy::tools {

namespace {

using Entry = std::pair<std::string, ScoredText>;

/// A line that is not blank, without blanks at its ends.
struct TextLine {
  std::uint64_t number = 0;
  std::string place;  ///< "FILE:LINE"
  std::string text;

  bool is_json() const { return text.front() == '{'; }
};

/// The form of the lines that are not JSON.
enum class LineForm { kIdFirst, kIdLast };

std::runtime_error error_at(const TextLine& line, const std::string& what) {
  return std::runtime_error(line.place + ": " + what);
}

std::vector<TextLine> read_lines(const std::filesystem::path& path) {
  std::vector<TextLine> found;
  TextLines lines(path);
  while (const auto line = lines.next()) {
    const std::string_view text = trim(*line);
    const bool is_comment = text.starts_with(";;");  // sclite's
    if (text.empty() || is_comment) continue;
    found.push_back({lines.line_number(), lines.place(), std::string(text)});
  }
  return found;
}

bool has_digit(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos;
}

/// The id in "WORD WORD (ID)"; empty if a line does not end so.
std::string_view id_at_end(std::string_view line) {
  if (!line.ends_with(')')) return {};
  const std::size_t open = line.rfind('(');
  if (open == std::string_view::npos ||
      (open > 0 && line[open - 1] != ' ' && line[open - 1] != '\t'))
    return {};
  const std::string_view id = line.substr(open + 1, line.size() - open - 2);
  return id.find_first_of(" \t()") == std::string_view::npos ? id : std::string_view();
}

std::string_view first_word(std::string_view line) {
  return line.substr(0, std::min(line.find_first_of(" \t"), line.size()));
}

/// Whether a line looks like one of NIST's CTM or STM files, which give times: "file channel start
/// duration word" or "file channel speaker start end words".
bool has_times(std::string_view line) {
  const std::vector<std::string_view> fields = split_fields(line);
  const auto is_time = [&fields](std::size_t index) {
    return fields[index].find('.') != std::string_view::npos && parse_double(fields[index]);
  };
  if (fields.size() < 5) return false;
  return (fields.size() <= 6 && is_time(2) && is_time(3)) || (is_time(3) && is_time(4));
}

/// Tells from the lines that are not JSON where their ids stand. A single line may end with a word
/// in brackets, "(LAUGHTER)": ids are known by their digits, or by standing behind every line.
LineForm find_form(const std::vector<TextLine>& lines) {
  const TextLine* without = nullptr;
  const TextLine* with = nullptr;
  bool ids_have_digits = false;
  bool first_words_have_digits = true;
  bool all_have_times = true;
  for (const TextLine& line : lines) {
    if (line.is_json()) continue;
    const std::string_view id = id_at_end(line.text);
    const TextLine*& example = id.empty() ? without : with;
    if (example == nullptr) example = &line;
    ids_have_digits = ids_have_digits || has_digit(id);
    first_words_have_digits = first_words_have_digits && has_digit(first_word(line.text));
    all_have_times = all_have_times && has_times(line.text);
  }
  if (with == nullptr && without == nullptr) return LineForm::kIdFirst;
  if (all_have_times) {
    throw error_at(
        with == nullptr ? *without : *with,
        "words with times (CTM, STM) have no utterances to compare; expected JSON lines, "
        "lines \"ID WORDS\" or lines \"WORDS (ID)\"");
  }
  if (with == nullptr || (!ids_have_digits && (without != nullptr || first_words_have_digits))) {
    return LineForm::kIdFirst;
  }
  if (without != nullptr) {
    throw error_at(*without, "does not end with an id in brackets, but line " +
                                 std::to_string(with->number) +
                                 " does: the lines are either \"WORDS (ID)\" or \"ID WORDS\"");
  }
  return LineForm::kIdLast;
}

std::string string_field(const boost::json::object& object, std::string_view name, bool required) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr && !required) return {};
  if (value == nullptr || !value->is_string()) {
    throw std::runtime_error("expected a text field \"" + std::string(name) + "\"");
  }
  return std::string(value->get_string());
}

Entry parse_json_line(std::string_view line) {
  const boost::json::object object = parse_json_object(line, "");
  return {string_field(object, "id", true),
          {string_field(object, "text", true), string_field(object, "speaker", false)}};
}

Entry parse_id_first(std::string_view line) {
  const std::string_view id = first_word(line);
  return {std::string(id), {std::string(trim(line.substr(id.size()))), {}}};
}

/// The speaker stands before the first hyphen or underscore of the id, as sclite has it.
Entry parse_id_last(std::string_view line) {
  const std::string_view id = id_at_end(line);
  const std::string_view words = trim(line.substr(0, line.size() - id.size() - 2));
  const std::size_t end = id.find_first_of("-_");
  const std::string_view speaker =
      end == std::string_view::npos ? std::string_view() : id.substr(0, end);
  return {std::string(id), {std::string(words), std::string(speaker)}};
}

}  // namespace

std::map<std::string, ScoredText> read_scored_texts(const std::filesystem::path& path) {
  const std::vector<TextLine> lines = read_lines(path);
  const LineForm form = find_form(lines);
  std::map<std::string, ScoredText> texts;
  for (const TextLine& line : lines) {
    try {
      Entry entry = line.is_json()               ? parse_json_line(line.text)
                    : form == LineForm::kIdFirst ? parse_id_first(line.text)
                                                 : parse_id_last(line.text);
      const std::string id = entry.first;
      if (!texts.insert(std::move(entry)).second) {
        throw std::runtime_error("the id \"" + id + "\" was met before");
      }
    } catch (const std::runtime_error& error) {
      throw error_at(line, error.what());
    }
  }
  return texts;
}

}  // namespace harpy::tools

#include "tools/score/normalisation_table.hpp"

#include <functional>
#include <sstream>
#include <stdexcept>

#include "models/files/text_lines.hpp"
#include "tools/score/english_table.hpp"
#include "tools/score/text_folding.hpp"
#include "tools/score/word_errors.hpp"

namespace harpy::tools {

namespace {

std::string join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

std::uint64_t parse_number(const std::string& text) {
  const auto number = parse_uint64(text);
  if (!number) {
    throw std::runtime_error("expected a number before \"=\", got \"" + text + "\"");
  }
  return *number;
}

Currency parse_currency(const std::string& text) {
  const std::vector<std::string> names = split_words(text);
  if (names.size() != 4) {
    throw std::runtime_error(
        "expected four names: of one, of several, of one hundredth, of several hundredths");
  }
  return {names[0], names[1], names[2], names[3]};
}

void set_number_word(NormalisationTable& table, const std::string& name, const std::string& value) {
  if (name == "joiner") {
    table.joiner = value;
  } else if (name == "point") {
    table.point = value;
  } else if (name == "minus") {
    table.minus = value;
  } else if (name == "zero in years") {
    table.zero_in_years = value;
  } else if (name == "ordinal endings") {
    table.ordinal_endings = split_words(value);
  } else if (name == "plural endings") {
    table.plural_endings = split_words(value);
  } else {
    throw std::runtime_error("unknown name \"" + name + "\"");
  }
}

using Setter = std::function<void(NormalisationTable&, const std::string&, const std::string&)>;

const std::map<std::string, Setter>& sections() {
  static const std::map<std::string, Setter> kSetters{
      {"characters", [](auto& table, auto& left, auto& right) { table.characters[left] = right; }},
      {"symbols", [](auto& table, auto& left, auto& right) { table.symbols[left] = right; }},
      {"currencies", [](auto& table, auto& left,
                        auto& right) { table.currencies[left] = parse_currency(right); }},
      {"cardinals",
       [](auto& table, auto& left, auto& right) { table.cardinals[parse_number(left)] = right; }},
      {"ordinals",
       [](auto& table, auto& left, auto& right) { table.ordinals[parse_number(left)] = right; }},
      {"plurals",
       [](auto& table, auto& left, auto& right) { table.plurals[parse_number(left)] = right; }},
      {"numbers", set_number_word},
      {"spellings",
       [](auto& table, auto& left, auto& right) {
         table.spellings[join(split_words(left))] = join(split_words(right));
       }},
  };
  return kSetters;
}

/// Errors: std::runtime_error if there are names of numbers, but not all that are needed.
void check_cardinals(const NormalisationTable& table) {
  if (table.cardinals.empty()) return;
  const auto require = [&table](std::uint64_t number) {
    if (!table.cardinals.contains(number)) {
      throw std::runtime_error("the cardinals lack " + std::to_string(number));
    }
  };
  for (std::uint64_t number = 0; number < 20; ++number) require(number);
  for (std::uint64_t number = 20; number <= 100; number += 10) require(number);
  require(1000);
}

}  // namespace

NormalisationTable parse_normalisation_table(std::string_view text, const std::string& name) {
  NormalisationTable table;
  std::istringstream stream{std::string(text)};
  const Setter* setter = nullptr;
  std::size_t number = 0;
  for (std::string raw; std::getline(stream, raw);) {
    ++number;
    try {
      const std::string folded = fold_text(raw);
      const std::string line(trim(folded));
      if (line.empty() || line.front() == '#') continue;
      if (line.front() == '[' && line.back() == ']') {
        const auto section = sections().find(line.substr(1, line.size() - 2));
        if (section == sections().end()) throw std::runtime_error("unknown section " + line);
        setter = &section->second;
        continue;
      }
      const std::size_t equals = line.find('=');
      const std::string left(trim(std::string_view(line).substr(0, equals)));
      if (setter == nullptr || equals == std::string::npos || left.empty()) {
        throw std::runtime_error("expected \"FROM = TO\" in a section, got \"" + line + "\"");
      }
      (*setter)(table, left, std::string(trim(std::string_view(line).substr(equals + 1))));
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(name + ":" + std::to_string(number) + ": " + error.what());
    }
  }
  try {
    check_cardinals(table);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(name + ": " + error.what());
  }
  return table;
}

NormalisationTable read_normalisation_table(const std::filesystem::path& path) {
  return parse_normalisation_table(read_text(path), path.string());
}

NormalisationTable english_normalisation_table() {
  return parse_normalisation_table(kEnglishTable, "english.txt");
}

}  // namespace harpy::tools

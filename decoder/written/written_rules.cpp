#include "decoder/written/written_rules.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "decoder/written/letter_case.hpp"
#include "models/files/text_fields.hpp"
#include "models/files/text_lines.hpp"

namespace harpy {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTopRule = "text";
constexpr std::string_view kKept = "=";

std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(trim(text.substr(0, at)));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

/// Numbers of names in the order in which they come up.
class Names {
 public:
  std::int32_t number(std::string_view name) {
    const auto [entry, is_new] = numbers_.try_emplace(std::string(name), names_.size());
    if (is_new) names_.emplace_back(name);
    return static_cast<std::int32_t>(entry->second);
  }
  const std::vector<std::string>& all() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::size_t, std::less<>> numbers_;
};

/// The rule that a text "<name>" names; nothing for other texts.
std::optional<std::string_view> reference_in(std::string_view text) {
  if (text.size() < 3 || text.front() != '<' || text.back() != '>') return {};
  return text.substr(1, text.size() - 2);
}

/// Reads tables line by line; rules are numbered by their first mention.
class TableReader {
 public:
  void read(const fs::path& path) {
    TextLines lines(path);
    while (const auto line = lines.next()) {
      if (trim(*line).empty() || line->front() == '#') continue;
      const std::vector<std::string_view> columns = split_at(*line, '\t');
      if (columns.size() < 3 || columns.size() > 4) {
        throw lines.error("expected the columns rule, spoken, written and perhaps cost, got " +
                          std::to_string(columns.size()));
      }
      std::optional<float> cost = 0.0F;
      if (columns.size() == 4) cost = parse_float(columns[3]);
      if (!cost || !(*cost >= 0.0F && *cost < 1000.0F)) {
        throw lines.error("expected a cost from 0 to 1000, got \"" + std::string(columns[3]) +
                          "\"");
      }
      RuleReading reading{.parts = read_parts(lines, columns), .cost = *cost};
      const auto rule = static_cast<std::size_t>(rules_.number(columns[0]));
      readings_.resize(rules_.all().size());
      places_.resize(rules_.all().size(), lines.place());
      readings_[rule].push_back(std::move(reading));
    }
  }

  /// All that was read, its rules in order; `folder` is for messages.
  WrittenRules take(const fs::path& folder) {
    const std::int32_t top = rules_.number(kTopRule);
    readings_.resize(rules_.all().size());
    places_.resize(rules_.all().size(), folder.string());
    order_.assign(readings_.size(), kNotPlaced);
    WrittenRules result{.words = words_.all(), .texts = texts_.all(), .rules = {}};
    place(top, result);
    return result;
  }

 private:
  static constexpr std::int32_t kNotPlaced = -1;
  static constexpr std::int32_t kBeingPlaced = -2;

  std::vector<ReadingPart> read_parts(const TextLines& lines,
                                      const std::vector<std::string_view>& columns) {
    const std::vector<std::string_view> spoken = split_at(columns[1], '|');
    const std::vector<std::string_view> written = split_at(columns[2], '|');
    if (spoken.size() != written.size()) {
      throw lines.error("expected as many parts spoken as written, got " +
                        std::to_string(spoken.size()) + " and " + std::to_string(written.size()));
    }
    std::vector<ReadingPart> parts;
    for (std::size_t i = 0; i < spoken.size(); ++i) {
      parts.push_back(read_part(lines, spoken[i], written[i]));
    }
    const bool is_top = columns[0] == kTopRule;
    if (!is_top && (parts.size() > 1 || parts[0].is_kept)) {
      throw lines.error("expected \"|\" and \"=\" in readings of the rule text alone");
    }
    if (is_top && std::find(written.begin(), written.end(), "") != written.end()) {
      throw lines.error("expected something written, or \"=\" for words that stay");
    }
    return parts;
  }

  ReadingPart read_part(const TextLines& lines, std::string_view spoken, std::string_view written) {
    ReadingPart part{.items = {}, .is_kept = written == kKept};
    if (part.is_kept) written = {};
    bool has_words = false;
    for (std::string_view field = take_word(spoken); !field.empty(); field = take_word(spoken)) {
      const bool is_optional = field.size() > 1 && field.back() == '?';
      if (is_optional) field.remove_suffix(1);
      const bool is_repeated = field.size() > 1 && field.back() == '+';
      if (is_repeated) field.remove_suffix(1);
      RuleItem item{.is_optional = is_optional, .is_repeated = is_repeated};
      if (const auto rule = reference_in(field)) {
        if (!part.is_kept) write_up_to(lines, field, written, part);
        item.kind = RuleItem::Kind::kRule;
        item.id = rules_.number(*rule);
        places_.resize(rules_.all().size(), lines.place());
      } else {
        item.id = words_.number(lower_case(field));
      }
      part.items.push_back(item);
      has_words = has_words || !is_optional;
    }
    if (!has_words) throw lines.error("expected a spoken word that cannot be left out");
    write(written, part);
    if (written.find('<') != std::string_view::npos) {
      throw lines.error(
          "expected the written side to name the rules of the spoken side in their "
          "order, got \"" +
          std::string(written) + "\"");
    }
    return part;
  }

  /// Writes what stands before the next rule of the written side, which must be `reference`.
  void write_up_to(const TextLines& lines, std::string_view reference, std::string_view& written,
                   ReadingPart& part) {
    const std::size_t at = written.find('<');
    if (at == std::string_view::npos || !written.substr(at).starts_with(reference)) {
      throw lines.error("expected \"" + std::string(reference) +
                        "\" on the written side too, in the same order");
    }
    write(written.substr(0, at), part);
    written.remove_prefix(at + reference.size());
  }

  void write(std::string_view text, ReadingPart& part) {
    if (text.empty()) return;
    part.items.push_back({.kind = RuleItem::Kind::kText, .id = texts_.number(text)});
  }

  /// Appends a rule, behind those that it refers to, and returns its number in the result.
  std::int32_t place(std::int32_t rule, WrittenRules& result) {
    const auto index = static_cast<std::size_t>(rule);
    if (order_[index] >= 0) return order_[index];
    const std::string what = "the rule <" + rules_.all()[index] + ">";
    if (order_[index] == kBeingPlaced) {
      throw std::runtime_error(places_[index] + ": " + what + " refers to itself");
    }
    if (readings_[index].empty()) {
      throw std::runtime_error(places_[index] + ": " + what + " has no readings");
    }
    order_[index] = kBeingPlaced;
    for (RuleReading& reading : readings_[index]) {
      for (ReadingPart& part : reading.parts) {
        for (RuleItem& item : part.items) {
          if (item.kind == RuleItem::Kind::kRule) item.id = place(item.id, result);
        }
      }
    }
    result.rules.push_back(std::move(readings_[index]));
    order_[index] = static_cast<std::int32_t>(result.rules.size()) - 1;
    return order_[index];
  }

  Names words_;
  Names texts_;
  Names rules_;
  std::vector<std::vector<RuleReading>> readings_;  ///< by rule
  std::vector<std::string> places_;                 ///< where a rule is first mentioned
  std::vector<std::int32_t> order_;                 ///< of rules in the result
};

}  // namespace

WrittenRules read_written_rules(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> tables;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".tsv") tables.push_back(entry.path());
  }
  if (tables.empty()) throw std::runtime_error(folder.string() + ": holds no tables (*.tsv)");
  std::sort(tables.begin(), tables.end());
  TableReader reader;
  for (const fs::path& table : tables) reader.read(table);
  return reader.take(folder);
}

}  // namespace harpy

#include "tools/info/info_report.hpp"

#include <algorithm>

#include <boost/json/array.hpp>

#include "models/files/checksum.hpp"
#include "models/files/escaped_text.hpp"
#include "models/files/printed.hpp"
#include "models/files/utf8.hpp"
#include "service/json/json_text.hpp"

namespace harpy::tools {

namespace {

std::string padded(const std::string& text, std::size_t width, bool to_the_right) {
  const std::string space(width - std::min(width, count_characters(text)), ' ');
  return to_the_right ? space + text : text + space;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string table_text(const InfoTable& table) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    widths.push_back(count_characters(table.columns[c].label));
    for (const auto& row : table.rows)
      widths[c] = std::max(widths[c], count_characters(row.at(c).text));
  }
  std::string text = "  " + table.title + "\n";
  std::string line = "   ";
  for (std::size_t c = 0; c < widths.size(); ++c) {
    line.append(" ")
        .append(padded(table.columns[c].label, widths[c], table.columns[c].is_number))
        .append(" ");
  }
  text += trimmed(line) + "\n";
  for (const auto& row : table.rows) {
    line = "   ";
    for (std::size_t c = 0; c < widths.size(); ++c) {
      line.append(" ")
          .append(padded(row[c].text, widths[c], table.columns[c].is_number))
          .append(" ");
    }
    text += trimmed(line) + "\n";
  }
  return text;
}

}  // namespace

std::string with_thousands(std::int64_t count) {
  std::string digits = std::to_string(count);
  const std::size_t first = count < 0 ? 1 : 0;
  for (std::size_t place = digits.size(); place > first + 3; place -= 3) {
    digits.insert(place - 3, ",");
  }
  return digits;
}

InfoValue info_text(std::string_view text) {
  return {escape_for_line(text), boost::json::string(escape_invalid_utf8(text))};
}

InfoValue info_count(std::int64_t count) { return {with_thousands(count), count}; }

InfoValue info_number(double number, int decimals, std::string_view unit) {
  std::string text = printed("%.*f", decimals, number);
  if (!unit.empty()) text += " " + std::string(unit);
  return {std::move(text), rounded(number, decimals)};
}

void add_file_facts(const std::filesystem::path& path, InfoReport& report) {
  InfoValue size = info_count(static_cast<std::int64_t>(std::filesystem::file_size(path)));
  size.text += " bytes";
  report.facts.push_back({"size", "size_bytes", std::move(size)});
  report.facts.push_back({"checksum (XXH3)", "xxh3", info_text(file_checksum(path))});
}

std::string to_text(const InfoReport& report) {
  std::size_t width = 0;
  for (const InfoFact& fact : report.facts) width = std::max(width, count_characters(fact.label));
  std::string text = escape_for_line(report.subject) + "\n";
  for (const InfoFact& fact : report.facts) {
    text += trimmed("  " + padded(fact.label, width, false) + "  " + fact.value.text) + "\n";
  }
  for (const InfoTable& table : report.tables) text += table_text(table);
  return text;
}

boost::json::object to_json(const InfoReport& report) {
  boost::json::object object{{"subject", escape_invalid_utf8(report.subject)},
                             {"kind", report.kind}};
  for (const InfoFact& fact : report.facts) object[fact.name] = fact.value.value;
  for (const InfoTable& table : report.tables) {
    boost::json::array rows;
    for (const auto& row : table.rows) {
      boost::json::object cells;
      for (std::size_t c = 0; c < table.columns.size(); ++c) {
        cells[table.columns[c].name] = row.at(c).value;
      }
      rows.push_back(std::move(cells));
    }
    object[table.name] = std::move(rows);
  }
  return object;
}

}  // namespace harpy::tools

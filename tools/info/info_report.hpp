#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace harpy::tools {

/// A value as people read it and as machines do.
struct InfoValue {
  std::string text;
  boost::json::value value;
};

/// A text of any bytes; what cannot stand in a line, or in JSON, is escaped.
InfoValue info_text(std::string_view text);
/// With thousands apart for people: 12,345.
InfoValue info_count(std::int64_t count);
/// With `decimals` digits behind the point and a unit, which may be empty.
InfoValue info_number(double number, int decimals, std::string_view unit);

/// One thing that is known: a label for people, a name for machines.
struct InfoFact {
  std::string label;
  std::string name;
  InfoValue value;
};

struct InfoColumn {
  std::string label;
  std::string name;
  bool is_number = false;  ///< set to the right
};

/// Things that are known of several of a kind.
struct InfoTable {
  std::string title;
  std::string name;
  std::vector<InfoColumn> columns;
  std::vector<std::vector<InfoValue>> rows;  ///< a value for each column
};

/// All that is known of a file, folder or machine.
struct InfoReport {
  std::string subject;  ///< its path or name
  std::string kind;     ///< "audio", "model", "graph", "n-grams", "devices"
  std::vector<InfoFact> facts;
  std::vector<InfoTable> tables;
};

/// Adds a file's size and checksum. Errors: std::runtime_error naming the file.
void add_file_facts(const std::filesystem::path& path, InfoReport& report);

/// Aligned text: the subject, a line a fact, the tables.
std::string to_text(const InfoReport& report);

/// {"subject": …, "kind": …, a field a fact, a list of objects a table}.
boost::json::object to_json(const InfoReport& report);

/// The number with a comma between its thousands.
std::string with_thousands(std::int64_t count);

}  // namespace harpy::tools

#include "kaldi/files/config_file.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "models/files/text_fields.hpp"
#include "models/files/text_lines.hpp"

namespace harpy::kaldi {

ConfigFile::ConfigFile(const std::filesystem::path& path) {
  TextLines lines(path);
  while (const std::optional<std::string_view> line = lines.next()) {
    const std::string_view content = trim(line->substr(0, line->find('#')));
    if (content.empty()) continue;
    if (!content.starts_with("--")) {
      throw lines.error("expected --NAME=VALUE, got \"" + std::string(content) + "\"");
    }
    const std::size_t equals = content.find('=');
    std::string name(trim(content.substr(2, std::min(equals, content.size()) - 2)));
    std::ranges::transform(name, name.begin(), [](unsigned char c) {
      return c == '_' ? '-' : static_cast<char>(std::tolower(c));
    });
    const std::string_view value =
        equals == std::string_view::npos ? "true" : trim(content.substr(equals + 1));
    options_[name] = {.value = std::string(value), .place = lines.place()};
  }
}

const std::string* ConfigFile::find(std::string_view name) {
  const auto found = options_.find(name);
  if (found == options_.end()) return nullptr;
  found->second.is_known = true;
  return &found->second.value;
}

std::string ConfigFile::text(std::string_view name, std::string fallback) {
  const std::string* const value = find(name);
  return value == nullptr ? std::move(fallback) : *value;
}

double ConfigFile::number(std::string_view name, double fallback) {
  const std::string* const value = find(name);
  if (value == nullptr) return fallback;
  const std::optional<double> number = parse_double(*value);
  if (!number || !std::isfinite(*number)) refuse(name, "a number");
  return *number;
}

bool ConfigFile::boolean(std::string_view name, bool fallback) {
  const std::string* const value = find(name);
  if (value == nullptr) return fallback;
  if (*value == "true" || *value == "t" || *value == "1" || value->empty()) return true;
  if (*value != "false" && *value != "f" && *value != "0") refuse(name, "true or false");
  return false;
}

std::int32_t ConfigFile::integer(std::string_view name, std::int32_t fallback,
                                 std::int32_t minimum) {
  const std::string* const value = find(name);
  if (value == nullptr) return fallback;
  const std::optional<std::int32_t> number = parse_int32(*value);
  if (!number || *number < minimum) {
    refuse(name, "a whole number of at least " + std::to_string(minimum));
  }
  return *number;
}

void ConfigFile::refuse(std::string_view name, const std::string& expected) const {
  const Option& option = options_.find(name)->second;
  throw std::runtime_error(option.place + ": --" + std::string(name) + "=" + option.value +
                           ": expected " + expected);
}

void ConfigFile::refuse_others() const {
  for (const auto& [name, option] : options_) {
    if (!option.is_known) {
      throw std::runtime_error(option.place + ": --" + name + ": an option that is not known");
    }
  }
}

}  // namespace harpy::kaldi

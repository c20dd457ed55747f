#include "acoustic/training/manifest.hpp"

#include <stdexcept>
#include <string_view>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "models/files/json_object.hpp"
#include "models/files/text_lines.hpp"

namespace harpy {
namespace {

namespace json = boost::json;

std::string text_field(const json::object& object, std::string_view name,
                       const std::string& source) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_string())
    fail_in_line(source, "field '" + std::string(name) + "' is not a string");
  return std::string(value->get_string());
}

std::optional<double> seconds_field(const json::object& object, std::string_view name,
                                    const std::string& source) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_number())
    fail_in_line(source, "field '" + std::string(name) + "' is not a number");
  const double seconds = value->to_number<double>();
  if (!(seconds >= 0.0)) fail_in_line(source, "field '" + std::string(name) + "' is negative");
  return seconds;
}

/// A channel, which the manifest counts from 1, counted from 0.
std::optional<int> channel_field(const json::object& object, const std::string& source) {
  const json::value* value = object.if_contains("channel");
  if (value == nullptr || value->is_null()) return {};
  boost::system::error_code error;
  const int channel = value->to_number<int>(error);
  if (error || channel < 1) fail_in_line(source, "field 'channel' is not a number from 1 on");
  return channel - 1;
}

}  // namespace

void fail_in_line(const std::string& source, const std::string& problem) {
  throw std::runtime_error(source + ": " + problem);
}

ManifestEntry parse_manifest_line(std::string_view line, const std::string& source,
                                  const std::filesystem::path& folder) {
  const json::object object = parse_json_object(line, source);
  ManifestEntry entry;
  entry.source = source;
  const std::string audio = text_field(object, "audio", source);
  if (audio.empty()) fail_in_line(source, "no field 'audio'");
  entry.audio = folder / audio;
  entry.id = text_field(object, "id", source);
  if (entry.id.empty()) entry.id = audio;
  entry.text = text_field(object, "text", source);
  entry.speaker = text_field(object, "speaker", source);
  entry.start_s = seconds_field(object, "start", source).value_or(0.0);
  entry.end_s = seconds_field(object, "end", source);
  entry.duration_s = seconds_field(object, "duration_s", source).value_or(0.0);
  entry.channel = channel_field(object, source);
  if (entry.end_s && *entry.end_s <= entry.start_s)
    fail_in_line(source, "'end' is not after 'start'");
  return entry;
}

void visit_manifest(const std::filesystem::path& path,
                    const std::function<void(ManifestEntry entry)>& visit) {
  TextLines lines(path);
  while (const auto line = lines.next()) {
    if (trim(*line).empty()) continue;
    visit(parse_manifest_line(*line, lines.place(), path.parent_path()));
  }
}

std::vector<ManifestEntry> read_manifest(const std::filesystem::path& path) {
  std::vector<ManifestEntry> entries;
  visit_manifest(path, [&entries](ManifestEntry entry) { entries.push_back(std::move(entry)); });
  return entries;
}

}  // namespace harpy

#include "tools/merge/shard_results.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <system_error>
#include <unordered_set>
#include <utility>

#include <boost/json.hpp>

#include "models/files/escaped_text.hpp"
#include "models/files/json_object.hpp"
#include "models/files/text_fields.hpp"
#include "service/json/json_text.hpp"
#include "tools/transcribe/output_writer.hpp"

namespace harpy::tools {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

std::string id_of(const json::object& object, const std::string& place) {
  const json::value* id = object.if_contains("id");
  if (id == nullptr || !id->is_string()) {
    throw std::runtime_error(place + ": a recording without the text 'id'");
  }
  return std::string(id->get_string());
}

/// Takes the recordings out of a document; what stays is its header.
json::array take_recordings(json::object& document, const std::string& place) {
  json::value* recordings = document.if_contains("recordings");
  if (recordings == nullptr || !recordings->is_array()) {
    throw std::runtime_error(place + ": not a document of harpy transcribe: no list 'recordings'");
  }
  json::array taken = std::move(recordings->get_array());
  document.erase("recordings");
  return taken;
}

/// Lines joined by single spaces.
std::string joined_lines(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

ShardResults::ShardResults(const std::vector<fs::path>& parts, OutputFormat format)
    : format_(format) {
  for (const fs::path& part : parts) {
    std::error_code error;
    if (fs::is_directory(part, error)) {
      folders_.push_back(part);
    } else {
      add_file(part);
    }
  }
}

void ShardResults::add_file(const fs::path& path) {
  if (format_ != OutputFormat::kText && format_ != OutputFormat::kJson &&
      format_ != OutputFormat::kJsonLines) {
    throw std::runtime_error(
        path.string() +
        ": not a folder, and files are joined only in text, json and jsonl: in "
        "the other forms nothing tells recordings without words from missing "
        "ones; transcribe with --output FOLDER");
  }
  files_.emplace_back(path);
  const std::span<const std::byte> bytes = files_.back().bytes();
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (format_ == OutputFormat::kJson) {
    add_document(text, path.string());
    return;
  }
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string place = path.string() + ":" + std::to_string(number);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      throw std::runtime_error(place + ": the line is cut off: its shard did not come to its end");
    }
    add_line(text.substr(0, end), place);
    text.remove_prefix(end + 1);
  }
}

void ShardResults::add_line(std::string_view line, const std::string& place) {
  if (format_ == OutputFormat::kJsonLines) {
    add(id_of(parse_json_object(line, place), place), line);
    return;
  }
  const std::size_t tab = line.find('\t');
  if (tab == std::string_view::npos) {
    throw std::runtime_error(place + ": no id and tab before the words");
  }
  add(std::string(line.substr(0, tab)), line.substr(tab + 1));
}

void ShardResults::add_document(std::string_view text, const std::string& place) {
  json::object document = parse_json_object(text, place);
  for (const json::value& recording : take_recordings(document, place)) {
    if (!recording.is_object()) throw std::runtime_error(place + ": a recording is no object");
    own_.push_back(json_line(recording));
    add(id_of(recording.get_object(), place), own_.back());
  }
  if (header_.empty()) header_ = std::move(document);
}

void ShardResults::add(std::string id, std::string_view result) {
  Listed& listed = listed_[std::move(id)];
  if (listed.count++ == 0) listed.result = result;
}

std::string ShardResults::listed_id(const Recording& recording) const {
  return format_ == OutputFormat::kText ? escape_for_line(recording.id)
                                        : escape_invalid_utf8(recording.id);
}

std::size_t ShardResults::count(const Recording& recording) const {
  const auto listed = listed_.find(listed_id(recording));
  std::size_t found = listed == listed_.end() ? 0 : listed->second.count;
  for (const fs::path& folder : folders_) {
    std::error_code error;
    found += fs::is_regular_file(output_path(folder, recording, format_), error) ? 1 : 0;
  }
  return found;
}

std::string ShardResults::find(const Recording& recording) const {
  for (const fs::path& folder : folders_) {
    const fs::path path = output_path(folder, recording, format_);
    std::error_code error;
    if (fs::is_regular_file(path, error)) return read_result(path);
  }
  const auto listed = listed_.find(listed_id(recording));
  if (listed == listed_.end()) throw std::runtime_error(recording.id + ": no part has its result");
  return std::string(listed->second.result);
}

std::string ShardResults::read_result(const fs::path& path) const {
  std::ifstream file(path, std::ios::binary);
  std::string content(std::istreambuf_iterator<char>(file), {});
  if (!file) throw std::runtime_error(path.string() + ": cannot be read");
  switch (format_) {
    case OutputFormat::kText:
      return joined_lines(std::move(content));
    case OutputFormat::kJsonLines:
      return std::string(trim(content));
    case OutputFormat::kJson: {
      json::object document = parse_json_object(content, path.string());
      const json::array recordings = take_recordings(document, path.string());
      if (recordings.size() != 1) {
        throw std::runtime_error(path.string() + ": expected one recording, got " +
                                 std::to_string(recordings.size()));
      }
      if (header_.empty()) header_ = std::move(document);
      return json_line(recordings.front());
    }
    default:
      return content;
  }
}

MergeFaults find_merge_faults(const ShardResults& results,
                              const std::vector<Recording>& recordings) {
  MergeFaults faults;
  std::unordered_set<std::string_view> ids;
  std::size_t known_count = 0;
  for (const Recording& recording : recordings) {
    const std::size_t count = results.count(recording);
    if (count == 0) faults.missing.push_back(recording.id);
    if (count > 1) faults.repeated.push_back(recording.id);
    known_count += ids.insert(recording.id).second && results.is_listed(recording) ? 1 : 0;
  }
  faults.unknown_count = results.listed_count() - known_count;
  return faults;
}

void merge_results(const ShardResults& results, OutputFormat format,
                   const std::vector<Recording>& recordings,
                   const std::function<void(std::string_view)>& write) {
  if (!can_hold_many(format)) {
    throw std::invalid_argument("results of this form cannot follow each other");
  }
  bool has_begun = false;
  for (const Recording& recording : recordings) {
    if (results.count(recording) == 0) continue;
    const std::string result = results.find(recording);
    if (format == OutputFormat::kJson) {
      write(has_begun ? kJsonBetweenRecordings : json_document_begin(results.header()));
    }
    if (format == OutputFormat::kText && recordings.size() > 1) {
      write(escape_for_line(recording.id) + "\t");
    }
    write(result);
    if (format == OutputFormat::kText || format == OutputFormat::kJsonLines) write("\n");
    has_begun = true;
  }
  if (format != OutputFormat::kJson) return;
  if (!has_begun) write(json_document_begin(results.header()));
  write(kJsonDocumentEnd);
}

}  // namespace harpy::tools

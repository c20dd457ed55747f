#include "acoustic/training/kaldi_directory.hpp"

#include <charconv>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace harpy {
namespace {

constexpr std::string_view kSpace = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// Takes the first field off a line.
std::string_view take_field(std::string_view& line) {
  const std::string_view field = line.substr(0, line.find_first_of(kSpace));
  line = trimmed(line.substr(field.size()));
  return field;
}

/// A line `id value`.
struct Line {
  std::string source;  ///< "FILE:LINE"
  std::string id;
  std::string value;
};

/// The lines of a file, ids without repetition.
std::vector<Line> read_lines(const std::filesystem::path& path) {
  std::ifstream stream(path);
  if (!stream) fail_in_line(path.string(), "cannot be opened");
  std::vector<Line> lines;
  std::unordered_map<std::string, std::string> known;
  std::int64_t number = 0;
  for (std::string text; std::getline(stream, text);) {
    const std::string source = path.string() + ":" + std::to_string(++number);
    std::string_view rest = trimmed(text);
    if (rest.empty()) continue;
    std::string id(take_field(rest));
    const auto [earlier, is_new] = known.emplace(id, source);
    if (!is_new) fail_in_line(source, id + " was met before, in " + earlier->second);
    lines.push_back({source, std::move(id), std::string(rest)});
  }
  if (stream.bad()) fail_in_line(path.string(), "cannot be read");
  return lines;
}

double take_seconds(std::string_view& fields, const std::string& source) {
  const std::string_view field = take_field(fields);
  double seconds = 0.0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), seconds);
  if (error != std::errc() || end != field.data() + field.size()) {
    fail_in_line(source, "expected UTTERANCE RECORDING START END in seconds");
  }
  return seconds;
}

/// One entry a recording, from wav.scp.
std::vector<ManifestEntry> read_recordings(const std::filesystem::path& path) {
  std::vector<ManifestEntry> recordings;
  for (Line& line : read_lines(path)) {
    if (line.value.empty()) fail_in_line(line.source, "recording " + line.id + " has no path");
    if (line.value.find('|') != std::string::npos) {
      fail_in_line(line.source,
                   "recording " + line.id +
                       " is the output of a command, and commands are not run: write it to a "
                       "file and put that file's path here");
    }
    ManifestEntry entry;
    entry.source = std::move(line.source);
    entry.id = std::move(line.id);
    entry.audio = std::move(line.value);
    recordings.push_back(std::move(entry));
  }
  return recordings;
}

/// One entry an utterance, from segments.
std::vector<ManifestEntry> cut(const std::vector<ManifestEntry>& recordings,
                               const std::filesystem::path& segments) {
  std::unordered_map<std::string, const ManifestEntry*> known;
  for (const ManifestEntry& recording : recordings) known[recording.id] = &recording;
  std::vector<ManifestEntry> utterances;
  for (Line& line : read_lines(segments)) {
    std::string_view fields = line.value;
    const std::string recording(take_field(fields));
    const auto found = known.find(recording);
    if (found == known.end())
      fail_in_line(line.source, "recording " + recording + " is not in wav.scp");
    ManifestEntry entry = *found->second;
    entry.source = line.source;
    entry.id = std::move(line.id);
    entry.start_s = take_seconds(fields, line.source);
    const double end_s = take_seconds(fields, line.source);
    if (!(entry.start_s >= 0.0)) fail_in_line(line.source, "the start is negative");
    if (end_s != -1.0) {
      if (!(end_s > entry.start_s)) fail_in_line(line.source, "the end is not after the start");
      entry.end_s = end_s;
      entry.duration_s = end_s - entry.start_s;
    }
    utterances.push_back(std::move(entry));
  }
  return utterances;
}

/// Fills one field of the entries from a file of lines `utterance value`.
void join(std::vector<ManifestEntry>& entries, const std::filesystem::path& path,
          std::string ManifestEntry::*field) {
  std::unordered_map<std::string, ManifestEntry*> known;
  for (ManifestEntry& entry : entries) known[entry.id] = &entry;
  for (Line& line : read_lines(path)) {
    const auto found = known.find(line.id);
    if (found == known.end())
      fail_in_line(line.source, "there is no recording of utterance " + line.id);
    found->second->*field = std::move(line.value);
  }
}

}  // namespace

std::vector<ManifestEntry> read_kaldi_directory(const std::filesystem::path& directory) {
  std::vector<ManifestEntry> entries = read_recordings(directory / "wav.scp");
  const std::filesystem::path segments = directory / "segments";
  if (std::filesystem::exists(segments)) entries = cut(entries, segments);
  join(entries, directory / "text", &ManifestEntry::text);
  const std::filesystem::path speakers = directory / "utt2spk";
  if (std::filesystem::exists(speakers)) join(entries, speakers, &ManifestEntry::speaker);
  return entries;
}

}  // namespace harpy

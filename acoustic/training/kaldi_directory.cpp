#include "acoustic/training/kaldi_directory.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "models/files/text_lines.hpp"

namespace harpy {
namespace {

/// So many lines of a file are named one by one when they are passed over.
constexpr std::size_t kNamedLines = 5;

/// A line `id value`.
struct Line {
  std::string source;  ///< "FILE:LINE"
  std::string id;
  std::string value;
};

/// The lines of a file, ids without repetition.
std::vector<Line> read_lines(const std::filesystem::path& path) {
  TextLines text(path);
  std::vector<Line> lines;
  std::unordered_map<std::string, std::string> known;
  while (const auto line = text.next()) {
    std::string_view rest = *line;
    std::string id(take_word(rest));
    if (id.empty()) continue;
    const auto [earlier, is_new] = known.emplace(id, text.place());
    if (!is_new) fail_in_line(text.place(), id + " was met before, in " + earlier->second);
    lines.push_back({text.place(), std::move(id), std::string(trim(rest))});
  }
  return lines;
}

/// Lines of one file that belong to no recording.
class SurplusLines {
 public:
  SurplusLines(bool is_strict, std::vector<std::string>& notes)
      : is_strict_(is_strict), notes_(notes) {}
  SurplusLines(const SurplusLines&) = delete;
  SurplusLines& operator=(const SurplusLines&) = delete;

  void add(const Line& line, const std::string& problem) {
    if (is_strict_) fail_in_line(line.source, problem);
    if (++count_ <= kNamedLines) {
      notes_.push_back(line.source + ": " + problem + "; the line is passed over");
    }
  }

  void finish(const std::filesystem::path& path) {
    if (count_ <= kNamedLines) return;
    notes_.push_back(path.string() + ": " + std::to_string(count_ - kNamedLines) +
                     " more such lines are passed over");
  }

 private:
  const bool is_strict_;
  std::vector<std::string>& notes_;
  std::size_t count_ = 0;
};

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

/// Cuts an utterance out of its recording by the fields START END [CHANNEL].
void cut(ManifestEntry& entry, std::string_view fields, const std::string& source) {
  const std::optional<double> start_s = parse_double(take_word(fields));
  const std::optional<double> end_s = parse_double(take_word(fields));
  const std::string_view channel = take_word(fields);
  if (!start_s || !end_s) {
    fail_in_line(source, "expected UTTERANCE RECORDING START END [CHANNEL], times in seconds");
  }
  if (!take_word(fields).empty()) {
    fail_in_line(source, "too many fields; expected UTTERANCE RECORDING START END [CHANNEL]");
  }
  entry.start_s = *start_s;
  if (!(entry.start_s >= 0.0)) fail_in_line(source, "the start is negative");
  if (*end_s != -1.0) {
    if (!(*end_s > entry.start_s)) fail_in_line(source, "the end is not after the start");
    entry.end_s = *end_s;
    entry.duration_s = *end_s - entry.start_s;
  }
  if (channel.empty()) return;
  entry.channel = parse_int32(channel);
  if (!entry.channel || *entry.channel < 0) {
    fail_in_line(source, "expected a channel counted from 0, got " + std::string(channel));
  }
}

/// One entry an utterance, from segments.
std::vector<ManifestEntry> read_segments(const std::vector<ManifestEntry>& recordings,
                                         const std::filesystem::path& path, bool is_strict,
                                         std::vector<std::string>& notes) {
  std::unordered_map<std::string, const ManifestEntry*> known;
  for (const ManifestEntry& recording : recordings) known[recording.id] = &recording;
  std::unordered_set<std::string> used;
  std::vector<ManifestEntry> utterances;
  SurplusLines surplus(is_strict, notes);
  for (Line& line : read_lines(path)) {
    std::string_view fields = line.value;
    const std::string recording(take_word(fields));
    const auto found = known.find(recording);
    if (found == known.end()) {
      const std::string problem = "recording " + recording + " is not in wav.scp";
      if (recording.empty()) fail_in_line(line.source, problem);
      surplus.add(line, problem);
      continue;
    }
    used.insert(recording);
    ManifestEntry entry = *found->second;
    entry.source = line.source;
    entry.id = std::move(line.id);
    cut(entry, fields, line.source);
    utterances.push_back(std::move(entry));
  }
  surplus.finish(path);
  const std::size_t unused = recordings.size() - used.size();
  if (unused > 0) {
    const auto first =
        std::find_if(recordings.begin(), recordings.end(),
                     [&](const ManifestEntry& recording) { return !used.contains(recording.id); });
    notes.push_back(first->source + ": recording " + first->id + " has no line in segments" +
                    (unused > 1 ? ", as " + std::to_string(unused - 1) + " more" : "") +
                    ", and is not read");
  }
  return utterances;
}

/// Fills one field of the entries from a file of lines `utterance value`.
void join(std::vector<ManifestEntry>& entries, const std::filesystem::path& path,
          std::string ManifestEntry::*field, SurplusLines& surplus) {
  std::unordered_map<std::string, ManifestEntry*> known;
  for (ManifestEntry& entry : entries) known[entry.id] = &entry;
  for (Line& line : read_lines(path)) {
    const auto found = known.find(line.id);
    if (found == known.end()) {
      surplus.add(line, "there is no recording of utterance " + line.id);
    } else if (field == &ManifestEntry::speaker &&
               line.value.find_first_of(kBlanks) != std::string::npos) {
      fail_in_line(line.source, "too many fields; expected UTTERANCE SPEAKER");
    } else {
      found->second->*field = std::move(line.value);
    }
  }
  surplus.finish(path);
}

}  // namespace

KaldiDirectory read_kaldi_directory(const std::filesystem::path& directory,
                                    const KaldiOptions& options) {
  KaldiDirectory read;
  read.entries = read_recordings(directory / "wav.scp");
  const std::filesystem::path segments = directory / "segments";
  if (std::filesystem::exists(segments)) {
    read.entries = read_segments(read.entries, segments, options.is_strict, read.notes);
  }
  const std::filesystem::path text = directory / "text";
  if (options.needs_text || std::filesystem::exists(text)) {
    SurplusLines surplus(options.is_strict, read.notes);
    join(read.entries, text, &ManifestEntry::text, surplus);
  }
  const std::filesystem::path speakers = directory / "utt2spk";
  if (std::filesystem::exists(speakers)) {
    SurplusLines surplus(options.is_strict, read.notes);
    join(read.entries, speakers, &ManifestEntry::speaker, surplus);
  }
  return read;
}

}  // namespace harpy

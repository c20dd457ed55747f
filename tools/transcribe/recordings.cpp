#include "tools/transcribe/recordings.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "acoustic/training/kaldi_directory.hpp"
#include "acoustic/training/manifest.hpp"
#include "frontend/audio/audio_file.hpp"
#include "frontend/audio/ffmpeg_source.hpp"
#include "frontend/audio/foreign_format.hpp"

namespace harpy::tools {

namespace fs = std::filesystem;

namespace {

constexpr std::array kAudioEndings = std::to_array<std::string_view>(
    {".wav", ".wave", ".w64", ".rf64", ".bw64", ".bwf", ".aif", ".aiff", ".aifc", ".au", ".snd",
     ".caf", ".sph", ".nist", ".flac", ".ogg", ".oga", ".opus", ".mp3"});

/// What only ffmpeg can read.
constexpr std::array kForeignEndings = std::to_array<std::string_view>(
    {".webm", ".mkv", ".mka", ".mp4", ".m4a", ".m4b", ".mov", ".3gp", ".aac", ".wma",
     ".asf",  ".amr", ".awb", ".mp2", ".ac3", ".ape", ".wv",  ".tta", ".shn", ".spx"});

constexpr const char* kStandardInput = "-";

bool has_ending(const fs::path& path, std::span<const std::string_view> endings) {
  std::string ending = path.extension().string();
  for (char& letter : ending) {
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return std::ranges::find(endings, ending) != endings.end();
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with("."); }

}  // namespace

std::string output_name(const std::string& id) {
  fs::path name;
  for (const fs::path& part : fs::path(id)) {
    const std::string text = part.string();
    if (text.empty() || text == "." || text.find_first_not_of('/') == std::string::npos) continue;
    name /= text == ".." ? fs::path("_") : part;
  }
  if (has_ending(name, kAudioEndings) || has_ending(name, kForeignEndings)) {
    name.replace_extension();
  }
  return name.empty() ? "_" : name.string();
}

RecordingList::RecordingList(const RecordingRequest& request, std::istream& standard_input) {
  try {
    for (const std::string& input : request.inputs) add_input(request, input, standard_input);
    if (!request.manifest.empty()) add_manifest(request);
    if (recordings_.empty()) {
      throw std::runtime_error(
          "nothing to transcribe: name files, folders, - for standard input, or a --manifest");
    }
  } catch (...) {
    std::error_code ignored;
    if (!spool_folder_.empty()) fs::remove_all(spool_folder_, ignored);
    throw;
  }
}

RecordingList::~RecordingList() {
  std::error_code ignored;
  if (!spool_folder_.empty()) fs::remove_all(spool_folder_, ignored);
}

void RecordingList::add_input(const RecordingRequest& request, const std::string& input,
                              std::istream& standard_input) {
  std::error_code ignored;
  if (input != kStandardInput && fs::is_directory(input, ignored)) {
    add_folder(request, input);
    return;
  }
  Recording recording{
      .id = input, .name = output_name(fs::path(input).filename().string()), .audio = input};
  recording.raw = request.raw;
  recording.with_ffmpeg = request.with_ffmpeg;
  if (input == kStandardInput) {
    recording.name = "stdin";
    // What is read once from front to back needs no file.
    if (!request.raw || request.each_channel) {
      spool(standard_input);
      recording.spooled = spool_folder_ / "stdin";
    }
  }
  add(request, std::move(recording));
}

void RecordingList::add_folder(const RecordingRequest& request, const fs::path& folder) {
  std::vector<fs::path> found;
  std::vector<fs::path> foreign;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  while (!error && entry != fs::recursive_directory_iterator()) {
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(error)) {
      if (request.raw || has_ending(entry->path(), kAudioEndings)) {
        found.push_back(entry->path());
      } else if (has_ending(entry->path(), kForeignEndings)) {
        (request.with_ffmpeg ? found : foreign).push_back(entry->path());
      }
    }
    entry.increment(error);
  }
  if (!foreign.empty()) {
    const std::string others =
        foreign.size() == 1 ? " is" : " and " + std::to_string(foreign.size() - 1) + " more are";
    notes_.push_back(std::ranges::min(foreign).string() + others +
                     " passed over, for only ffmpeg can read such files; add --ffmpeg");
  }
  if (error || found.empty()) {
    const std::string fault = folder.string() + ": " +
                              (error ? "cannot be searched through: " + error.message()
                                     : "holds no file that ends like a recording");
    recordings_.push_back({.id = folder.string(),
                           .name = output_name(folder.string()),
                           .audio = folder,
                           .fault = fault});
  }
  std::sort(found.begin(), found.end());
  for (const fs::path& file : found) {
    add(request, {.id = file.string(),
                  .name = output_name(file.lexically_relative(folder).string()),
                  .audio = file,
                  .raw = request.raw,
                  .with_ffmpeg = request.with_ffmpeg});
  }
}

Recording recording_of(const ManifestEntry& entry) {
  return {.id = entry.id,
          .name = output_name(entry.id),
          .audio = entry.audio,
          .start_s = entry.start_s,
          .end_s = entry.end_s,
          .duration_s = entry.duration_s,
          .text = entry.text,
          .speaker = entry.speaker,
          .channel = entry.channel};
}

void RecordingList::add_manifest(const RecordingRequest& request) {
  KaldiDirectory manifest;
  if (fs::is_directory(request.manifest)) {
    manifest = read_kaldi_directory(request.manifest,
                                    {.needs_text = false, .is_strict = request.is_strict});
  } else {
    manifest.entries = read_manifest(request.manifest);
  }
  notes_.insert(notes_.end(), manifest.notes.begin(), manifest.notes.end());
  for (const ManifestEntry& entry : manifest.entries) {
    Recording recording = recording_of(entry);
    recording.raw = request.raw;
    recording.with_ffmpeg = request.with_ffmpeg;
    add(request, std::move(recording));
  }
}

void RecordingList::add(const RecordingRequest& request, Recording recording) {
  if (request.channel) recording.channel = request.channel;
  if (!request.each_channel || recording.channel) {
    recordings_.push_back(std::move(recording));
    return;
  }
  int channel_count = 0;
  try {
    channel_count = open_recording(recording).source->channel_count();
  } catch (const std::runtime_error& error) {
    recording.fault = error.what();
    recordings_.push_back(std::move(recording));
    return;
  }
  for (int channel = 0; channel < channel_count; ++channel) {
    Recording one = recording;
    one.id += "-" + std::to_string(channel + 1);
    one.channel = channel;
    one.is_one_of_many = true;
    recordings_.push_back(std::move(one));
  }
}

void RecordingList::spool(std::istream& standard_input) {
  if (!spool_folder_.empty()) throw std::runtime_error("standard input (-) is named twice");
  std::string pattern = (fs::temp_directory_path() / "harpy-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error(pattern +
                             ": cannot be made: " + std::generic_category().message(errno));
  }
  spool_folder_ = pattern;
  std::ofstream file(spool_folder_ / "stdin", std::ios::binary);
  if (standard_input.peek() != std::istream::traits_type::eof()) file << standard_input.rdbuf();
  if (!file.flush()) {
    throw std::runtime_error((spool_folder_ / "stdin").string() +
                             ": standard input cannot be kept here: is the disk full?");
  }
}

std::string channel_name(const Recording& recording) {
  if (!recording.is_one_of_many) return recording.name;
  return recording.name + "-" + std::to_string(*recording.channel + 1);
}

void RecordingList::check_names_differ() const {
  std::map<std::string, const Recording*> owners;
  for (const Recording& recording : recordings_) {
    const auto [owner, is_new] = owners.emplace(channel_name(recording), &recording);
    if (is_new) continue;
    throw std::runtime_error("two recordings have the name \"" + owner->first +
                             "\": " + owner->second->id + " and " + recording.id);
  }
}

namespace {

std::unique_ptr<std::istream> open_raw_file(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) throw std::runtime_error(path.string() + ": is a folder");
  auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*file) throw std::runtime_error(path.string() + ": cannot be opened");
  if (file->peek() == std::ifstream::traits_type::eof()) {
    throw std::runtime_error(path.string() + ": is empty");
  }
  return file;
}

OpenRecording open_sound_file(const Recording& recording, const fs::path& path) {
  OpenRecording opened;
  try {
    auto file = std::make_unique<AudioFile>(path);
    if (const auto count = file->frame_count()) {
      opened.length_s = static_cast<double>(*count) / file->sample_rate_hz();
    }
    opened.source = std::move(file);
  } catch (const UnsupportedAudio& error) {
    if (!recording.with_ffmpeg)
      throw UnsupportedAudio(std::string(error.what()) + ", or add --ffmpeg");
    opened.source = std::make_unique<FfmpegSource>(path);
  }
  return opened;
}

OpenRecording open_file(const Recording& recording, const fs::path& path) {
  if (!recording.raw) return open_sound_file(recording, path);
  OpenRecording opened;
  const PcmFormat& raw = *recording.raw;
  if (path == kStandardInput) {
    opened.source = std::make_unique<PcmStream>(std::cin, "standard input", raw);
    return opened;
  }
  opened.file = open_raw_file(path);
  opened.source = std::make_unique<PcmStream>(*opened.file, path.string(), raw);
  std::error_code error;
  const auto size_bytes = static_cast<double>(fs::file_size(path, error));
  if (!error) {
    opened.length_s =
        size_bytes / pcm_sample_bytes(raw.coding) / raw.channel_count / raw.sample_rate_hz;
  }
  return opened;
}

}  // namespace

OpenRecording open_recording(const Recording& recording) {
  if (!recording.fault.empty()) throw std::runtime_error(recording.fault);
  const fs::path& path = recording.spooled.empty() ? recording.audio : recording.spooled;
  OpenRecording opened = open_file(recording, path);
  const int channel_count = opened.source->channel_count();
  if (recording.channel && *recording.channel >= channel_count) {
    throw std::runtime_error(path.string() + ": has " + std::to_string(channel_count) +
                             (channel_count == 1 ? " channel" : " channels") + ", but channel " +
                             std::to_string(*recording.channel + 1) + " is asked for");
  }
  return opened;
}

std::optional<double> recording_length_s(const Recording& recording) {
  if (recording.end_s) return *recording.end_s - recording.start_s;
  if (recording.duration_s > 0.0) return recording.duration_s;
  if (recording.raw && recording.audio == kStandardInput && recording.spooled.empty()) return {};
  // Running ffmpeg only for the length would take longer than not knowing it is worth.
  if (recording.with_ffmpeg) return {};
  try {
    const std::optional<double> whole_s = open_recording(recording).length_s;
    if (whole_s) return std::max(0.0, *whole_s - recording.start_s);
  } catch (const std::exception&) {
    return 0.0;  // its fault is told when its turn comes
  }
  return {};
}

}  // namespace harpy::tools

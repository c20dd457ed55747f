#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace harpy {

/// One utterance of a manifest.
struct ManifestEntry {
  std::string source;  ///< "FILE:LINE", for messages
  std::string id;
  std::filesystem::path audio;  ///< relative paths are resolved against the manifest's folder
  std::string text;             ///< empty if the manifest has none
  std::string speaker;          ///< empty if the manifest has none
  double start_s = 0.0;         ///< of the utterance within the recording
  std::optional<double> end_s;  ///< absent: the end of the recording
  double duration_s = 0.0;      ///< as the manifest says; 0 if it does not
  std::optional<int> channel;   ///< from 0; absent: the manifest says nothing of channels
  /// Nobody speaks in it: it needs no transcript, and training on it teaches to put out nothing.
  bool is_background = false;
};

/// Reads a manifest in JSON lines: {"id": "a1", "audio": "audio/a1.flac", "text": "HELLO",
/// "speaker": "s1", "start": 0.5, "end": 2.25, "duration_s": 1.75, "channel": 2}. `audio` is
/// required; `id` defaults to it; `channel` counts from 1. Further fields are ignored, empty lines
/// too. Errors: std::runtime_error naming file and line for a file that cannot be read, text that
/// is not a JSON object, a missing `audio`, a field of the wrong type, times that are negative or
/// end before the start, a channel below 1.
std::vector<ManifestEntry> read_manifest(const std::filesystem::path& path);

/// The same entry by entry, for manifests that are larger than memory.
void visit_manifest(const std::filesystem::path& path,
                    const std::function<void(ManifestEntry entry)>& visit);

/// One line of such a manifest; `source` names it in errors, relative paths are resolved against
/// `folder`. Errors: as read_manifest.
ManifestEntry parse_manifest_line(std::string_view line, const std::string& source,
                                  const std::filesystem::path& folder);

/// Throws the std::runtime_error that a list of recordings ends with: "SOURCE: PROBLEM", where the
/// source is a file or "FILE:LINE".
[[noreturn]] void fail_in_line(const std::string& source, const std::string& problem);

}  // namespace harpy

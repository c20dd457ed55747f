#pragma once

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "acoustic/training/manifest.hpp"
#include "frontend/audio/audio_source.hpp"
#include "frontend/audio/pcm.hpp"

namespace harpy::tools {

/// A recording, or a part or one channel of one, to transcribe.
struct Recording {
  std::string id;                 ///< in outputs
  std::string name;               ///< of files written for it, without ending; may hold folders
  std::filesystem::path audio;    ///< as its user names it; "-" is standard input
  std::filesystem::path spooled;  ///< holds the audio of standard input, where it is kept in a file
  double start_s = 0.0;
  std::optional<double> end_s;   ///< absent: the end of the recording
  double duration_s = 0.0;       ///< of the stretch, as the manifest says; 0 if it does not
  std::string text;              ///< what is said, as the manifest says; empty if it does not
  std::string speaker;           ///< likewise
  std::optional<int> channel;    ///< from 0; absent: the mean of all
  bool is_one_of_many = false;   ///< whether its channels are recordings of their own
  std::optional<PcmFormat> raw;  ///< of audio without a header
  bool with_ffmpeg = false;      ///< whether ffmpeg may decode what only it can read
  std::string fault;             ///< why it cannot be read; empty: not known yet
};

/// The recording of a manifest's line.
Recording recording_of(const ManifestEntry& entry);

/// Which recordings a user asks for.
struct RecordingRequest {
  std::vector<std::string> inputs;  ///< files, folders, "-" for standard input
  std::filesystem::path manifest;   ///< JSON lines or a Kaldi data directory; empty: none
  std::optional<PcmFormat> raw;     ///< set: the inputs have no header
  bool with_ffmpeg = false;         ///< ffmpeg decodes what only it can read
  std::optional<int> channel;       ///< from 0; absent: the mean of all
  bool each_channel = false;        ///< every channel is a recording of its own
  bool is_strict = false;           ///< lines of a Kaldi directory without recording are an error
};

/// The recordings of a request, and the temporary file that holds standard input if need be.
class RecordingList {
 public:
  /// Folders are searched through for audio files (by their endings; hidden ones are left out), in
  /// the order of their paths. An input that cannot be read is a recording with a fault.
  /// Errors: std::runtime_error for a manifest that cannot be read, or if there is no recording.
  explicit RecordingList(const RecordingRequest& request, std::istream& standard_input);
  ~RecordingList();
  RecordingList(const RecordingList&) = delete;
  RecordingList& operator=(const RecordingList&) = delete;

  const std::vector<Recording>& recordings() const { return recordings_; }
  /// What was passed over in folders and in the manifest, each a line of its own.
  const std::vector<std::string>& notes() const { return notes_; }

  /// Errors: std::runtime_error naming two recordings that would be written to the same file.
  void check_names_differ() const;

 private:
  void add_input(const RecordingRequest& request, const std::string& input,
                 std::istream& standard_input);
  void add_folder(const RecordingRequest& request, const std::filesystem::path& folder);
  void add_manifest(const RecordingRequest& request);
  void add(const RecordingRequest& request, Recording recording);
  void spool(std::istream& standard_input);

  std::vector<Recording> recordings_;
  std::vector<std::string> notes_;
  std::filesystem::path spool_folder_;  ///< empty: none
};

/// An open recording.
struct OpenRecording {
  std::unique_ptr<std::istream> file;  ///< what a raw `source` reads
  std::unique_ptr<AudioSource> source;
  std::optional<double> length_s;  ///< of the whole file, where it is known before reading
};

/// Errors: std::runtime_error naming the recording and what is wrong.
OpenRecording open_recording(const Recording& recording);

/// Seconds of audio that a recording has, by its manifest or else by the file's header; absent
/// where only reading tells.
std::optional<double> recording_length_s(const Recording& recording);

/// The name of a recording's files: that of its channel too, where there are several.
std::string channel_name(const Recording& recording);

/// A name for files from an id or a path: without the ending of audio files, without a way out of
/// the folder that it is put into.
std::string output_name(const std::string& id);

}  // namespace harpy::tools

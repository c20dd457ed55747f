#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "acoustic/training/manifest.hpp"

namespace harpy {

struct KaldiOptions {
  /// Whether the file `text` must be there, as for training.
  bool needs_text = true;
  /// Whether a line that belongs to no recording is an error. Otherwise it is passed over, and a
  /// note names it.
  bool is_strict = true;
};

struct KaldiDirectory {
  std::vector<ManifestEntry> entries;
  /// What was passed over, each a line of its own that begins with file and line.
  std::vector<std::string> notes;
};

/// Reads a data directory of Kaldi's: the file wav.scp (`recording path`) and, if they are there,
/// segments (`utterance recording start end [channel]`; an end of -1 is that of the recording,
/// channels are counted from 0), text (`utterance words ...`) and utt2spk (`utterance speaker`).
/// Without segments each recording is an utterance. As in Kaldi, relative paths are resolved
/// against the working directory. An utterance without a line in `text` has an empty transcript.
///
/// Errors: std::runtime_error naming file and line for a line with too few or too many fields, an
/// id that is there twice, times out of order, a command in place of a path (`sph2pipe ... |`:
/// commands are never run), and as TextLines. A line that belongs to no recording: see
/// KaldiOptions.
KaldiDirectory read_kaldi_directory(const std::filesystem::path& directory,
                                    const KaldiOptions& options = {});

}  // namespace harpy

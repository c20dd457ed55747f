#pragma once

#include <filesystem>
#include <vector>

#include "acoustic/training/manifest.hpp"

namespace harpy {

/// Reads a data directory of Kaldi's: the files wav.scp (`recording path`) and text (`utterance
/// words ...`) and, if they are there, segments (`utterance recording start end`; an end of -1 is
/// that of the recording) and utt2spk (`utterance speaker`). Without segments each recording is an
/// utterance. As in Kaldi, relative paths are resolved against the working directory.
///
/// An utterance without a line in `text` has an empty transcript. Errors: std::runtime_error naming
/// file and line for a line with too few fields, an id that is there twice or is unknown, times out
/// of order, and a command in place of a path (`sph2pipe ... |`): commands are never run.
std::vector<ManifestEntry> read_kaldi_directory(const std::filesystem::path& directory);

}  // namespace harpy

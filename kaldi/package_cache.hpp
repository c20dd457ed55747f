#pragma once

#include <filesystem>

namespace harpy::kaldi {

/// The model package of a folder of Kaldi's or Vosk's, made at its first use and kept: in
/// $XDG_CACHE_HOME/harpy if that variable is set, else beside the folder. It is made anew when a
/// file of the folder changes. Several processes may ask for it at once: each makes its own, and
/// the first that is ready stays.
/// Errors: std::runtime_error as convert_model, or if the package cannot be written.
std::filesystem::path cached_package(const std::filesystem::path& folder);

/// `path` itself, or the package of the folder that it names if that is one of Kaldi's or Vosk's.
/// Errors: as cached_package.
std::filesystem::path package_of(const std::filesystem::path& path);

}  // namespace harpy::kaldi

#include "tools/serve/decoding_program.hpp"

#include <system_error>

#include <unistd.h>

namespace harpy::tools {

namespace fs = std::filesystem;

std::vector<fs::path> decoding_program_places() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const fs::path folder = program.parent_path();
  return {folder / HARPY_AUDIO_DECODER,
          (folder / HARPY_LIBEXEC_FROM_PROGRAM / HARPY_AUDIO_DECODER).lexically_normal()};
}

std::optional<fs::path> find_decoding_program(const std::vector<fs::path>& places) {
  for (const fs::path& place : places) {
    if (fs::is_regular_file(place) && access(place.c_str(), X_OK) == 0) return place;
  }
  return std::nullopt;
}

}  // namespace harpy::tools

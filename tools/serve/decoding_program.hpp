#pragma once

#include <filesystem>
#include <optional>
#include <vector>

namespace harpy::tools {

/// Where harpy-audio-decoder may be, the program that decodes what clients upload: beside this
/// program, as in a build folder, or in this installation.
std::vector<std::filesystem::path> decoding_program_places();

/// The first of the places that has a program; nothing if none has.
std::optional<std::filesystem::path> find_decoding_program(
    const std::vector<std::filesystem::path>& places = decoding_program_places());

}  // namespace harpy::tools

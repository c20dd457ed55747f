#pragma once

#include <filesystem>
#include <memory>

#include "frontend/ivector/ivector_extractor.hpp"

namespace harpy {

/// Writes an extractor into a file of sections (models/files/section_file.hpp).
/// Errors: std::runtime_error naming the file.
void write_ivector_file(const std::filesystem::path& path, const IvectorExtractor& extractor);

/// Reads such a file; every truncation and every altered byte is refused.
/// Errors: std::runtime_error naming the file, the place and what is wrong.
std::shared_ptr<const IvectorExtractor> read_ivector_file(const std::filesystem::path& path);

}  // namespace harpy

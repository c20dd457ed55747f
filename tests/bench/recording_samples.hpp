#pragma once

#include <filesystem>
#include <vector>

namespace harpy::bench {

/// The samples of a recording, in [-1, 1], at the rate wanted.
/// Errors: std::runtime_error naming the file.
std::vector<float> recording_samples(const std::filesystem::path& path, double rate_hz);

}  // namespace harpy::bench

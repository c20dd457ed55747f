#pragma once

#include <filesystem>
#include <vector>

#include "service/recognizer/model_package.hpp"

namespace harpy::bench {

/// Log-likelihoods of a recording, [frames, pdfs], as the recogniser hands them to the search. The
/// backend is one that the model was loaded for. Errors: std::runtime_error naming the file.
std::vector<float> log_likelihoods(const ModelPackage& model, Backend& backend,
                                   const std::filesystem::path& path);

}  // namespace harpy::bench

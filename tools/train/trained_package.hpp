#pragma once

#include <filesystem>

#include "acoustic/network.hpp"
#include "service/recognizer/model_description.hpp"

namespace harpy::tools {

/// Writes a network as a model package, which lacks only its graph: the weights and then
/// model.json, which has their checksum. A package that was there is replaced.
/// `model`: all of the description but the checksum of the weights.
/// Errors: std::runtime_error naming the file that cannot be written.
void write_trained_package(const std::filesystem::path& folder, ModelDescription model,
                           Backend& backend, Network& network);

/// Whether a folder holds the weights of such a package.
bool has_trained_package(const std::filesystem::path& folder, const ModelDescription& model);

}  // namespace harpy::tools

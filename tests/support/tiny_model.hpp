#pragma once

#include <filesystem>

#include "service/recognizer/model_description.hpp"

namespace harpy::testing {

/// The description of the tiny model: 80 log-mel bins, three labels, random weights.
ModelDescription tiny_description();

/// Writes a whole model package whose words mean nothing but which runs every stage: the words ONE
/// (A B), TWO (B C) and THREE (C) in any order.
void write_tiny_model(const std::filesystem::path& directory);

}  // namespace harpy::testing

#pragma once

#include <filesystem>

#include "service/recognizer/model_description.hpp"

namespace harpy::testing {

/// The description of the tiny model: 80 log-mel bins, three labels, random weights.
ModelDescription tiny_description();

/// Writes a whole model package whose words mean nothing but which runs every stage: the words ONE
/// (A B), TWO (B C) and THREE (C) in any order.
void write_tiny_model(const std::filesystem::path& directory);

/// Frequencies of the sounds A and B of the tone model, in hertz.
inline constexpr double kToneA_hz = 500.0;
inline constexpr double kToneB_hz = 3000.0;

/// Writes a model that really hears: the words AN, which is a tone A, and AND, a tone A and a tone
/// B. As in a graph made of a lexicon's tree, a path pays for the word AN only when it leaves it.
void write_tone_model(const std::filesystem::path& directory);

}  // namespace harpy::testing

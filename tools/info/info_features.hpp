#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace harpy::tools {

/// Which features of which channels are shown, and where.
struct FeatureOutput {
  std::filesystem::path model;        ///< package whose features are taken; empty: the defaults
  std::vector<std::string> settings;  ///< "NAME=VALUE" of FeatureOptions
  std::string channel = "mix";        ///< "mix", "each", or a number from 1
  std::filesystem::path output;       ///< .svg, .png or .tsv; empty: a table on standard output
};

/// Errors: std::invalid_argument for settings that no front end can have.
void check_feature_settings(const FeatureOutput& output);

/// Computes the features of a recording in one pass and prints, writes or draws them.
/// Errors: as check_feature_settings; std::runtime_error naming the file, also for a recording
/// shorter than a frame.
void show_features(const std::filesystem::path& path, const FeatureOutput& output);

}  // namespace harpy::tools

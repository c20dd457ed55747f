#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "acoustic/training/feature_store.hpp"

namespace harpy {

/// A number that changes with the recordings and with the description of the features, so that a
/// file of features that is named by it is used only for what it was made from.
std::uint64_t feature_pack_key(const EntryList& entries, const std::string& feature_description);

/// Computes features into a file, which takes its place when it is whole. Memory holds the
/// recordings in work and 32 bytes for each that is done. Errors: as compute_feature_items and
/// ReplacementFile.
void pack_features(const std::filesystem::path& path, std::uint64_t key, const FeatureWork& work);

/// The features of such a file, which are read when they are used, as its index is: memory holds
/// nothing but the errors of recordings that have no features. Nothing if there is no file, or one
/// of an older form. Errors: std::runtime_error naming the file if it is truncated or damaged, or
/// was made under another key; values are checked when they are used (StoredFeatures).
std::optional<FeatureStore> map_features(const std::filesystem::path& path, std::uint64_t key);

}  // namespace harpy

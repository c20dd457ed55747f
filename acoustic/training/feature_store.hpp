#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "acoustic/training/half.hpp"
#include "acoustic/training/manifest.hpp"

namespace harpy {

/// Computes the features of one recording, row-major [frames, dim]. Called from several threads at
/// once. Errors: std::runtime_error with the reason if the recording cannot be used.
using FeatureFunction = std::function<std::vector<float>(const ManifestEntry&)>;

/// Is told how many of how many recordings are done. Never called by two threads at once.
using LoadProgress = std::function<void(std::size_t done, std::size_t total)>;

/// The features of all entries of some manifests, in memory at half precision (about 58 MB an hour
/// of 80 values every 10 ms).
class FeatureStore {
 public:
  /// What became of one manifest entry: its features, or the reason why it has none.
  struct Item {
    std::vector<Half> values;  ///< [frames, dim]
    std::string error;         ///< why there are none; empty if there are
  };

  FeatureStore() = default;
  FeatureStore(std::int64_t dim, std::vector<Item> items) : dim_(dim), items_(std::move(items)) {}

  std::int64_t dim() const { return dim_; }
  /// One item for each manifest entry, in the order of the entries.
  std::span<const Item> items() const { return items_; }
  std::int64_t frame_count(std::size_t item) const {
    return static_cast<std::int64_t>(items_[item].values.size()) / dim_;
  }

  /// Appends the items of another store.
  /// Errors: std::invalid_argument if the dimensions differ.
  void append(FeatureStore other);

  /// Writes a cache file. Errors: as ReplacementFile.
  void save(const std::filesystem::path& path, std::uint64_t key) const;
  /// Reads a cache file if it is whole and was saved under `key`; otherwise leaves this store as it
  /// was.
  bool load(const std::filesystem::path& path, std::uint64_t key);

 private:
  std::int64_t dim_ = 0;
  std::vector<Item> items_;
};

/// A number that changes with the recordings and with the description of the features, so that a
/// cache saved under it is used only for what it was made from.
std::uint64_t feature_cache_key(std::span<const ManifestEntry> entries,
                                const std::string& feature_description);

/// Computes the features of `entries` with `thread_count` threads. A recording that cannot be used
/// becomes an item with an error. Errors: std::invalid_argument for a thread count below 1.
FeatureStore load_features(std::span<const ManifestEntry> entries, std::int64_t dim,
                           const FeatureFunction& features, int thread_count,
                           const LoadProgress& progress);

}  // namespace harpy

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "acoustic/training/half.hpp"
#include "acoustic/training/manifest.hpp"
#include "acoustic/training/stored_features.hpp"

namespace harpy {

/// Computes the features of one recording, row-major [frames, dim]. Called from several threads at
/// once. Errors: std::runtime_error with the reason if the recording cannot be used.
using FeatureFunction = std::function<std::vector<float>(const ManifestEntry&)>;

/// Is told how many of how many recordings are done. Never called by two threads at once.
using LoadProgress = std::function<void(std::size_t done, std::size_t total)>;

/// The features of all entries of some manifests at half precision (about 58 MB an hour of 80
/// values every 10 ms), in memory or in mapped files (feature_pack.hpp). Move-only.
class FeatureStore {
 public:
  /// What became of one manifest entry: its features, or the reason why it has none.
  struct Item {
    std::vector<Half> values;  ///< [frames, dim]
    std::string error;         ///< why there are none; empty if there are
  };
  /// The same where others keep it.
  struct Entry {
    StoredFeatures features;
    std::string_view error;
  };

  FeatureStore() = default;
  /// Features in memory.
  FeatureStore(std::int64_t dim, std::vector<Item> items);
  /// Features that `owner` keeps.
  FeatureStore(std::int64_t dim, std::vector<Entry> entries, std::shared_ptr<const void> owner)
      : dim_(dim), entries_(std::move(entries)), owners_{std::move(owner)} {}
  FeatureStore(FeatureStore&&) = default;
  FeatureStore& operator=(FeatureStore&&) = default;

  std::int64_t dim() const { return dim_; }
  /// One for each manifest entry, in the order of the entries.
  std::span<const Entry> entries() const { return entries_; }
  std::int64_t frame_count(std::size_t entry) const {
    return static_cast<std::int64_t>(entries_[entry].features.size()) / dim_;
  }

  /// Appends the entries of another store.
  /// Errors: std::invalid_argument if the dimensions differ.
  void append(FeatureStore other);

 private:
  std::int64_t dim_ = 0;
  std::vector<Entry> entries_;
  std::vector<std::shared_ptr<const void>> owners_;
};

/// What is computed of recordings, and how.
struct FeatureWork {
  std::span<const ManifestEntry> entries;
  std::int64_t dim = 1;  ///< values a frame
  FeatureFunction features;
  int thread_count = 1;
  LoadProgress progress;
};

/// Is given the features of entry `index`, in whatever order they are ready, or the reason why it
/// has none. Never called by two threads at once.
using FeatureSink = std::function<void(std::size_t index, FeatureStore::Item item)>;

/// Computes features with several threads and hands them on; holds those in work alone. A recording
/// that cannot be used becomes an item with an error. Errors: std::invalid_argument for a thread
/// count below 1; what `sink` throws.
void compute_feature_items(const FeatureWork& work, const FeatureSink& sink);

/// The same into memory.
FeatureStore load_features(std::span<const ManifestEntry> entries, std::int64_t dim,
                           const FeatureFunction& features, int thread_count,
                           const LoadProgress& progress);

}  // namespace harpy

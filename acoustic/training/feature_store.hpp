#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "acoustic/training/entry_list.hpp"
#include "acoustic/training/half.hpp"
#include "acoustic/training/manifest.hpp"
#include "acoustic/training/stored_features.hpp"

namespace harpy {

/// Computes the features of one recording, row-major [frames, dim]. Called from several threads at
/// once. Errors: std::runtime_error with the reason if the recording cannot be used.
using FeatureFunction = std::function<std::vector<float>(const ManifestEntry&)>;

/// Is told how many of how many recordings are done. Never called by two threads at once.
using LoadProgress = std::function<void(std::size_t done, std::size_t total)>;

/// The features of a recording, or the reason why it has none (else empty).
struct FeatureEntry {
  StoredFeatures features;
  std::string_view error;
};

/// The features of the entries of one manifest, wherever they are kept. Threads: any number.
class FeatureList {
 public:
  virtual ~FeatureList() = default;

  virtual std::int64_t dim() const = 0;
  virtual std::size_t size() const = 0;
  /// A view of what the list keeps.
  virtual FeatureEntry entry(std::size_t index) const = 0;
};

/// The features of all entries of some manifests at half precision (about 58 MB an hour of 80
/// values every 10 ms), in memory or in mapped files (feature_pack.hpp). Move-only.
class FeatureStore {
 public:
  /// What became of one manifest entry: its features, or the reason why it has none.
  struct Item {
    std::vector<Half> values;  ///< [frames, dim]
    std::string error;         ///< why there are none; empty if there are
  };

  FeatureStore() = default;
  /// Features in memory.
  FeatureStore(std::int64_t dim, std::vector<Item> items);
  explicit FeatureStore(std::unique_ptr<const FeatureList> list);

  std::int64_t dim() const { return dim_; }
  /// The number of manifest entries.
  std::size_t size() const { return size_; }
  /// Those of an entry, which are counted in the order of the manifests.
  FeatureEntry entry(std::size_t index) const;
  std::int64_t frame_count(std::size_t index) const {
    return static_cast<std::int64_t>(entry(index).features.size()) / dim_;
  }

  /// Appends the entries of another store.
  /// Errors: std::invalid_argument if the dimensions differ.
  void append(FeatureStore other);

 private:
  struct Part {
    std::size_t begin = 0;  ///< its first entry among all
    std::unique_ptr<const FeatureList> list;
  };

  std::int64_t dim_ = 0;
  std::size_t size_ = 0;
  std::vector<Part> parts_;
};

/// What is computed of recordings, and how.
struct FeatureWork {
  const EntryList& entries;
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
FeatureStore load_features(const EntryList& entries, std::int64_t dim,
                           const FeatureFunction& features, int thread_count,
                           const LoadProgress& progress);

}  // namespace harpy

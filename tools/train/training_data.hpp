#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "acoustic/training/dataset.hpp"
#include "acoustic/training/ranks.hpp"
#include "frontend/feature_extractor.hpp"

namespace harpy::tools {

/// The entries of some manifests, each a list of its own.
using EntryLists = std::vector<std::vector<ManifestEntry>>;

/// Reads manifests and, where a path is a directory, Kaldi data directories.
/// Errors: as read_manifest and read_kaldi_directory.
EntryLists read_entry_lists(const std::vector<std::filesystem::path>& paths, bool is_strict);

/// The same for recordings in which nobody speaks, whatever their transcripts say.
EntryLists read_background_lists(const std::vector<std::filesystem::path>& paths, bool is_strict);

/// What to train or validate on.
struct TrainingDataOptions {
  std::string name;  ///< "train" or "dev", for messages
  EntryLists lists;
  /// Folder of features that are kept between runs and mapped; empty: they are kept in memory.
  std::filesystem::path feature_cache;
  std::vector<double> speeds;       ///< besides 1, at which the recordings are wanted too
  int thread_count = 1;             ///< that compute features
  bool refuse_bad_entries = false;  ///< fail if an entry cannot be used, in place of leaving it out
  std::int64_t subsampling = 1;     ///< input frames per output frame of the network
  /// Who needs the data: of features that are to be kept each computes its part, and all see them.
  Ranks* ranks = &only_rank();
};

/// Computes the features of all recordings, with progress on stderr, then lists there what cannot
/// be used and why. Errors: std::runtime_error if nothing can be used, or if bad entries are
/// refused.
Dataset load_training_data(const TrainingDataOptions& options, const FeatureExtractor& extractor,
                           const LabelFunction& labels);

/// Writes which entries were left out and why, tab-separated.
/// Errors: std::runtime_error naming the file.
void write_rejected(const std::filesystem::path& path, const std::vector<const Dataset*>& datasets);

}  // namespace harpy::tools

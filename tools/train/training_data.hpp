#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "acoustic/training/dataset.hpp"
#include "acoustic/training/ranks.hpp"
#include "frontend/feature_extractor.hpp"

namespace harpy::tools {

/// The entries of some manifests, each a list of its own.
using EntryLists = std::vector<EntryList>;

struct EntryListOptions {
  bool is_strict =
      false;  ///< lines of a Kaldi data directory that belong to no recording are errors
  /// Nobody speaks in the recordings, whatever their transcripts say.
  bool is_background = false;
  std::filesystem::path folder = {};  ///< where the entries are kept; empty: in memory
};

/// Reads manifests and, where a path is a directory, Kaldi data directories.
/// Errors: as visit_manifest, read_kaldi_directory and EntryList.
EntryLists read_entry_lists(const std::vector<std::filesystem::path>& paths,
                            const EntryListOptions& options);

/// What to train or validate on.
struct TrainingDataOptions {
  std::string name;  ///< "train" or "dev", for messages
  EntryLists lists;
  /// Folder of features that are kept between runs and mapped, and, while the data are in use, of
  /// what else is known of each utterance; empty: all of it is kept in memory.
  std::filesystem::path feature_cache;
  std::vector<double> speeds;       ///< besides 1, at which the recordings are wanted too
  bool distorted = false;           ///< whether distorted copies are wanted too
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

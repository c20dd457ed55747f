#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "acoustic/training/feature_store.hpp"
#include "acoustic/training/half.hpp"
#include "acoustic/training/manifest.hpp"

namespace harpy {

/// Turns a transcript into label ids, which count from 1; 0 is the blank.
/// Errors: std::runtime_error with the reason if the transcript cannot be used, such as an unknown
/// word.
using LabelFunction = std::function<std::vector<std::int32_t>(const std::string& text)>;

/// A recording with its transcript, ready to be trained on.
struct Utterance {
  std::string id;
  std::uint64_t key = 0;             ///< hash of the id, from which its random draws follow
  std::string text;                  ///< the transcript
  std::vector<std::int32_t> labels;  ///< none if it is a background
  StoredFeatures features;           ///< [frames, dim]
  /// The same recording played at other speeds, [frames, dim] each; training draws one of all.
  std::vector<StoredFeatures> at_speeds;
  std::int64_t frame_count = 0;          ///< of `features`
  std::int64_t minimum_frame_count = 0;  ///< input frames below which its labels have no alignment
};

/// A manifest entry that is not trained on.
struct RejectedEntry {
  std::string source;  ///< "FILE:LINE"
  std::string id;
  std::string reason;
};

/// Utterances, whose features lie in memory or in mapped files, and what had to be left out.
/// Move-only, otherwise immutable, so threads may share it.
class Dataset {
 public:
  /// Joins manifest entries with their features (one item an entry) and labels. `at_speeds` holds
  /// the features of the recordings at further speeds, a store each. Left out are entries without
  /// features, without transcript (unless they are backgrounds), with labels that `labels` refuses,
  /// or with more labels (and blanks between equal ones) than output frames. Errors:
  /// std::invalid_argument if the counts differ or `subsampling` (input frames an output frame) is
  /// below 1.
  Dataset(std::span<const ManifestEntry> entries, FeatureStore store, const LabelFunction& labels,
          std::int64_t subsampling, std::vector<FeatureStore> at_speeds = {});
  Dataset(Dataset&&) = default;
  Dataset& operator=(Dataset&&) = default;

  std::int64_t dim() const { return store_.dim(); }
  std::span<const Utterance> utterances() const { return utterances_; }
  std::span<const RejectedEntry> rejected() const { return rejected_; }
  std::int64_t frame_count() const { return frame_count_; }
  /// A number made from ids, lengths and labels. It tells whether a checkpoint belongs to this
  /// data.
  std::uint64_t fingerprint() const;

 private:
  /// Errors: std::runtime_error if they are missing at one of the speeds.
  std::vector<StoredFeatures> features_at_speeds(std::size_t entry) const;

  FeatureStore store_;
  std::vector<FeatureStore> speed_stores_;
  std::vector<Utterance> utterances_;
  std::vector<RejectedEntry> rejected_;
  std::int64_t frame_count_ = 0;
};

}  // namespace harpy

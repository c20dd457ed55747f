#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "acoustic/training/entry_list.hpp"
#include "acoustic/training/feature_store.hpp"
#include "acoustic/training/stored_array.hpp"

namespace harpy {

/// Turns a transcript into label ids, which count from 1; 0 is the blank.
/// Errors: std::runtime_error with the reason if the transcript cannot be used, such as an unknown
/// word.
using LabelFunction = std::function<std::vector<std::int32_t>(const std::string& text)>;

/// A recording with its transcript, ready to be trained on. Its data set tells the rest.
struct Utterance {
  std::uint64_t key = 0;                 ///< hash of its id, from which its random draws follow
  std::int64_t frame_count = 0;          ///< of the recording as it is
  std::int64_t minimum_frame_count = 0;  ///< input frames below which its labels have no alignment
  std::uint64_t recording = 0;           ///< number of its features in the stores
  std::uint64_t label_begin = 0;         ///< where its labels begin among those of all utterances
  std::uint64_t label_count = 0;         ///< none if it is a background
  std::uint64_t text_begin = 0;          ///< where its transcript begins among all of them
  std::uint64_t text_size = 0;
};

/// A manifest entry that is not trained on.
struct RejectedEntry {
  std::string source;  ///< "FILE:LINE"
  std::string id;
  std::string reason;
};

/// Features of recordings, as they are and of copies that sound otherwise.
struct RecordingFeatures {
  FeatureStore as_they_are;
  std::vector<FeatureStore> at_speeds = {};    ///< one a speed
  std::optional<FeatureStore> distorted = {};  ///< see distortion.hpp
};

struct DatasetOptions {
  std::int64_t subsampling = 1;  ///< input frames an output frame of the network
  /// Where a file without a name keeps the list of utterances with labels and transcripts, of which
  /// memory then holds the parts in use; empty: memory holds all of it.
  std::filesystem::path folder = {};
};

/// Utterances and what had to be left out. Their number is not limited by memory if features and
/// list lie in mapped files. Move-only, otherwise immutable, so threads may share it.
class Dataset {
 public:
  /// Joins the entries of manifests with their features (one item an entry, in the same order) and
  /// labels. Left out are entries without features, without transcript (unless they are
  /// backgrounds), with labels that `labels` refuses, or with more labels (and blanks between equal
  /// ones) than output frames. Errors: std::invalid_argument if the counts differ or the
  /// subsampling is below 1; as StoredBytes.
  Dataset(std::span<const EntryList> lists, RecordingFeatures features, const LabelFunction& labels,
          const DatasetOptions& options);
  Dataset(Dataset&&) = default;
  Dataset& operator=(Dataset&&) = default;

  std::int64_t dim() const { return features_.as_they_are.dim(); }
  std::span<const Utterance> utterances() const { return utterances_.values(); }
  std::span<const std::int32_t> labels(const Utterance& utterance) const {
    return labels_.values().subspan(utterance.label_begin, utterance.label_count);
  }
  std::string_view text(const Utterance& utterance) const {
    const auto text = texts_.values().subspan(utterance.text_begin, utterance.text_size);
    return {text.data(), text.size()};
  }
  /// [frames, dim]
  StoredFeatures features(const Utterance& utterance) const {
    return features_.as_they_are.entry(utterance.recording).features;
  }
  /// How many other speeds the recordings are there at; training draws one of all.
  std::size_t speed_count() const { return features_.at_speeds.size(); }
  StoredFeatures features_at_speed(const Utterance& utterance, std::size_t speed) const {
    return features_.at_speeds[speed].entry(utterance.recording).features;
  }
  /// Whether there are distorted copies too.
  bool has_distorted() const { return features_.distorted.has_value(); }
  StoredFeatures distorted_features(const Utterance& utterance) const {
    return features_.distorted->entry(utterance.recording).features;
  }

  std::span<const RejectedEntry> rejected() const { return rejected_; }
  std::int64_t frame_count() const { return frame_count_; }
  /// A number made from ids, lengths and labels. It tells whether a checkpoint belongs to this
  /// data.
  std::uint64_t fingerprint() const;

 private:
  void add(const ManifestEntry& entry, const Utterance& utterance,
           std::span<const std::int32_t> labels);

  RecordingFeatures features_;
  StoredArray<Utterance> utterances_;
  StoredArray<std::int32_t> labels_;
  StoredArray<char> texts_;
  std::vector<RejectedEntry> rejected_;
  std::int64_t frame_count_ = 0;
};

}  // namespace harpy

#include "acoustic/training/dataset.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "acoustic/training/keyed_random.hpp"

namespace harpy {
namespace {

using Labels = std::vector<std::int32_t>;

/// Output frames that CTC needs: one a label, one for the blank between two equal labels, and one
/// for the blank if there are no labels.
std::int64_t needed_output_frames(std::span<const std::int32_t> labels) {
  auto needed = static_cast<std::int64_t>(std::max<std::size_t>(labels.size(), 1));
  for (std::size_t i = 1; i < labels.size(); ++i) needed += labels[i] == labels[i - 1] ? 1 : 0;
  return needed;
}

void check_sizes(std::size_t entry_count, const FeatureStore& store, std::int64_t dim) {
  if (store.size() == entry_count && store.dim() == dim) return;
  throw std::invalid_argument("Dataset: expected features of " + std::to_string(entry_count) +
                              " entries with " + std::to_string(dim) + " values, got " +
                              std::to_string(store.size()) + " with " +
                              std::to_string(store.dim()));
}

/// Errors: std::runtime_error with the reason if a recording has none.
void check_features(const RecordingFeatures& features, std::size_t recording) {
  const auto check = [recording](const FeatureStore& store, const std::string& copy) {
    const std::string_view error = store.entry(recording).error;
    if (!error.empty()) throw std::runtime_error(copy + std::string(error));
  };
  check(features.as_they_are, "");
  for (const FeatureStore& store : features.at_speeds) check(store, "at another speed: ");
  if (features.distorted) check(*features.distorted, "distorted: ");
}

std::int64_t minimum_frame_count(std::span<const std::int32_t> labels, std::int64_t subsampling) {
  return (needed_output_frames(labels) - 1) * subsampling + 1;
}

/// Errors: std::runtime_error with the reason if the entry cannot be used.
Labels usable_labels(const ManifestEntry& entry, std::int64_t frame_count,
                     const LabelFunction& labels_of, std::int64_t subsampling) {
  if (entry.text.empty() && !entry.is_background) throw std::runtime_error("no transcript");
  Labels labels = entry.is_background ? Labels() : labels_of(entry.text);
  if (labels.empty() && !entry.is_background) {
    throw std::runtime_error("transcript without labels");
  }
  if (frame_count < minimum_frame_count(labels, subsampling)) {
    throw std::runtime_error("transcript needs " + std::to_string(needed_output_frames(labels)) +
                             " output frames, the recording has " +
                             std::to_string((frame_count + subsampling - 1) / subsampling));
  }
  return labels;
}

}  // namespace

Dataset::Dataset(std::span<const EntryList> lists, RecordingFeatures features,
                 const LabelFunction& labels, const DatasetOptions& options)
    : features_(std::move(features)),
      utterances_(options.folder),
      labels_(options.folder),
      texts_(options.folder) {
  std::size_t entry_count = 0;
  for (const EntryList& list : lists) entry_count += list.size();
  check_sizes(entry_count, features_.as_they_are, dim());
  for (const FeatureStore& store : features_.at_speeds) check_sizes(entry_count, store, dim());
  if (features_.distorted) check_sizes(entry_count, *features_.distorted, dim());
  if (options.subsampling < 1) {
    throw std::invalid_argument("Dataset: expected a subsampling of at least 1, got " +
                                std::to_string(options.subsampling));
  }
  std::size_t recording = 0;
  for (const EntryList& list : lists) {
    for (std::size_t i = 0; i < list.size(); ++i, ++recording) {
      const ManifestEntry entry = list[i];
      Utterance utterance{.key = hash_text(entry.id), .recording = recording};
      Labels usable;
      try {
        check_features(features_, recording);
        utterance.frame_count = features_.as_they_are.frame_count(recording);
        usable = usable_labels(entry, utterance.frame_count, labels, options.subsampling);
      } catch (const std::runtime_error& error) {
        rejected_.push_back({entry.source, entry.id, error.what()});
        continue;
      }
      utterance.minimum_frame_count = minimum_frame_count(usable, options.subsampling);
      add(entry, utterance, usable);
    }
  }
  utterances_.finish();
  labels_.finish();
  texts_.finish();
}

void Dataset::add(const ManifestEntry& entry, const Utterance& utterance,
                  std::span<const std::int32_t> labels) {
  Utterance placed = utterance;
  placed.label_begin = labels_.size();
  placed.label_count = labels.size();
  placed.text_begin = texts_.size();
  placed.text_size = entry.text.size();
  utterances_.append(placed);
  labels_.append(labels);
  texts_.append(entry.text);
  frame_count_ += placed.frame_count;
}

std::uint64_t Dataset::fingerprint() const {
  std::uint64_t value = 0;
  for (const Utterance& utterance : utterances()) {
    value =
        KeyedRandom{value, utterance.key, static_cast<std::uint64_t>(utterance.frame_count)}.next();
    for (const std::int32_t label : labels(utterance)) {
      value = KeyedRandom{value, static_cast<std::uint64_t>(label)}.next();
    }
  }
  return value;
}

}  // namespace harpy

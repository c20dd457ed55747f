#include "acoustic/training/dataset.hpp"

#include <algorithm>
#include <stdexcept>
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
  if (store.entries().size() == entry_count && store.dim() == dim) return;
  throw std::invalid_argument("Dataset: expected features of " + std::to_string(entry_count) +
                              " entries with " + std::to_string(dim) + " values, got " +
                              std::to_string(store.entries().size()) + " with " +
                              std::to_string(store.dim()));
}

}  // namespace

Dataset::Dataset(std::span<const ManifestEntry> entries, FeatureStore store,
                 const LabelFunction& labels, std::int64_t subsampling,
                 std::vector<FeatureStore> at_speeds)
    : store_(std::move(store)), speed_stores_(std::move(at_speeds)) {
  check_sizes(entries.size(), store_, store_.dim());
  for (const FeatureStore& other : speed_stores_) check_sizes(entries.size(), other, store_.dim());
  if (subsampling < 1) {
    throw std::invalid_argument("Dataset: expected a subsampling of at least 1, got " +
                                std::to_string(subsampling));
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const ManifestEntry& entry = entries[i];
    const FeatureStore::Entry& stored = store_.entries()[i];
    try {
      if (!stored.error.empty()) throw std::runtime_error(std::string(stored.error));
      if (entry.text.empty() && !entry.is_background) throw std::runtime_error("no transcript");
      Utterance utterance{.id = entry.id,
                          .key = hash_text(entry.id),
                          .text = entry.text,
                          .labels = entry.is_background ? Labels() : labels(entry.text),
                          .features = stored.features,
                          .at_speeds = features_at_speeds(i),
                          .frame_count = store_.frame_count(i)};
      if (utterance.labels.empty() && !entry.is_background) {
        throw std::runtime_error("transcript without labels");
      }
      const std::int64_t needed = needed_output_frames(utterance.labels);
      utterance.minimum_frame_count = (needed - 1) * subsampling + 1;
      if (utterance.frame_count < utterance.minimum_frame_count) {
        throw std::runtime_error(
            "transcript needs " + std::to_string(needed) + " output frames, the recording has " +
            std::to_string((utterance.frame_count + subsampling - 1) / subsampling));
      }
      frame_count_ += utterance.frame_count;
      utterances_.push_back(std::move(utterance));
    } catch (const std::runtime_error& error) {
      rejected_.push_back({entry.source, entry.id, error.what()});
    }
  }
}

std::vector<StoredFeatures> Dataset::features_at_speeds(std::size_t entry) const {
  std::vector<StoredFeatures> features;
  for (const FeatureStore& other : speed_stores_) {
    const FeatureStore::Entry& stored = other.entries()[entry];
    if (!stored.error.empty()) {
      throw std::runtime_error("at another speed: " + std::string(stored.error));
    }
    features.push_back(stored.features);
  }
  return features;
}

std::uint64_t Dataset::fingerprint() const {
  std::uint64_t value = 0;
  for (const Utterance& utterance : utterances_) {
    value =
        KeyedRandom{value, utterance.key, static_cast<std::uint64_t>(utterance.frame_count)}.next();
    for (const std::int32_t label : utterance.labels) {
      value = KeyedRandom{value, static_cast<std::uint64_t>(label)}.next();
    }
  }
  return value;
}

}  // namespace harpy

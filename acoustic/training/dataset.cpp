#include "acoustic/training/dataset.hpp"

#include <stdexcept>
#include <utility>

#include "acoustic/training/keyed_random.hpp"

namespace harpy {
namespace {

/// Output frames that CTC needs: one a label, one for the blank between two equal labels.
std::int64_t needed_output_frames(std::span<const std::int32_t> labels) {
  auto needed = static_cast<std::int64_t>(labels.size());
  for (std::size_t i = 1; i < labels.size(); ++i) needed += labels[i] == labels[i - 1] ? 1 : 0;
  return needed;
}

}  // namespace

Dataset::Dataset(std::span<const ManifestEntry> entries, FeatureStore store,
                 const LabelFunction& labels, std::int64_t subsampling)
    : store_(std::move(store)) {
  if (entries.size() != store_.items().size()) {
    throw std::invalid_argument("Dataset: expected features of " + std::to_string(entries.size()) +
                                " entries, got " + std::to_string(store_.items().size()));
  }
  if (subsampling < 1) {
    throw std::invalid_argument("Dataset: expected a subsampling of at least 1, got " +
                                std::to_string(subsampling));
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const ManifestEntry& entry = entries[i];
    const FeatureStore::Item& item = store_.items()[i];
    try {
      if (!item.error.empty()) throw std::runtime_error(item.error);
      if (entry.text.empty()) throw std::runtime_error("no transcript");
      Utterance utterance{entry.id,    hash_text(entry.id),   labels(entry.text),
                          item.values, store_.frame_count(i), 0};
      if (utterance.labels.empty()) throw std::runtime_error("transcript without labels");
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

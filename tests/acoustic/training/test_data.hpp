#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "acoustic/training/dataset.hpp"
#include "acoustic/training/keyed_random.hpp"

namespace harpy::testing {

/// Utterances made by rule: each label is `kFramesPerLabel` frames in which its own bin is high.
struct SyntheticData {
  static constexpr std::int64_t kFramesPerLabel = 6;
  std::int64_t dim = 6;
  std::int64_t label_count = 4;  ///< labels are 1 .. label_count
  std::int64_t utterance_count = 24;
  std::uint64_t seed = 1;

  static std::string numbered(const char* name, std::int64_t number) {
    std::ostringstream text;
    text << name << number;
    return text.str();
  }

  /// Transcripts such as "1 3 3 2".
  std::vector<ManifestEntry> entries() const {
    std::vector<ManifestEntry> made;
    for (std::int64_t i = 0; i < utterance_count; ++i) {
      ManifestEntry entry;
      entry.source = numbered("synthetic:", i + 1);
      entry.id = numbered("u", i);
      KeyedRandom random{seed, hash_text(entry.id)};
      const std::int64_t length = 3 + random.below(6);
      for (std::int64_t n = 0; n < length; ++n) {
        if (n > 0) entry.text += ' ';
        entry.text += std::to_string(1 + random.below(label_count));
      }
      made.push_back(entry);
    }
    return made;
  }

  static std::vector<std::int32_t> labels(const std::string& text) {
    std::vector<std::int32_t> ids;
    for (std::size_t i = 0; i < text.size(); i += 2) ids.push_back(text[i] - '0');
    return ids;
  }

  FeatureFunction features() const {
    return [width = dim, random_seed = seed](const ManifestEntry& entry) {
      KeyedRandom random{random_seed, hash_text(entry.id), 7};
      std::vector<float> values;
      for (const std::int32_t label : labels(entry.text)) {
        for (std::int64_t t = 0; t < kFramesPerLabel; ++t) {
          for (std::int64_t d = 0; d < width; ++d) {
            const double mean = d == label && t > 0 && t < kFramesPerLabel - 1 ? 3.0 : 0.0;
            values.push_back(static_cast<float>(mean + random.uniform(-0.5, 0.5)));
          }
        }
      }
      return values;
    };
  }

  Dataset dataset(std::int64_t subsampling = 1) const { return dataset_of(entries(), subsampling); }
  /// Of these entries in place of all.
  Dataset dataset_of(const EntryList& all, std::int64_t subsampling = 1) const {
    return Dataset({&all, 1},
                   {load_features(all, dim, features(), 1, [](std::size_t, std::size_t) {})},
                   labels, {.subsampling = subsampling});
  }
};

}  // namespace harpy::testing

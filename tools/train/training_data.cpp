#include "tools/train/training_data.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <stdexcept>
#include <utility>

#include "acoustic/training/distortion.hpp"
#include "acoustic/training/feature_pack.hpp"
#include "acoustic/training/feature_store.hpp"
#include "acoustic/training/kaldi_directory.hpp"
#include "frontend/audio/audio_file.hpp"
#include "frontend/audio/read_resampled.hpp"
#include "frontend/compute_features.hpp"
#include "models/files/checksum.hpp"
#include "models/files/printed.hpp"
#include "models/files/replacement_file.hpp"
#include "tools/terminal/messages.hpp"
#include "tools/terminal/progress_bar.hpp"

namespace harpy::tools {
namespace {

constexpr std::size_t kListedEntries = 10;  ///< on the screen; the file has all

std::string description_of(const FeatureOptions& options) {
  std::string text;
  for (const auto& [name, value] : feature_option_fields(options)) text += name + "=" + value + " ";
  return text;
}

/// A copy of the recordings.
struct Copy {
  double speed = 1.0;
  bool distorted = false;

  /// How it differs from the recordings, as part of a cache's key; empty if it does not.
  std::string key() const {
    if (distorted) return "distorted=1";
    return speed == 1.0 ? "" : "speed=" + std::to_string(speed);
  }
  std::string name() const {
    if (distorted) return " of distorted copies";
    return speed == 1.0 ? "" : " at speed " + std::to_string(speed).substr(0, 4);
  }
};

/// The features of an entry's stretch.
std::vector<float> features_of(const FeatureExtractor& extractor, const ManifestEntry& entry,
                               AudioFile& file, const Copy& copy) {
  const ChannelSelection channels{.channel = entry.channel};
  if (!copy.distorted) {
    return compute_features(extractor, file, entry.start_s, entry.end_s, channels, copy.speed);
  }
  const double rate_hz = extractor.sample_rate_hz();
  KeyedRandom random{hash_text(entry.id), std::bit_cast<std::uint64_t>(entry.start_s)};
  const auto samples = read_resampled(file, rate_hz, entry.start_s, entry.end_s, channels);
  return compute_features(extractor, distorted(samples, rate_hz, random));
}

/// Computes or finds the features of lists of recordings.
class FeatureLists {
 public:
  FeatureLists(const TrainingDataOptions& options, const FeatureExtractor& extractor,
               ProgressBar& progress)
      : options_(options), extractor_(extractor), progress_(progress) {}

  /// The features of all lists in a copy.
  FeatureStore load(const Copy& copy) const {
    FeatureStore store(extractor_.dim(), {});
    for (const EntryList& entries : options_.lists) {
      const FeatureWork work = work_of(entries, copy);
      store.append(options_.feature_cache.empty()
                       ? load_features(work.entries, work.dim, work.features, work.thread_count,
                                       work.progress)
                       : find(key_of(entries, copy)).value());
    }
    return store;
  }

  /// Computes what the cache lacks of these copies; the ranks take turns at the lists.
  void fill_cache(const std::vector<Copy>& copies) const {
    std::int64_t turn = 0;
    for (const Copy& copy : copies) {
      for (const EntryList& entries : options_.lists) {
        if (turn++ % options_.ranks->count() != options_.ranks->rank()) continue;
        const std::uint64_t key = key_of(entries, copy);
        if (!find(key)) pack_features(file_of(key), key, work_of(entries, copy));
      }
    }
  }

 private:
  std::uint64_t key_of(const EntryList& entries, const Copy& copy) const {
    return feature_pack_key(entries, description_of(extractor_.options()) + copy.key());
  }
  std::filesystem::path file_of(std::uint64_t key) const {
    return options_.feature_cache / (checksum_text(key) + ".features");
  }
  std::optional<FeatureStore> find(std::uint64_t key) const {
    return map_features(file_of(key), key);
  }

  FeatureWork work_of(const EntryList& entries, const Copy& copy) const {
    const auto features = [this, copy](const ManifestEntry& entry) {
      AudioFile file(entry.audio);
      // Its transcript is of the whole recording.
      if (!file.notes().empty()) {
        throw std::runtime_error(file.name() + ": " + file.notes().front());
      }
      try {
        return features_of(extractor_, entry, file, copy);
      } catch (const std::invalid_argument& error) {  // a stretch or a rate that is none
        throw std::runtime_error(error.what());
      }
    };
    const auto show = [this, copy](std::size_t done, std::size_t total) {
      progress_.show(static_cast<double>(done) / static_cast<double>(total),
                     options_.name + " features" + copy.name() + ": " + std::to_string(done) +
                         " of " + std::to_string(total) + " recordings");
    };
    return {entries, extractor_.dim(), features, options_.thread_count, show};
  }

  const TrainingDataOptions& options_;
  const FeatureExtractor& extractor_;
  ProgressBar& progress_;
};

void report(const Dataset& dataset, const TrainingDataOptions& options,
            const FeatureExtractor& extractor, ProgressBar& progress) {
  const std::string hours = printed(
      "%.2f", static_cast<double>(dataset.frame_count()) * extractor.frame_shift_s() / 3600.0);
  progress.print(options.name + ": " + std::to_string(dataset.utterances().size()) +
                 " utterances, " + hours + " hours; " + std::to_string(dataset.rejected().size()) +
                 " left out");
  const std::size_t listed = std::min(dataset.rejected().size(), kListedEntries);
  for (const RejectedEntry& entry : dataset.rejected().first(listed)) {
    progress.print("  " + entry.source + " (" + entry.id + "): " + entry.reason);
  }
  if (listed < dataset.rejected().size()) {
    progress.print("  and " + std::to_string(dataset.rejected().size() - listed) + " more");
  }
}

}  // namespace

EntryLists read_entry_lists(const std::vector<std::filesystem::path>& paths,
                            const EntryListOptions& options) {
  EntryLists lists;
  for (const std::filesystem::path& path : paths) {
    EntryList& list = lists.emplace_back(options.folder);
    const auto add = [&](ManifestEntry entry) {
      if (options.is_background) {
        entry.text.clear();
        entry.is_background = true;
      }
      list.add(entry);
    };
    if (std::filesystem::is_directory(path)) {
      KaldiDirectory directory =
          read_kaldi_directory(path, {.needs_text = true, .is_strict = options.is_strict});
      for (const std::string& note : directory.notes) tell_warning(note);
      for (ManifestEntry& entry : directory.entries) add(std::move(entry));
    } else {
      visit_manifest(path, add);
    }
    list.finish();
  }
  return lists;
}

Dataset load_training_data(const TrainingDataOptions& options, const FeatureExtractor& extractor,
                           const LabelFunction& labels) {
  ProgressBar progress(stderr, {.longest_bar = 24, .lines_elsewhere = true});
  const FeatureLists features(options, extractor, progress);
  if (!options.feature_cache.empty()) {
    std::vector<Copy> copies{{}};
    for (const double speed : options.speeds) copies.push_back({.speed = speed});
    if (options.distorted) copies.push_back({.distorted = true});
    carry_out_at_all(*options.ranks, [&] { features.fill_cache(copies); });
  }
  RecordingFeatures of_all{features.load({})};
  for (const double speed : options.speeds) {
    of_all.at_speeds.push_back(features.load({.speed = speed}));
  }
  if (options.distorted) of_all.distorted = features.load({.distorted = true});
  Dataset dataset(options.lists, std::move(of_all), labels,
                  {.subsampling = options.subsampling, .folder = options.feature_cache});
  report(dataset, options, extractor, progress);
  if (options.refuse_bad_entries && !dataset.rejected().empty()) {
    throw std::runtime_error(options.name + ": " + std::to_string(dataset.rejected().size()) +
                             " utterances cannot be used");
  }
  if (dataset.utterances().empty()) {
    throw std::runtime_error(options.name + ": no utterance can be used");
  }
  return dataset;
}

void write_rejected(const std::filesystem::path& path,
                    const std::vector<const Dataset*>& datasets) {
  ReplacementFile file(path);
  file.write("source\tid\treason\n");
  for (const Dataset* dataset : datasets) {
    for (const RejectedEntry& entry : dataset->rejected()) {
      file.write(entry.source + "\t" + entry.id + "\t" + entry.reason + "\n");
    }
  }
  file.commit();
}

}  // namespace harpy::tools

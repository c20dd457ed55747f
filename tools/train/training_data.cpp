#include "tools/train/training_data.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "acoustic/training/feature_store.hpp"
#include "acoustic/training/kaldi_directory.hpp"
#include "frontend/audio/audio_file.hpp"
#include "frontend/compute_features.hpp"
#include "models/files/checksum.hpp"
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

std::string cache_name(std::uint64_t key) { return checksum_text(key) + ".features"; }

/// The features of one list at a speed, from the cache if it has them.
FeatureStore features_of(const std::vector<ManifestEntry>& entries, double speed,
                         const TrainingDataOptions& options, const FeatureExtractor& extractor,
                         ProgressBar& progress) {
  FeatureStore store;
  const std::string description = description_of(extractor.options());
  const std::uint64_t key = feature_cache_key(
      entries, speed == 1.0 ? description : description + "speed=" + std::to_string(speed));
  const std::filesystem::path cached = options.feature_cache / cache_name(key);
  if (!options.feature_cache.empty() && store.load(cached, key)) return store;
  const auto features = [&extractor, speed](const ManifestEntry& entry) {
    AudioFile file(entry.audio);
    // Its transcript is of the whole recording.
    if (!file.notes().empty()) throw std::runtime_error(file.name() + ": " + file.notes().front());
    try {
      return compute_features(extractor, file, entry.start_s, entry.end_s,
                              {.channel = entry.channel}, speed);
    } catch (const std::invalid_argument& error) {  // a stretch or a rate that is none
      throw std::runtime_error(error.what());
    }
  };
  const std::string at = speed == 1.0 ? "" : " at speed " + std::to_string(speed).substr(0, 4);
  store =
      load_features(entries, extractor.dim(), features, options.thread_count,
                    [&](std::size_t done, std::size_t total) {
                      progress.show(static_cast<double>(done) / static_cast<double>(total),
                                    options.name + " features" + at + ": " + std::to_string(done) +
                                        " of " + std::to_string(total) + " recordings");
                    });
  if (!options.feature_cache.empty()) {
    std::filesystem::create_directories(options.feature_cache);
    store.save(cached, key);
  }
  return store;
}

void report(const Dataset& dataset, const TrainingDataOptions& options,
            const FeatureExtractor& extractor, ProgressBar& progress) {
  char hours[32];
  std::snprintf(hours, sizeof(hours), "%.2f",
                static_cast<double>(dataset.frame_count()) * extractor.frame_shift_s() / 3600.0);
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

EntryLists read_entry_lists(const std::vector<std::filesystem::path>& paths, bool is_strict) {
  EntryLists lists;
  for (const std::filesystem::path& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      lists.push_back(read_manifest(path));
      continue;
    }
    KaldiDirectory directory =
        read_kaldi_directory(path, {.needs_text = true, .is_strict = is_strict});
    for (const std::string& note : directory.notes) tell_warning(note);
    lists.push_back(std::move(directory.entries));
  }
  return lists;
}

EntryLists read_background_lists(const std::vector<std::filesystem::path>& paths, bool is_strict) {
  EntryLists lists = read_entry_lists(paths, is_strict);
  for (std::vector<ManifestEntry>& entries : lists) {
    for (ManifestEntry& entry : entries) {
      entry.text.clear();
      entry.is_background = true;
    }
  }
  return lists;
}

Dataset load_training_data(const TrainingDataOptions& options, const FeatureExtractor& extractor,
                           const LabelFunction& labels) {
  ProgressBar progress(stderr, {.longest_bar = 24, .lines_elsewhere = true});
  std::vector<ManifestEntry> all;
  for (const std::vector<ManifestEntry>& entries : options.lists) {
    all.insert(all.end(), entries.begin(), entries.end());
  }
  const auto features_at = [&](double speed) {
    FeatureStore store(extractor.dim(), {});
    for (const std::vector<ManifestEntry>& entries : options.lists) {
      store.append(features_of(entries, speed, options, extractor, progress));
    }
    return store;
  };
  std::vector<FeatureStore> at_speeds;
  for (const double speed : options.speeds) at_speeds.push_back(features_at(speed));
  Dataset dataset(all, features_at(1.0), labels, options.subsampling, std::move(at_speeds));
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

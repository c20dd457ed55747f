#include "acoustic/training/feature_store.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "acoustic/training/checked_file.hpp"
#include "acoustic/training/keyed_random.hpp"

namespace harpy {
namespace {

// A cache file is this header, then for each item an ItemHeader, its error text and its values.
struct FileHeader {
  std::uint64_t magic = 0;
  std::uint64_t key = 0;
  std::uint64_t item_count = 0;
  std::int64_t dim = 0;
};
struct ItemHeader {
  std::uint64_t value_count = 0;
  std::uint64_t error_bytes = 0;
};
constexpr std::uint64_t kStoreMagic = 0x3145524F54534648ULL;  // "HFSTORE1"

bool read_items(CheckedFileReader& reader, std::uint64_t count,
                std::vector<FeatureStore::Item>& items) {
  if (count > reader.left_bytes() / sizeof(ItemHeader)) return false;
  items.resize(count);
  for (FeatureStore::Item& item : items) {
    ItemHeader header;
    if (!reader.read(&header, sizeof(header))) return false;
    if (header.error_bytes > reader.left_bytes()) return false;
    if (header.value_count > reader.left_bytes() / sizeof(Half)) return false;
    item.error.resize(header.error_bytes);
    item.values.resize(header.value_count);
    if (!reader.read(item.error.data(), item.error.size())) return false;
    if (!reader.read(item.values.data(), item.values.size() * sizeof(Half))) return false;
  }
  return true;
}

FeatureStore::Item compute_item(const ManifestEntry& entry, std::int64_t dim,
                                const FeatureFunction& features) {
  FeatureStore::Item item;
  try {
    const std::vector<float> values = features(entry);
    if (values.empty()) {
      item.error = "shorter than one frame";
    } else if (values.size() % static_cast<std::size_t>(dim) != 0) {
      throw std::logic_error("features are not a multiple of " + std::to_string(dim) + " values");
    }
    item.values.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) item.values[i] = to_half(values[i]);
  } catch (const std::runtime_error& error) {
    item.error = error.what();
  }
  return item;
}

}  // namespace

void FeatureStore::append(FeatureStore other) {
  if (other.dim_ != dim_) {
    throw std::invalid_argument("FeatureStore: expected features of " + std::to_string(dim_) +
                                " values, got " + std::to_string(other.dim_));
  }
  std::move(other.items_.begin(), other.items_.end(), std::back_inserter(items_));
}

void FeatureStore::save(const std::filesystem::path& path, std::uint64_t key) const {
  CheckedFileWriter writer(path);
  const FileHeader header{kStoreMagic, key, items_.size(), dim_};
  writer.write(&header, sizeof(header));
  for (const Item& item : items_) {
    const ItemHeader item_header{item.values.size(), item.error.size()};
    writer.write(&item_header, sizeof(item_header));
    writer.write(item.error.data(), item.error.size());
    writer.write(item.values.data(), item.values.size() * sizeof(Half));
  }
  writer.commit();
}

bool FeatureStore::load(const std::filesystem::path& path, std::uint64_t key) {
  CheckedFileReader reader(path);
  FileHeader header;
  if (!reader.read(&header, sizeof(header))) return false;
  if (header.magic != kStoreMagic || header.key != key || header.dim < 1) return false;
  std::vector<Item> items;
  if (!read_items(reader, header.item_count, items) || !reader.finish()) return false;
  dim_ = header.dim;
  items_ = std::move(items);
  return true;
}

std::uint64_t feature_cache_key(std::span<const ManifestEntry> entries,
                                const std::string& feature_description) {
  std::uint64_t key = hash_text(feature_description);
  for (const ManifestEntry& entry : entries) {
    std::error_code missing;
    const std::uint64_t size_bytes = std::filesystem::file_size(entry.audio, missing);
    std::string times =
        std::to_string(entry.start_s) + " " + std::to_string(entry.end_s.value_or(-1.0));
    if (entry.channel) times += " channel " + std::to_string(*entry.channel);
    key = KeyedRandom{key, hash_text(entry.audio.string()), hash_text(times),
                      missing ? 0 : size_bytes}
              .next();
  }
  return key;
}

FeatureStore load_features(std::span<const ManifestEntry> entries, std::int64_t dim,
                           const FeatureFunction& features, int thread_count,
                           const LoadProgress& progress) {
  if (thread_count < 1) {
    throw std::invalid_argument("load_features: expected at least 1 thread, got " +
                                std::to_string(thread_count));
  }
  std::vector<FeatureStore::Item> items(entries.size());
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;  // guards done, failure and the calls of progress
  std::size_t done = 0;
  std::exception_ptr failure;
  const auto work = [&] {
    for (std::size_t i = next++; i < entries.size(); i = next++) {
      try {
        items[i] = compute_item(entries[i], dim, features);
        const std::lock_guard lock(mutex);
        progress(++done, entries.size());
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
        next = entries.size();
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(thread_count));
    for (int i = 0; i < thread_count; ++i) threads.emplace_back(work);
  }
  if (failure) std::rethrow_exception(failure);
  return {dim, std::move(items)};
}

}  // namespace harpy

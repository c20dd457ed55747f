#include "acoustic/training/feature_store.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include "models/files/checksum.hpp"

namespace harpy {
namespace {

FeatureStore::Item compute_item(const ManifestEntry& entry, const FeatureWork& work) {
  FeatureStore::Item item;
  try {
    const std::vector<float> values = work.features(entry);
    if (values.empty()) {
      item.error = "shorter than one frame";
    } else if (values.size() % static_cast<std::size_t>(work.dim) != 0) {
      throw std::logic_error("features are not a multiple of " + std::to_string(work.dim) +
                             " values");
    }
    item.values.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) item.values[i] = to_half(values[i]);
  } catch (const std::runtime_error& error) {
    item.error = error.what();
  }
  return item;
}

/// Features in memory.
class ItemList : public FeatureList {
 public:
  ItemList(std::int64_t dim, std::vector<FeatureStore::Item> items)
      : dim_(dim), items_(std::move(items)) {}

  std::int64_t dim() const override { return dim_; }
  std::size_t size() const override { return items_.size(); }
  FeatureEntry entry(std::size_t index) const override {
    return {StoredFeatures(items_[index].values), items_[index].error};
  }

 private:
  std::int64_t dim_;
  std::vector<FeatureStore::Item> items_;
};

}  // namespace

std::span<const Half> StoredFeatures::values() const {
  if (file_ != nullptr && checksum_of(std::as_bytes(values_)) != checksum_) {
    throw std::runtime_error(file_->string() +
                             ": features of a recording are damaged; remove the file, and they "
                             "are computed anew");
  }
  return values_;
}

FeatureStore::FeatureStore(std::int64_t dim, std::vector<Item> items)
    : FeatureStore(std::make_unique<const ItemList>(dim, std::move(items))) {}

FeatureStore::FeatureStore(std::unique_ptr<const FeatureList> list)
    : dim_(list->dim()), size_(list->size()) {
  parts_.push_back({0, std::move(list)});
}

FeatureEntry FeatureStore::entry(std::size_t index) const {
  const auto behind = std::ranges::upper_bound(parts_, index, {}, &Part::begin);
  const Part& part = *std::prev(behind);
  return part.list->entry(index - part.begin);
}

void FeatureStore::append(FeatureStore other) {
  if (other.dim_ != dim_) {
    throw std::invalid_argument("FeatureStore: expected features of " + std::to_string(dim_) +
                                " values, got " + std::to_string(other.dim_));
  }
  for (Part& part : other.parts_) parts_.push_back({size_ + part.begin, std::move(part.list)});
  size_ += other.size_;
}

void compute_feature_items(const FeatureWork& work, const FeatureSink& sink) {
  if (work.thread_count < 1) {
    throw std::invalid_argument("compute_feature_items: expected at least 1 thread, got " +
                                std::to_string(work.thread_count));
  }
  const std::size_t count = work.entries.size();
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;  // guards done, failure and the calls of sink and progress
  std::size_t done = 0;
  std::exception_ptr failure;
  const auto compute = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        FeatureStore::Item item = compute_item(work.entries[i], work);
        const std::lock_guard lock(mutex);
        sink(i, std::move(item));
        work.progress(++done, count);
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
        next = count;
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(work.thread_count));
    for (int i = 0; i < work.thread_count; ++i) threads.emplace_back(compute);
  }
  if (failure) std::rethrow_exception(failure);
}

FeatureStore load_features(const EntryList& entries, std::int64_t dim,
                           const FeatureFunction& features, int thread_count,
                           const LoadProgress& progress) {
  std::vector<FeatureStore::Item> items(entries.size());
  compute_feature_items(
      {entries, dim, features, thread_count, progress},
      [&items](std::size_t index, FeatureStore::Item item) { items[index] = std::move(item); });
  return {dim, std::move(items)};
}

}  // namespace harpy

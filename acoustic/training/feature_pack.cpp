#include "acoustic/training/feature_pack.hpp"

#include <cstddef>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "acoustic/training/keyed_random.hpp"
#include "models/files/checksum.hpp"
#include "models/files/mapped_file.hpp"
#include "models/files/replacement_file.hpp"

namespace harpy {
namespace {

// A pack is a magic number, the values of the recordings in the order in which they were ready,
// then the index: a PackEntry for each recording and the texts of errors, one behind the other; at
// last a PackFooter. Numbers are in the byte order of the machine, and nothing is aligned but
// values, to two bytes.
struct PackEntry {
  std::uint64_t offset = 0;  ///< of the values in the file
  std::uint64_t value_count = 0;
  std::uint64_t checksum = 0;  ///< of the values
  std::uint64_t error_bytes = 0;
};
struct PackFooter {
  std::uint64_t index_offset = 0;
  std::uint64_t key = 0;
  std::uint64_t recording_count = 0;
  std::int64_t dim = 0;
  std::uint64_t checksum = 0;  ///< of all bytes from the index up to this field
  std::uint64_t magic = 0;
};
constexpr std::uint64_t kPackMagic = 0x314B434150465248ULL;   // "HRFPACK1"
constexpr std::uint64_t kOlderMagic = 0x3145524F54534648ULL;  // "HFSTORE1": whole, not mapped

/// A mapped pack with its name.
struct MappedPack {
  std::filesystem::path path;
  MappedFile file;

  template <typename T>
  T read(std::uint64_t offset) const {
    T value;
    std::memcpy(&value, file.bytes().data() + offset, sizeof(value));
    return value;
  }
  void check(bool good, const std::string& problem) const {
    if (good) return;
    throw std::runtime_error(path.string() + ": no whole file of features (" + problem +
                             "); remove it, and they are computed anew");
  }
};

/// The footer, once it is known that it and the index are whole.
PackFooter checked_footer(const MappedPack& pack) {
  const std::span<const std::byte> bytes = pack.file.bytes();
  pack.check(bytes.size() >= sizeof(kPackMagic) + sizeof(PackFooter), "truncated");
  const std::uint64_t end = bytes.size() - sizeof(PackFooter);
  const auto footer = pack.read<PackFooter>(end);
  pack.check(footer.magic == kPackMagic, "truncated");
  pack.check(pack.read<std::uint64_t>(0) == kPackMagic, "damaged");
  pack.check(footer.index_offset >= sizeof(kPackMagic) && footer.index_offset <= end, "damaged");
  const auto checked_bytes = end + offsetof(PackFooter, checksum) - footer.index_offset;
  pack.check(checksum_of(bytes.subspan(footer.index_offset, checked_bytes)) == footer.checksum,
             "damaged");
  pack.check(
      footer.recording_count <= (end - footer.index_offset) / sizeof(PackEntry) && footer.dim >= 1,
      "damaged");
  return footer;
}

/// The features of a mapped pack.
class PackList : public FeatureList {
 public:
  /// Looks through the index. Errors: std::runtime_error if it names what the file does not hold.
  PackList(MappedPack pack, const PackFooter& footer)
      : pack_(std::move(pack)),
        dim_(footer.dim),
        index_offset_(footer.index_offset),
        size_(footer.recording_count) {
    const std::byte* const bytes = pack_.file.bytes().data();
    std::uint64_t text = index_offset_ + size_ * sizeof(PackEntry);
    const std::uint64_t text_end = pack_.file.bytes().size() - sizeof(PackFooter);
    for (std::size_t i = 0; i < size_; ++i) {
      const PackEntry entry = read_index(i);
      pack_.check(entry.offset <= index_offset_ && entry.offset % sizeof(Half) == 0 &&
                      entry.value_count <= (index_offset_ - entry.offset) / sizeof(Half) &&
                      entry.value_count % static_cast<std::uint64_t>(dim_) == 0 &&
                      entry.error_bytes <= text_end - text,
                  "damaged");
      if (entry.error_bytes == 0) continue;
      errors_.emplace(
          i, std::string_view(reinterpret_cast<const char*>(bytes + text), entry.error_bytes));
      text += entry.error_bytes;
    }
  }

  std::int64_t dim() const override { return dim_; }
  std::size_t size() const override { return size_; }
  FeatureEntry entry(std::size_t index) const override {
    const PackEntry entry = read_index(index);
    const std::byte* const values = pack_.file.bytes().data() + entry.offset;
    const auto error = errors_.find(index);
    return {StoredFeatures({reinterpret_cast<const Half*>(values), entry.value_count},
                           entry.checksum, pack_.path),
            error == errors_.end() ? std::string_view() : error->second};
  }

 private:
  PackEntry read_index(std::size_t index) const {
    return pack_.read<PackEntry>(index_offset_ + index * sizeof(PackEntry));
  }

  MappedPack pack_;
  std::int64_t dim_;
  std::uint64_t index_offset_;
  std::size_t size_;
  std::unordered_map<std::size_t, std::string_view> errors_;  ///< by recording
};

}  // namespace

std::uint64_t feature_pack_key(const EntryList& entries, const std::string& feature_description) {
  std::uint64_t key = hash_text(feature_description);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const ManifestEntry entry = entries[i];
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

void pack_features(const std::filesystem::path& path, std::uint64_t key, const FeatureWork& work) {
  ReplacementFile file(path);
  file.write(&kPackMagic, sizeof(kPackMagic));
  std::vector<PackEntry> entries(work.entries.size());
  std::map<std::size_t, std::string> errors;  // in the order of the recordings
  std::uint64_t offset = sizeof(kPackMagic);
  compute_feature_items(work, [&](std::size_t index, FeatureStore::Item item) {
    const auto bytes = std::as_bytes(std::span<const Half>(item.values));
    entries[index] = {offset, item.values.size(), checksum_of(bytes), item.error.size()};
    if (!item.error.empty()) errors.emplace(index, std::move(item.error));
    file.write(bytes.data(), bytes.size());
    offset += bytes.size();
  });
  Checksum checksum;
  const auto write = [&](const void* data, std::size_t size_bytes) {
    checksum.add(data, size_bytes);
    file.write(data, size_bytes);
  };
  write(entries.data(), entries.size() * sizeof(PackEntry));
  for (const auto& [index, error] : errors) write(error.data(), error.size());
  PackFooter footer{offset, key, entries.size(), work.dim, 0, kPackMagic};
  checksum.add(&footer, offsetof(PackFooter, checksum));
  footer.checksum = checksum.value();
  file.write(&footer, sizeof(footer));
  file.commit();
}

std::optional<FeatureStore> map_features(const std::filesystem::path& path, std::uint64_t key) {
  if (!std::filesystem::exists(path)) return {};
  MappedPack pack{path, MappedFile(path, FileMemory::kSharedInParts)};
  const std::span<const std::byte> bytes = pack.file.bytes();
  if (bytes.size() >= sizeof(kOlderMagic) && pack.read<std::uint64_t>(0) == kOlderMagic) return {};
  const PackFooter footer = checked_footer(pack);
  pack.check(footer.key == key, "made of other recordings or for other features");
  return FeatureStore(std::make_unique<const PackList>(std::move(pack), footer));
}

}  // namespace harpy

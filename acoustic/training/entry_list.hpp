#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "acoustic/training/manifest.hpp"
#include "acoustic/training/stored_array.hpp"

namespace harpy {

/// The entries of a manifest, which may be more than memory holds: each is made from its stored
/// fields when it is asked for. Move-only. Threads: any number may read.
class EntryList {
 public:
  /// Entries that lie in memory; whoever has them in a vector can give them as a list.
  EntryList(const std::vector<ManifestEntry>& entries);
  /// An empty list whose entries go to a file without a name in this folder, or to memory if it is
  /// empty. Errors of this, add and finish: as StoredBytes.
  explicit EntryList(const std::filesystem::path& folder) : fields_(folder), begins_(folder) {}

  void add(const ManifestEntry& entry);
  /// Ends the adding; only then may entries be read.
  void finish();

  std::size_t size() const { return begins_.size(); }
  ManifestEntry operator[](std::size_t index) const;

 private:
  StoredArray<char> fields_;           ///< of all entries, one behind another
  StoredArray<std::uint64_t> begins_;  ///< of each entry in the fields
};

}  // namespace harpy

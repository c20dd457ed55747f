#include "kaldi/package_cache.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "kaldi/conversion.hpp"
#include "kaldi/model_folder.hpp"
#include "models/files/checksum.hpp"

namespace harpy::kaldi {

namespace {

namespace fs = std::filesystem;

/// Changes whenever packages come out differently, so that those of older programs are left alone.
constexpr std::string_view kPackageForm = "4";

/// 16 digits that change with every file of a folder: their names, sizes and times.
std::string fingerprint(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files.push_back(fs::relative(entry.path(), folder).generic_string() + "\n" +
                    std::to_string(entry.file_size()) + "\n" +
                    std::to_string(entry.last_write_time().time_since_epoch().count()) + "\n");
  }
  std::ranges::sort(files);
  Checksum sum;
  sum.add(kPackageForm.data(), kPackageForm.size());
  for (const std::string& file : files) sum.add(file.data(), file.size());
  return checksum_text(sum.value());
}

fs::path cache_folder(const fs::path& model) {
  const char* const variable = std::getenv("XDG_CACHE_HOME");
  if (variable != nullptr && fs::path(variable).is_absolute()) return fs::path(variable) / "harpy";
  return model.parent_path();
}

/// A folder of its own, removed with what is in it unless it was moved to its place.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const fs::path& place) : path_(place.string() + ".XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) {
      throw std::runtime_error(place.string() + ": cannot be made (" + std::strerror(errno) +
                               "); set XDG_CACHE_HOME to a folder that can be written, or use "
                               "`harpy convert`");
    }
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

fs::path cached_package(const fs::path& folder) {
  const fs::path model = fs::canonical(folder);
  const fs::path place =
      cache_folder(model) / (model.filename().string() + "-" + fingerprint(model) + ".harpy");
  if (fs::exists(place / "model.json")) return place;
  std::error_code error;
  fs::create_directories(place.parent_path(), error);
  const TemporaryFolder temporary(place);
  convert_model(model, temporary.path());
  fs::permissions(temporary.path(), fs::perms::owner_all | fs::perms::group_read |
                                        fs::perms::group_exec | fs::perms::others_read |
                                        fs::perms::others_exec);
  fs::rename(temporary.path(), place, error);
  if (!error || fs::exists(place / "model.json")) return place;  // another process was faster
  throw std::runtime_error(place.string() + ": " + error.message());
}

fs::path package_of(const fs::path& path) {
  std::error_code ignored;
  const bool is_package = fs::exists(path / "model.json", ignored);
  return !is_package && is_model_folder(path) ? cached_package(path) : path;
}

}  // namespace harpy::kaldi

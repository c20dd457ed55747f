#include "tools/decode/score_files.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "kaldi/files/object_reader.hpp"
#include "models/files/escaped_text.hpp"
#include "models/files/mapped_file.hpp"
#include "models/files/safetensors_header.hpp"
#include "models/files/text_lines.hpp"
#include "tools/decode/array_values.hpp"
#include "tools/decode/npy_array.hpp"
#include "tools/decode/zip_archive.hpp"

namespace harpy::tools {

namespace {

namespace fs = std::filesystem;

/// Reads an utterance, naming it in errors.
template <typename Read>
ScoredUtterance read_named(const fs::path& path, const std::string& id, bool is_only_one,
                           const Read& read) {
  ScoredUtterance utterance{
      .id = id,
      .place = path.string() + (is_only_one ? std::string() : ": " + escape_for_line(id))};
  try {
    utterance.scores = read();
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(utterance.place + ": " + error.what());
  }
  return utterance;
}

class NpyFile : public ScoreFile {
 public:
  NpyFile(fs::path path, MappedFile file) : path_(std::move(path)), file_(std::move(file)) {}

  std::optional<ScoredUtterance> next() override {
    if (std::exchange(is_read_, true)) return std::nullopt;
    return read_named(path_, path_.stem().string(), true, [&] { return read_npy(file_.bytes()); });
  }

 private:
  const fs::path path_;
  const MappedFile file_;
  bool is_read_ = false;
};

/// Errors: std::runtime_error naming the file.
ZipArchive open_archive(const fs::path& path, std::span<const std::byte> bytes) {
  try {
    return ZipArchive(bytes);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
}

class NpzFile : public ScoreFile {
 public:
  NpzFile(fs::path path, MappedFile file)
      : path_(std::move(path)),
        file_(std::move(file)),
        archive_(open_archive(path_, file_.bytes())) {}

  std::optional<ScoredUtterance> next() override {
    if (next_ == archive_.names().size()) return std::nullopt;
    const std::size_t place = next_++;
    constexpr std::string_view kEnding = ".npy";
    std::string id = archive_.names()[place];
    if (id.ends_with(kEnding)) id.resize(id.size() - kEnding.size());
    return read_named(path_, id, false, [&] { return read_npy(archive_.content(place)); });
  }

 private:
  const fs::path path_;
  const MappedFile file_;
  const ZipArchive archive_;
  std::size_t next_ = 0;
};

class SafetensorsFile : public ScoreFile {
 public:
  explicit SafetensorsFile(fs::path path)
      : path_(std::move(path)),
        file_(path_, std::ios::binary),
        header_(read_safetensors_header(path_, file_)) {
    check_safetensors_cover(path_, header_);
  }

  std::optional<ScoredUtterance> next() override {
    if (next_ == header_.arrays.size()) return std::nullopt;
    const SafetensorsArray& array = header_.arrays[next_++];
    return read_named(path_, array.name, false, [&] { return read(array); });
  }

 private:
  ScoreMatrix read(const SafetensorsArray& array) {
    static const std::map<std::string_view, ArrayType> kTypes{{"F16", ArrayType::kFloat16},
                                                              {"BF16", ArrayType::kBfloat16},
                                                              {"F32", ArrayType::kFloat32},
                                                              {"F64", ArrayType::kFloat64}};
    const auto type = kTypes.find(array.type);
    if (type == kTypes.end()) {
      throw std::invalid_argument("values of the type " + escape_for_line(array.type) +
                                  "; expected F16, BF16, F32 or F64");
    }
    std::vector<std::byte> bytes(array.end - array.begin);
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(header_.values_begin + array.begin));
    if (!file_.read(reinterpret_cast<char*>(bytes.data()),
                    static_cast<std::streamsize>(bytes.size()))) {
      throw std::invalid_argument("truncated");
    }
    return read_array({.type = type->second, .shape = array.shape}, bytes);
  }

  const fs::path path_;
  std::ifstream file_;
  const SafetensorsHeader header_;
  std::size_t next_ = 0;
};

/// The matrix that begins at a byte of an archive, in any of Kaldi's forms; `position` becomes the
/// byte behind it. Errors: std::runtime_error that `name` begins.
ScoreMatrix read_kaldi_matrix(const std::string& name, std::span<const std::byte> archive,
                              std::size_t& position) {
  kaldi::ObjectReader reader(name, archive, position);
  kaldi::Matrix<float> matrix = reader.matrix<float>();
  position = reader.position();
  return {.frame_count = matrix.rows,
          .column_count = matrix.columns,
          .values = std::move(matrix.values)};
}

class KaldiArchive : public ScoreFile {
 public:
  KaldiArchive(fs::path path, MappedFile file) : path_(std::move(path)), file_(std::move(file)) {}

  std::optional<ScoredUtterance> next() override {
    const std::string key = take_key();
    if (key.empty()) return std::nullopt;
    // Behind an object that cannot be read the next key cannot be found.
    std::size_t position = std::exchange(position_, file_.bytes().size());
    ScoredUtterance utterance{.id = key, .place = path_.string() + ": " + escape_for_line(key)};
    utterance.scores = read_kaldi_matrix(utterance.place, file_.bytes(), position);
    position_ = position;
    return utterance;
  }

 private:
  /// The key of the next object with the blank behind it; empty at the end of the archive.
  std::string take_key() {
    constexpr std::size_t kLongestKey = 4096;
    const std::string_view text(reinterpret_cast<const char*>(file_.bytes().data()),
                                file_.bytes().size());
    const std::size_t begin = std::min(text.find_first_not_of(kBlanks, position_), text.size());
    const std::size_t end = text.substr(begin, kLongestKey).find_first_of(" \t\n");
    std::string key(text.substr(begin, end));
    if (key.empty()) return {};
    if (end == std::string_view::npos || key.find('\0') != std::string::npos) {
      position_ = text.size();
      throw std::runtime_error(path_.string() + ": byte " + std::to_string(begin) +
                               ": expected the key of a matrix with a blank behind it");
    }
    position_ = begin + end + 1;
    return key;
  }

  const fs::path path_;
  const MappedFile file_;
  std::size_t position_ = 0;
};

/// Where a line of a list says that a matrix is.
struct ScriptPlace {
  fs::path path;
  std::size_t offset = 0;
};

/// Errors: std::invalid_argument for what is no file, with or without a byte behind a colon.
ScriptPlace parse_place(std::string_view text) {
  if (text.ends_with("|")) {
    throw std::invalid_argument("the output of a command, which is not run; expected FILE:BYTE");
  }
  if (text.ends_with("]")) {
    throw std::invalid_argument("a part of a matrix, which is not supported; expected FILE:BYTE");
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return {.path = text};
  const std::optional<std::uint64_t> offset = parse_uint64(text.substr(colon + 1));
  if (!offset) return {.path = text};
  return {.path = text.substr(0, colon), .offset = *offset};
}

class KaldiScript : public ScoreFile {
 public:
  explicit KaldiScript(const fs::path& path) : lines_(path) {}

  std::optional<ScoredUtterance> next() override {
    while (const auto line = lines_.next()) {
      std::string_view rest = *line;
      const std::string id(take_word(rest));
      if (id.empty()) continue;
      ScoredUtterance utterance{.id = id, .place = lines_.place() + ": " + escape_for_line(id)};
      try {
        utterance.scores = read(parse_place(trim(rest)));
      } catch (const std::exception& error) {
        throw std::runtime_error(utterance.place + ": " + error.what());
      }
      return utterance;
    }
    return std::nullopt;
  }

 private:
  ScoreMatrix read(const ScriptPlace& place) {
    if (place.path.empty()) throw std::invalid_argument("expected FILE:BYTE behind the key");
    if (!archive_ || archive_path_ != place.path) {
      archive_.emplace(place.path);
      archive_path_ = place.path;
    }
    if (place.offset > archive_->bytes().size()) {
      throw std::invalid_argument(place.path.string() + " has only " +
                                  std::to_string(archive_->bytes().size()) + " bytes");
    }
    std::size_t position = place.offset;
    return read_kaldi_matrix(place.path.string(), archive_->bytes(), position);
  }

  TextLines lines_;
  std::optional<MappedFile> archive_;  ///< of the last line
  fs::path archive_path_;
};

/// Whether a file begins like safetensors: the length of a header and its brace.
bool is_safetensors(std::span<const std::byte> bytes) {
  constexpr std::size_t kLengthBytes = 8;
  return bytes.size() > kLengthBytes && std::to_integer<char>(bytes[kLengthBytes]) == '{' &&
         std::to_integer<int>(bytes[kLengthBytes - 1]) == 0;
}

}  // namespace

std::unique_ptr<ScoreFile> open_score_file(const fs::path& path) {
  if (path.extension() == ".scp") return std::make_unique<KaldiScript>(path);
  MappedFile file(path);
  const std::span<const std::byte> bytes = file.bytes();
  if (bytes.empty()) throw std::runtime_error(path.string() + ": is empty");
  if (is_npy(bytes)) return std::make_unique<NpyFile>(path, std::move(file));
  if (is_zip(bytes)) return std::make_unique<NpzFile>(path, std::move(file));
  if (is_safetensors(bytes)) return std::make_unique<SafetensorsFile>(path);
  return std::make_unique<KaldiArchive>(path, std::move(file));
}

}  // namespace harpy::tools

#include "models/files/section_file.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <fstream>
#include <string_view>

#include "models/files/checksum.hpp"
#include "models/files/replacement_file.hpp"

namespace harpy {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::uint64_t kSectionAlignment = 64;

struct FileHeader {
  std::array<char, 8> magic = {};
  std::uint32_t version = 0;
  std::uint32_t section_count = 0;
  std::uint64_t file_bytes = 0;
};
static_assert(sizeof(FileHeader) == 24);

struct SectionEntry {
  std::uint32_t kind = 0;
  std::uint32_t zero = 0;
  std::uint64_t offset = 0;
  std::uint64_t size_bytes = 0;
};
static_assert(sizeof(SectionEntry) == 24);

constexpr std::array<char, kSectionAlignment> kZeros{};
constexpr std::uint64_t kChecksumBytes = sizeof(std::uint64_t);

std::uint64_t align(std::uint64_t offset) {
  return (offset + kSectionAlignment - 1) / kSectionAlignment * kSectionAlignment;
}

/// Writes bytes to a file and computes their checksum.
class SummingFile {
 public:
  explicit SummingFile(const std::filesystem::path& path) : file_(path) {}

  void write(const void* data, std::uint64_t size_bytes) {
    file_.write(data, size_bytes);
    checksum_.add(data, size_bytes);
    position_ += size_bytes;
  }

  void pad_to(std::uint64_t position) { write(kZeros.data(), position - position_); }

  /// Ends the file with the checksum and puts it in its place.
  void commit() {
    const std::uint64_t sum = checksum_.value();
    file_.write(&sum, sizeof(sum));
    file_.commit();
  }

 private:
  ReplacementFile file_;
  Checksum checksum_;
  std::uint64_t position_ = 0;
};

template <typename T>
T read_at(std::span<const std::byte> bytes, std::uint64_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

}  // namespace

void write_section_file(const std::filesystem::path& path, const SectionFormat& format,
                        std::span<const Section> sections) {
  std::vector<SectionEntry> entries;
  std::uint64_t end = sizeof(FileHeader) + sections.size() * sizeof(SectionEntry);
  for (const Section& section : sections) {
    const std::uint64_t offset = align(end);
    entries.push_back({.kind = static_cast<std::uint32_t>(section.kind),
                       .zero = 0,
                       .offset = offset,
                       .size_bytes = section.bytes.size()});
    end = offset + section.bytes.size();
  }
  const FileHeader header{.magic = format.magic,
                          .version = format.version,
                          .section_count = static_cast<std::uint32_t>(sections.size()),
                          .file_bytes = end + kChecksumBytes};

  SummingFile file(path);
  file.write(&header, sizeof(header));
  file.write(entries.data(), entries.size() * sizeof(SectionEntry));
  for (std::size_t i = 0; i < sections.size(); ++i) {
    file.pad_to(entries[i].offset);
    file.write(sections[i].bytes.data(), sections[i].bytes.size());
  }
  file.commit();
}

bool begins_as(const std::filesystem::path& path, const SectionFormat& format) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, sizeof(format.magic)> start{};
  return file.read(start.data(), std::ssize(start)) && start == format.magic;
}

SectionFile::SectionFile(const std::filesystem::path& path, const SectionFormat& format,
                         FileMemory memory)
    : path_(path), file_(path, memory) {
  const std::span<const std::byte> bytes = file_.bytes();
  const auto fail = [&](const std::string& what) {
    return std::runtime_error(path.string() + ": " + what);
  };
  if (bytes.size() < sizeof(FileHeader) ||
      std::memcmp(bytes.data(), format.magic.data(), format.magic.size()) != 0) {
    throw fail(std::string("not a ") + format.name + " of Harpy (byte 0)");
  }
  const auto header = read_at<FileHeader>(bytes, 0);
  if (header.version != format.version) {
    throw fail(format.name + std::string(" version ") + std::to_string(header.version) +
               ", expected " + std::to_string(format.version) + " (byte 8)");
  }
  if (header.file_bytes != bytes.size()) {
    throw fail("truncated or extended: " + std::to_string(bytes.size()) + " bytes, expected " +
               std::to_string(header.file_bytes) + " (byte 16)");
  }
  const std::uint64_t table_end =
      sizeof(FileHeader) + std::uint64_t{header.section_count} * sizeof(SectionEntry);
  if (bytes.size() < sizeof(FileHeader) + kChecksumBytes ||
      table_end > bytes.size() - kChecksumBytes) {
    throw fail("damaged: its section table does not fit (byte 12)");
  }
  const std::uint64_t end = bytes.size() - kChecksumBytes;
  if (checksum_of(bytes.first(end)) != read_at<std::uint64_t>(bytes, end)) {
    throw fail("damaged: its checksum is wrong (byte " + std::to_string(end) + ")");
  }
  for (std::uint32_t i = 0; i < header.section_count; ++i) {
    const std::uint64_t place = sizeof(FileHeader) + i * sizeof(SectionEntry);
    const auto entry = read_at<SectionEntry>(bytes, place);
    if (entry.offset % kSectionAlignment != 0 || entry.offset < table_end || entry.offset > end ||
        entry.size_bytes > end - entry.offset || contains(static_cast<SectionKind>(entry.kind))) {
      throw fail("damaged: a section lies outside the file or twice in it (byte " +
                 std::to_string(place) + ")");
    }
    sections_.push_back(
        {static_cast<SectionKind>(entry.kind), bytes.subspan(entry.offset, entry.size_bytes)});
  }
}

std::optional<std::span<const std::byte>> SectionFile::find(SectionKind kind) const {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [kind](const Section& section) { return section.kind == kind; });
  if (found == sections_.end()) return std::nullopt;
  return found->bytes;
}

std::runtime_error SectionFile::failure(SectionKind kind, const std::string& what) const {
  const std::optional<std::span<const std::byte>> bytes = find(kind);
  std::string place = path_.string() + ": section " + std::to_string(static_cast<unsigned>(kind));
  if (bytes) place += " at byte " + std::to_string(bytes->data() - file_.bytes().data());
  return std::runtime_error(place + ": " + what);
}

}  // namespace harpy

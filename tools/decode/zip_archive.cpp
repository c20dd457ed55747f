#include "tools/decode/zip_archive.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

#include <zlib.h>

namespace harpy::tools {

namespace {

constexpr std::string_view kMemberMagic = "PK\x03\x04";
constexpr std::string_view kDirectoryMagic = "PK\x01\x02";
constexpr std::string_view kEndMagic = "PK\x05\x06";
constexpr std::string_view kEnd64Magic = "PK\x06\x06";
constexpr std::string_view kLocator64Magic = "PK\x06\x07";
constexpr std::size_t kMemberBytes = 30;
constexpr std::size_t kDirectoryBytes = 46;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEnd64Bytes = 56;
constexpr std::size_t kLocator64Bytes = 20;
constexpr std::size_t kMostCommentBytes = 65535;
constexpr std::uint64_t kIn64 = 0xFFFFFFFF;  ///< the value stands in the 64-bit field
constexpr int kStored = 0;
constexpr int kDeflated = 8;
/// Deflate makes at most so many bytes of one.
constexpr std::uint64_t kMostExpansion = 1032;

/// Fixed fields of the archive, little-endian.
class ZipRecord {
 public:
  /// Errors: std::invalid_argument if the record does not lie within the file or begin like one.
  ZipRecord(std::span<const std::byte> file, std::uint64_t offset, std::size_t size,
            std::string_view magic) {
    if (offset > file.size() || file.size() - offset < size) {
      throw std::invalid_argument("truncated zip archive: a record at byte " +
                                  std::to_string(offset) + " of " + std::to_string(file.size()));
    }
    bytes_ = file.subspan(offset, size);
    if (text(0, magic.size()) != magic) {
      throw std::invalid_argument("damaged zip archive: no record at byte " +
                                  std::to_string(offset));
    }
  }

  std::uint64_t number(std::size_t offset, std::size_t size) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value |= std::to_integer<std::uint64_t>(bytes_[offset + i]) << (8 * i);
    }
    return value;
  }
  std::string_view text(std::size_t offset, std::size_t size) const {
    return {reinterpret_cast<const char*>(bytes_.data()) + offset, size};
  }

 private:
  std::span<const std::byte> bytes_;
};

struct DirectoryPlace {
  std::uint64_t offset = 0;
  std::uint64_t member_count = 0;
};

/// Where the record at the end of an archive begins.
std::uint64_t find_end(std::span<const std::byte> file) {
  for (std::size_t comment = 0; comment <= kMostCommentBytes; ++comment) {
    if (file.size() < kEndBytes + comment) break;
    const std::size_t offset = file.size() - kEndBytes - comment;
    const std::string_view text(reinterpret_cast<const char*>(file.data()) + offset, 4);
    if (text == kEndMagic) return offset;
  }
  throw std::invalid_argument("truncated zip archive: its directory, at the end, is missing");
}

DirectoryPlace find_directory(std::span<const std::byte> file) {
  const std::uint64_t end_offset = find_end(file);
  const ZipRecord end(file, end_offset, kEndBytes, kEndMagic);
  DirectoryPlace place{.offset = end.number(16, 4), .member_count = end.number(10, 2)};
  if (place.offset != kIn64 && place.member_count != 0xFFFF) return place;
  if (end_offset < kLocator64Bytes) throw std::invalid_argument("damaged zip archive");
  const ZipRecord locator(file, end_offset - kLocator64Bytes, kLocator64Bytes, kLocator64Magic);
  const ZipRecord end64(file, locator.number(8, 8), kEnd64Bytes, kEnd64Magic);
  return {.offset = end64.number(48, 8), .member_count = end64.number(32, 8)};
}

/// Replaces the fields that a directory's entry holds in its 64-bit extra field.
void read_extra(std::string_view extra, ZipMember& member) {
  constexpr std::size_t kHeaderBytes = 4;
  const auto number = [&extra](std::size_t offset, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value |= std::uint64_t{static_cast<unsigned char>(extra[offset + i])} << (8 * i);
    }
    return value;
  };
  while (extra.size() >= kHeaderBytes) {
    const std::size_t size = std::min<std::size_t>(number(2, 2), extra.size() - kHeaderBytes);
    if (number(0, 2) == 1) {
      std::size_t offset = kHeaderBytes;
      for (std::uint64_t* field : {&member.bytes, &member.packed_bytes, &member.offset}) {
        if (*field != kIn64 || offset + 8 > kHeaderBytes + size) continue;
        *field = number(offset, 8);
        offset += 8;
      }
    }
    extra.remove_prefix(kHeaderBytes + size);
  }
}

std::vector<std::byte> inflate_member(std::span<const std::byte> packed, const ZipMember& member) {
  if (member.bytes / kMostExpansion > packed.size()) {
    throw std::invalid_argument("damaged: " + std::to_string(packed.size()) +
                                " packed bytes cannot hold " + std::to_string(member.bytes));
  }
  std::vector<std::byte> content(member.bytes);
  z_stream stream = {};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  std::uint64_t in_left = packed.size();
  std::uint64_t out_left = content.size();
  int status = Z_OK;
  while (status == Z_OK) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 30U;  // zlib counts in 32 bits
    const auto in = static_cast<uInt>(std::min(in_left, kMost));
    const auto out = static_cast<uInt>(std::min(out_left, kMost));
    stream.avail_in = in;
    stream.avail_out = out;
    status = inflate(&stream, Z_NO_FLUSH);
    in_left -= in - stream.avail_in;
    out_left -= out - stream.avail_out;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || out_left > 0) {
    throw std::invalid_argument("damaged: its packed bytes do not make " +
                                std::to_string(member.bytes));
  }
  return content;
}

}  // namespace

bool is_zip(std::span<const std::byte> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  return text.starts_with(kMemberMagic) || text.starts_with(kEndMagic);
}

std::vector<ZipMember> list_zip(std::span<const std::byte> file) {
  const DirectoryPlace place = find_directory(file);
  std::vector<ZipMember> members;
  std::uint64_t offset = place.offset;
  for (std::uint64_t i = 0; i < place.member_count; ++i) {
    const ZipRecord fixed(file, offset, kDirectoryBytes, kDirectoryMagic);
    const std::size_t name_bytes = fixed.number(28, 2);
    const std::size_t extra_bytes = fixed.number(30, 2);
    const std::size_t all_bytes = kDirectoryBytes + name_bytes + extra_bytes;
    const ZipRecord whole(file, offset, all_bytes, kDirectoryMagic);
    ZipMember member{.name = std::string(whole.text(kDirectoryBytes, name_bytes)),
                     .offset = fixed.number(42, 4),
                     .packed_bytes = fixed.number(20, 4),
                     .bytes = fixed.number(24, 4),
                     .checksum = static_cast<std::uint32_t>(fixed.number(16, 4)),
                     .method = static_cast<int>(fixed.number(10, 2)),
                     .is_encrypted = (fixed.number(8, 2) & 1U) != 0};
    read_extra(whole.text(kDirectoryBytes + name_bytes, extra_bytes), member);
    members.push_back(std::move(member));
    offset += all_bytes + fixed.number(32, 2);
  }
  return members;
}

std::vector<std::byte> read_zip_member(std::span<const std::byte> file, const ZipMember& member) {
  if (member.is_encrypted) throw std::invalid_argument("is encrypted");
  const ZipRecord header(file, member.offset, kMemberBytes, kMemberMagic);
  const std::uint64_t begin =
      member.offset + kMemberBytes + header.number(26, 2) + header.number(28, 2);
  if (begin > file.size() || file.size() - begin < member.packed_bytes) {
    throw std::invalid_argument("truncated zip archive: " + std::to_string(member.packed_bytes) +
                                " bytes from byte " + std::to_string(begin) + " of " +
                                std::to_string(file.size()));
  }
  const std::span<const std::byte> packed = file.subspan(begin, member.packed_bytes);
  std::vector<std::byte> content;
  if (member.method == kDeflated) {
    content = inflate_member(packed, member);
  } else if (member.method == kStored && member.bytes == member.packed_bytes) {
    content.assign(packed.begin(), packed.end());
  } else {
    throw std::invalid_argument("is packed by method " + std::to_string(member.method) +
                                "; expected stored or deflated");
  }
  const uLong checksum = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (checksum != member.checksum) {
    throw std::invalid_argument("damaged: its checksum is not the archive's");
  }
  return content;
}

}  // namespace harpy::tools

#include "frontend/audio/chunk_row.hpp"

#include <algorithm>
#include <optional>

namespace harpy {
namespace {

constexpr int kMostChunks = 10000;
/// How far behind a broken chunk the wanted one is looked for.
constexpr std::size_t kSearchedBytes = 1 << 16;

/// The chunk at an offset; absent if the file ends there or what stands there is no id.
std::optional<Chunk> read_chunk(ByteFile& file, const ChunkLayout& layout, std::uint64_t offset) {
  Chunk chunk{file.read(offset, layout.id_bytes), offset + layout.id_bytes + layout.size_bytes, 0};
  const std::string_view name = std::string_view(chunk.id).substr(0, 4);
  const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (name.size() < 4 || !std::all_of(name.begin(), name.end(), is_printable)) return {};
  const std::uint64_t size_offset = offset + layout.id_bytes;
  const auto size = layout.is_big_endian ? file.big_endian(size_offset, layout.size_bytes)
                                         : file.little_endian(size_offset, layout.size_bytes);
  if (!size) return {};
  chunk.size_bytes = *size;
  if (layout.size_counts_header) {
    chunk.size_bytes -= std::min<std::uint64_t>(*size, layout.id_bytes + layout.size_bytes);
  }
  return chunk;
}

/// Where the chunk behind this one begins. Some programs leave out the bytes that fill a chunk up
/// to a multiple of the alignment.
std::uint64_t next_offset(ByteFile& file, const ChunkLayout& layout, const Chunk& chunk,
                          std::string_view wanted) {
  const std::uint64_t end = chunk.content_offset + chunk.size_bytes;
  const std::uint64_t padding =
      (layout.alignment_bytes - chunk.size_bytes % layout.alignment_bytes) % layout.alignment_bytes;
  const bool is_unfilled =
      padding != 0 &&
      ((!wanted.empty() && file.has(end, wanted)) ||
       (!read_chunk(file, layout, end + padding) && read_chunk(file, layout, end).has_value()));
  return is_unfilled ? end : end + padding;
}

}  // namespace

void for_each_chunk(ByteFile& file, const ChunkLayout& layout, std::string_view wanted,
                    const std::function<bool(const Chunk&)>& visit) {
  std::uint64_t offset = layout.first_chunk;
  std::uint64_t last_content = offset;
  for (int i = 0; i < kMostChunks; ++i) {
    std::optional<Chunk> chunk = read_chunk(file, layout, offset);
    if (!chunk) {
      const std::string nearby = file.read(last_content, kSearchedBytes);
      const std::size_t found = nearby.find(wanted);
      if (found == std::string::npos) return;
      offset = last_content + found;
      chunk = read_chunk(file, layout, offset);
      if (!chunk) return;
    }
    if (visit(*chunk)) return;
    last_content = chunk->content_offset;
    offset = chunk->size_bytes > file.size_bytes() ? file.size_bytes()
                                                   : next_offset(file, layout, *chunk, wanted);
  }
}

bool is_chunk_row(ByteFile& file, const ChunkLayout& layout, std::uint64_t offset) {
  // A filling byte may stand in front of the first chunk, or alone at the end.
  if (offset + layout.alignment_bytes > file.size_bytes()) return true;
  if (!read_chunk(file, layout, offset)) {
    offset =
        (offset + layout.alignment_bytes - 1) / layout.alignment_bytes * layout.alignment_bytes;
  }
  for (int i = 0; i < kMostChunks; ++i) {
    if (offset >= file.size_bytes()) return true;
    const std::optional<Chunk> chunk = read_chunk(file, layout, offset);
    if (!chunk || chunk->size_bytes > file.size_bytes() - chunk->content_offset) return false;
    offset = next_offset(file, layout, *chunk, "");
  }
  return false;
}

}  // namespace harpy

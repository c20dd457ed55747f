#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "frontend/audio/byte_file.hpp"

namespace harpy {

/// One chunk of a file that is a row of them.
struct Chunk {
  std::string id;
  std::uint64_t content_offset = 0;
  std::uint64_t size_bytes = 0;  ///< of the content, as the file says
};

/// How a container lays out its chunks.
struct ChunkLayout {
  std::uint64_t first_chunk = 0;
  std::size_t id_bytes = 4;
  std::size_t size_bytes = 4;
  bool is_big_endian = false;
  bool size_counts_header = false;
  std::uint64_t alignment_bytes = 2;
};

/// Calls `visit(chunk)` for each chunk until it returns true or the file ends. Where the row is
/// broken, as by a chunk with a wrong size, it goes on at the next `wanted` id nearby.
void for_each_chunk(ByteFile& file, const ChunkLayout& layout, std::string_view wanted,
                    const std::function<bool(const Chunk&)>& visit);

/// Whether from `offset` to its end the file is nothing but chunks.
bool is_chunk_row(ByteFile& file, const ChunkLayout& layout, std::uint64_t offset);

}  // namespace harpy

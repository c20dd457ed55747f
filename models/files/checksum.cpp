#include "models/files/checksum.hpp"

#include <cinttypes>
#include <fstream>
#include <new>
#include <stdexcept>
#include <vector>

#include <xxhash.h>

#include "models/files/printed.hpp"

namespace harpy {

Checksum::Checksum() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_64bits_reset(state_.get());
}

Checksum::~Checksum() = default;

void Checksum::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

void Checksum::add(const void* data, std::size_t size_bytes) {
  XXH3_64bits_update(state_.get(), data, size_bytes);
}

std::uint64_t Checksum::value() const { return XXH3_64bits_digest(state_.get()); }

std::uint64_t checksum_of(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::string checksum_text(std::uint64_t checksum) { return printed("%016" PRIx64, checksum); }

std::string file_checksum(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error(path.string() + ": cannot be opened");
  Checksum checksum;
  std::vector<char> block(1U << 16U);
  do {
    stream.read(block.data(), static_cast<std::streamsize>(block.size()));
    checksum.add(block.data(), static_cast<std::size_t>(stream.gcount()));
  } while (stream);
  if (!stream.eof()) throw std::runtime_error(path.string() + ": cannot be read");
  return checksum_text(checksum.value());
}

}  // namespace harpy

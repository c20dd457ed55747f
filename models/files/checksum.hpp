#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

struct XXH3_state_s;

namespace harpy {

/// The checksum that Harpy's files end in and that model packages name their parts by: XXH3 with 64
/// bits, of bytes that come in pieces.
class Checksum {
 public:
  Checksum();
  ~Checksum();

  void add(const void* data, std::size_t size_bytes);
  /// The checksum of all bytes so far.
  std::uint64_t value() const;

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

/// The same of bytes that are all there.
std::uint64_t checksum_of(std::span<const std::byte> bytes);

/// A checksum as 16 hexadecimal digits.
std::string checksum_text(std::uint64_t checksum);

/// That of a file, as 16 hexadecimal digits. Errors: std::runtime_error naming the file if it
/// cannot be read.
std::string file_checksum(const std::filesystem::path& path);

}  // namespace harpy

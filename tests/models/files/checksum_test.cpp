#include "models/files/checksum.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

TEST(Checksums, AreThoseThatTheAuthorsOfXxh3Publish) {
  EXPECT_EQ(Checksum().value(), 0x2d06800538d394c2U);
  EXPECT_EQ(checksum_of({}), 0x2d06800538d394c2U);
}

TEST(Checksums, DoNotDependOnHowTheBytesAreCut) {
  const std::string bytes(100'000, 'x');
  Checksum pieces;
  for (std::size_t begin = 0; begin < bytes.size(); begin += 777) {
    const std::string piece = bytes.substr(begin, 777);
    pieces.add(piece.data(), piece.size());
  }
  EXPECT_EQ(pieces.value(), checksum_of(std::as_bytes(std::span(bytes))));
}

TEST(Checksums, OfFilesAreSixteenDigits) {
  const testing::TemporaryDirectory directory;
  std::ofstream(directory.path() / "a") << "";
  EXPECT_EQ(file_checksum(directory.path() / "a"), "2d06800538d394c2");
  EXPECT_THROW(file_checksum(directory.path() / "missing"), std::runtime_error);
}

}  // namespace
}  // namespace harpy

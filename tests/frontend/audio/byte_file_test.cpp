#include "frontend/audio/byte_file.hpp"

#include <gtest/gtest.h>

#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

class ByteFiles : public ::testing::Test {
 protected:
  ByteFiles() { testing::write_bytes(path_, "0123456789"); }

  testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "bytes";
};

TEST_F(ByteFiles, GiveTheBytesAtAPlace) {
  ByteFile file(path_);
  EXPECT_EQ(file.name(), path_.string());
  EXPECT_EQ(file.size_bytes(), 10U);
  EXPECT_EQ(file.read(3, 4), "3456");
  EXPECT_EQ(file.read(0, 2), "01");
  EXPECT_EQ(file.read(8, 5), "89");
  EXPECT_EQ(file.read(10, 5), "");
  EXPECT_EQ(file.read(1000, 5), "");
  EXPECT_TRUE(file.has(2, "234"));
  EXPECT_FALSE(file.has(2, "235"));
  EXPECT_FALSE(file.has(8, "89A"));
}

TEST_F(ByteFiles, GiveNumbers) {
  testing::write_bytes(path_, std::string("\x01\x02\xFF\x04\x05\x06\x07\x88", 8));
  ByteFile file(path_);
  EXPECT_EQ(file.little_endian(0, 2), 0x0201U);
  EXPECT_EQ(file.big_endian(0, 2), 0x0102U);
  EXPECT_EQ(file.little_endian(0, 4), 0x04FF0201U);
  EXPECT_EQ(file.big_endian(0, 8), 0x0102FF0405060788U);
  EXPECT_EQ(file.big_endian(6, 4), std::nullopt);
}

}  // namespace
}  // namespace harpy

#include "models/files/mapped_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

class MappedFileTest : public ::testing::Test {
 protected:
  MappedFileTest() { write(std::string(100'000, 'a')); }

  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }
  static std::string text_of(const MappedFile& file) {
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
  }

  harpy::testing::TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "file";
};

TEST_F(MappedFileTest, HasTheBytesOfTheFile) {
  for (const FileMemory memory :
       {FileMemory::kShared, FileMemory::kSharedInParts, FileMemory::kOwn}) {
    EXPECT_EQ(text_of(MappedFile(path_, memory)), std::string(100'000, 'a'));
  }
}

TEST_F(MappedFileTest, CopiesKeepTheBytes) {
  for (const FileMemory memory : {FileMemory::kShared, FileMemory::kOwn}) {
    std::optional<MappedFile> file(std::in_place, path_, memory);
    const MappedFile copy = *file;
    file.reset();
    EXPECT_EQ(text_of(copy), std::string(100'000, 'a'));
  }
}

TEST_F(MappedFileTest, NothingThatHappensToTheFileChangesMemoryOfItsOwn) {
  const MappedFile file(path_, FileMemory::kOwn);
  write(std::string(100'000, 'b'));
  EXPECT_EQ(text_of(file), std::string(100'000, 'a'));
  write("");  // a shared mapping would end the process here
  EXPECT_EQ(text_of(file), std::string(100'000, 'a'));
  std::filesystem::remove(path_);
  EXPECT_EQ(text_of(file), std::string(100'000, 'a'));
}

TEST_F(MappedFileTest, EmptyFilesHaveNoBytesAndOthersAreRefused) {
  write("");
  for (const FileMemory memory : {FileMemory::kShared, FileMemory::kOwn}) {
    EXPECT_TRUE(MappedFile(path_, memory).bytes().empty());
    EXPECT_THROW(MappedFile(directory_.path(), memory), std::runtime_error);
    EXPECT_THROW(MappedFile(directory_.path() / "absent", memory), std::runtime_error);
  }
}

}  // namespace
}  // namespace harpy

#include "acoustic/training/stored_array.hpp"

#include <cstdint>
#include <filesystem>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(StoredArray, HasWhatWasAppendedInMemoryAndInAFile) {
  const testing::TemporaryDirectory directory;
  std::vector<std::int32_t> expected(100'000);
  std::iota(expected.begin(), expected.end(), -7);
  for (const std::filesystem::path& folder : {std::filesystem::path(), directory.path()}) {
    StoredArray<std::int32_t> array(folder);
    array.append(expected.front());
    array.append(std::span<const std::int32_t>());
    array.append(std::span<const std::int32_t>(expected).subspan(1));
    EXPECT_EQ(array.size(), expected.size());
    array.finish();
    const StoredArray<std::int32_t> moved = std::move(array);
    EXPECT_THAT(moved.values(), ElementsAreArray(expected));
  }
}

TEST(StoredArray, MayBeEmpty) {
  const testing::TemporaryDirectory directory;
  for (const std::filesystem::path& folder : {std::filesystem::path(), directory.path()}) {
    StoredArray<double> array(folder);
    array.finish();
    EXPECT_TRUE(array.values().empty());
  }
}

TEST(StoredArray, ItsFileHasNoName) {
  const testing::TemporaryDirectory directory;
  StoredArray<double> array(directory.path());
  array.append(1.0);
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  array.finish();
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
  EXPECT_EQ(array.values().front(), 1.0);
}

TEST(StoredArray, NamesAFolderThatCannotBeWritten) {
  EXPECT_THAT([] { StoredArray<double>("/nowhere/to/be/found"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("/nowhere/to/be/found: cannot write")));
}

}  // namespace
}  // namespace harpy

#include "decoder/language_model/text_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/files/text_lines.hpp"
#include "tests/decoder/language_model/reference_ngrams.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class TextFile : public ::testing::Test {
 protected:
  std::filesystem::path path(const std::string& name) const { return directory_.path() / name; }

  static std::vector<std::string> lines_of(const std::filesystem::path& path) {
    std::vector<std::string> lines;
    TextLines reader(path);
    while (const auto line = reader.next()) {
      lines.emplace_back(*line);
      EXPECT_EQ(reader.line_number(), lines.size());
    }
    return lines;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(TextFile, ReadsBackWhatItWrotePlainAndCompressed) {
  const std::string long_line(700'000, 'x');
  for (const char* name : {"a.txt", "a.txt.gz"}) {
    TextWriter writer(path(name));
    for (int i = 0; i < 30'000; ++i) writer.write("line " + std::to_string(i) + "\n");
    writer.write(long_line + "\n");
    writer.finish();
    const auto lines = lines_of(path(name));
    ASSERT_EQ(lines.size(), 30'001U);
    EXPECT_EQ(lines[29'999], "line 29999");
    EXPECT_EQ(lines[30'000], long_line);
  }
  EXPECT_EQ(testing::bytes_of(path("a.txt")).substr(0, 7), "line 0\n");
  EXPECT_EQ(testing::bytes_of(path("a.txt.gz")).substr(0, 2), "\x1f\x8b");
}

TEST_F(TextFile, LeavesNothingBehindWithoutFinish) {
  testing::write_bytes(path("a"), "before");
  { TextWriter(path("a")).write("after"); }
  EXPECT_EQ(testing::bytes_of(path("a")), "before");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 1);
}

TEST_F(TextFile, RefusesCompressedDataCutOffAnywhere) {
  TextWriter writer(path("a.gz"));
  for (int i = 0; i < 50; ++i) writer.write("line " + std::to_string(i * i) + "\n");
  writer.finish();
  const std::string bytes = testing::bytes_of(path("a.gz"));
  for (std::size_t size = 20; size < bytes.size(); ++size) {
    testing::write_bytes(path("cut.gz"), bytes.substr(0, size));
    EXPECT_THROW(lines_of(path("cut.gz")), std::runtime_error) << size;
  }
}

TEST_F(TextFile, NamesTheFileThatCannotBeOpened) {
  EXPECT_THAT([&] { TextWriter writer(path("none") / "a"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("a: cannot be written")));
}

}  // namespace
}  // namespace harpy

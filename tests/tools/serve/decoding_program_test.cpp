#include "tools/serve/decoding_program.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_directory.hpp"

namespace harpy::tools {
namespace {

namespace fs = std::filesystem;

fs::path write_program(const fs::path& path, fs::perms permissions) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << "#!/bin/true\n";
  fs::permissions(path, permissions);
  return path;
}

TEST(DecodingProgram, IsTheFirstThatIsAProgram) {
  const testing::TemporaryDirectory directory;
  const fs::path text = write_program(directory.path() / "text", fs::perms::owner_read);
  const fs::path first = write_program(directory.path() / "first", fs::perms::owner_all);
  const fs::path second = write_program(directory.path() / "second", fs::perms::owner_all);
  EXPECT_EQ(
      find_decoding_program({directory.path() / "absent", directory.path(), text, first, second}),
      first);
  EXPECT_EQ(find_decoding_program({directory.path() / "absent", text}), std::nullopt);
}

TEST(DecodingProgram, IsBesideTheProgramOrInItsInstallation) {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  EXPECT_EQ(decoding_program_places(),
            (std::vector{here / "harpy-audio-decoder",
                         here.parent_path() / "libexec/harpy/harpy-audio-decoder"}));
}

}  // namespace
}  // namespace harpy::tools

// The files for operators beside the program: the programs that read them find nothing wrong.
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/is_installed.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/shared.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {
namespace {

TEST(OperationsFiles, TheUnitIsOneThatSystemdTakes) {
  if (!is_installed("systemd-analyze")) GTEST_SKIP() << "needs systemd-analyze";
  std::ifstream file(source_dir() / "tools/operations/harpy.service.in");
  std::string unit(std::istreambuf_iterator<char>(file), {});
  const std::string program = "@CMAKE_INSTALL_FULL_BINDIR@/harpy";
  ASSERT_NE(unit.find(program), std::string::npos);
  unit.replace(unit.find(program), program.size(), HARPY_PROGRAM);
  const TemporaryDirectory directory;
  const auto path = directory.path() / "harpy.service";
  std::ofstream(path) << unit;
  const ProgramResult result =
      run_program("systemd-analyze", {"verify", "--man=no", path.string()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.errors, "");
}

TEST(OperationsFiles, TheExampleOfHaproxyIsOneThatItTakes) {
  if (!is_installed("haproxy")) GTEST_SKIP() << "needs haproxy";
  const ProgramResult result = run_program(
      "haproxy", {"-c", "-f", (source_dir() / "tools/operations/haproxy.cfg").string()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
}

}  // namespace
}  // namespace harpy::testing

#include "frontend/audio/limited_process.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>

#include "frontend/audio/readable_files.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using testing::error_of;
using ::testing::HasSubstr;

class LimitedProcesses : public ::testing::Test {
 protected:
  LimitedProcesses() {
    testing::write_bytes(input_, "what stands in the file\n");
    descriptor_ = open(input_.c_str(), O_RDONLY | O_CLOEXEC);
  }
  ~LimitedProcesses() override { close(descriptor_); }

  std::unique_ptr<LimitedProcess> shell(const std::string& script,
                                        const ProcessLimits& limits = {}) const {
    return std::make_unique<LimitedProcess>(std::vector<std::string>{"/bin/sh", "-c", script},
                                            descriptor_, limits);
  }

  static std::string output_of(LimitedProcess& process) {
    std::string output;
    std::array<std::byte, 1000> bytes{};
    while (const std::size_t got = process.read(bytes)) {
      output.append(reinterpret_cast<const char*>(bytes.data()), got);
    }
    return output;
  }

  /// How a script ends, after its output was read.
  std::string end_of(const std::string& script, const ProcessLimits& limits = {}) const {
    return error_of([&] {
      const auto process = shell(script, limits);
      output_of(*process);
      process->wait();
    });
  }

  testing::TemporaryDirectory directory_;
  const std::filesystem::path input_ = directory_.path() / "input";
  int descriptor_ = -1;
};

TEST_F(LimitedProcesses, ReadTheirInputAndGiveTheirOutput) {
  const auto process = shell("cat; echo and more");
  EXPECT_EQ(output_of(*process), "what stands in the file\nand more\n");
  process->wait();
  EXPECT_EQ(process->complaint(), "");
}

TEST_F(LimitedProcesses, TakeArgumentsAsTheyAre) {
  LimitedProcess process({"/bin/echo", "$HOME; 'x'", "\"", "*"}, descriptor_, {});
  EXPECT_EQ(output_of(process), "$HOME; 'x' \" *\n");
  process.wait();
}

TEST_F(LimitedProcesses, ComplainInTheFirstLineOfTheirErrors) {
  const auto process = shell("echo first >&2; echo second >&2; echo result");
  EXPECT_EQ(output_of(*process), "result\n");
  process->wait();
  EXPECT_EQ(process->complaint(), "first");
}

TEST_F(LimitedProcesses, ThatFailAreAnError) {
  EXPECT_EQ(end_of("echo it is broken >&2; exit 3"), "failed with code 3");
  EXPECT_EQ(end_of("ulimit -s 64; f() { f; }; f"), "was ended by signal 11");
}

TEST_F(LimitedProcesses, CannotWriteFilesAndLiveOn) {
  const auto file = directory_.path() / "written";
  const auto process = shell("cat > '" + file.string() + "' 2> /dev/null || echo refused");
  EXPECT_EQ(output_of(*process), "refused\n");
  process->wait();
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(LimitedProcesses, AreNotHeldUpByManyErrors) {
  EXPECT_EQ(end_of("i=0; while [ $i -lt 3000 ]; do echo a long line of complaints $i >&2; "
                   "i=$((i + 1)); done; exit 2"),
            "failed with code 2");
}

TEST_F(LimitedProcesses, ThatCannotBeRunAreAnError) {
  LimitedProcess process({(directory_.path() / "absent").string()}, descriptor_, {});
  EXPECT_EQ(output_of(process), "");
  EXPECT_EQ(error_of([&] { process.wait(); }), "cannot be run");
}

TEST_F(LimitedProcesses, ThatAreSilentForTooLongAreAnError) {
  const ProcessLimits limits{.silence_s = 0.2};
  EXPECT_EQ(end_of("exec sleep 60", limits), "gave nothing for 0.2 s");
  EXPECT_EQ(end_of("exec >&-; exec sleep 60", limits), "gave nothing for 0.2 s");
}

TEST_F(LimitedProcesses, MayTakeSoMuchProcessorTime) {
  EXPECT_EQ(end_of("while :; do :; done", {.cpu_s = 1}),
            "was stopped: it took more than 1 s of processor time");
}

TEST_F(LimitedProcesses, MayTakeSoMuchMemory) {
  const std::string script = "x=0123456789abcdef; while :; do x=$x$x; done";
  const std::string end = end_of(script, {.memory_bytes = 64 << 20});
  EXPECT_NE(end, "no error");
}

TEST_F(LimitedProcesses, CanWriteNoFiles) {
  const std::filesystem::path file = directory_.path() / "written";
  EXPECT_NE(end_of("echo text > '" + file.string() + "'"), "no error");
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(LimitedProcesses, ReachNoOtherProcess) {
  EXPECT_EQ(end_of("kill -0 $PPID; exit $?"), "failed with code 1");
}

TEST_F(LimitedProcesses, InheritNoOtherFiles) {
  const int other = open(input_.c_str(), O_RDONLY);  // without O_CLOEXEC
  const auto process = shell(
      "i=0; while [ $i -lt 64 ]; do [ ! -e /proc/self/fd/$i ] || echo $i; i=$((i + 1)); done");
  EXPECT_EQ(output_of(*process), "0\n1\n2\n");
  close(other);
}

TEST_F(LimitedProcesses, ReadNoOtherFiles) {
  if (!ReadableFiles::can_be_confined()) GTEST_SKIP() << "needs a kernel with Landlock";
  const auto other = directory_.path() / "other";
  testing::write_bytes(other, "a secret");
  for (const std::string& command :
       {"cat '" + other.string() + "'", "cat '" + input_.string() + ".not'",
        std::string("cat /etc/passwd"), "ls '" + directory_.path().string() + "'",
        std::string("cat /proc/$PPID/environ")}) {
    EXPECT_EQ(end_of(command),
              "failed with code " + std::string(command.starts_with("ls") ? "2" : "1"))
        << command;
  }
}

TEST_F(LimitedProcesses, MayOpenTheirInputAnew) {
  const auto process = shell("cat /dev/stdin; cat '" + input_.string() + "'");
  EXPECT_EQ(output_of(*process), "what stands in the file\nwhat stands in the file\n");
  process->wait();
}

TEST_F(LimitedProcesses, EndWithTheirObject) {
  const auto begin = std::chrono::steady_clock::now();
  shell("trap '' TERM; exec sleep 60");
  EXPECT_EQ(error_of([&] { shell("exec yes")->wait(); }), "was ended by signal 13");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST_F(LimitedProcesses, NeedACommand) {
  EXPECT_THROW(LimitedProcess({}, descriptor_, {}), std::invalid_argument);
}

TEST(Programs, AreFoundInTheFoldersOfPath) {
  EXPECT_NE(find_program("sh"), std::nullopt);
  EXPECT_EQ(find_program("no-such-program-anywhere"), std::nullopt);
}

}  // namespace
}  // namespace harpy

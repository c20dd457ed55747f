#include "tools/terminal/progress_bar.hpp"

#include <pty.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(BarLine, IsFilledAsFarAsTheWorkIs) {
  EXPECT_EQ(bar_line(0.25, "loss 1.5", 100, 8), "[##......] loss 1.5");
  EXPECT_EQ(bar_line(-1.0, "x", 100, 8), "[........] x");
  EXPECT_EQ(bar_line(7.0, "x", 100, 8), "[########] x");
}

TEST(BarLine, FitsEveryTerminal) {
  const std::string text = "10 %  1234 of 12345 recordings  500000 x real time  0:18 left";
  for (std::size_t width = 0; width < 200; ++width) {
    EXPECT_LE(bar_line(0.1, text, width, 40).size(), width);
  }
  EXPECT_EQ(bar_line(0.5, "twelve chars", 12, 40), "twelve chars");
}

/// What is written to a file by `use`.
template <typename Use>
std::string written_to_a_file(const ProgressBarOptions& options, const Use& use) {
  const harpy::testing::TemporaryDirectory directory;
  const auto path = directory.path() / "progress";
  std::FILE* stream = std::fopen(path.c_str(), "w");
  {
    ProgressBar bar(stream, options);
    use(bar);
  }
  std::fclose(stream);
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ProgressBar, IsSilentOnFiles) {
  EXPECT_EQ(written_to_a_file({},
                              [](ProgressBar& bar) {
                                bar.show(0.5, "half");
                                bar.hide();
                              }),
            "");
}

TEST(ProgressBar, InAFileEachLineStandsAloneAndComesOnceAMinute) {
  EXPECT_EQ(written_to_a_file({.lines_elsewhere = true},
                              [](ProgressBar& bar) {
                                bar.show(0.25, "loss 1.5");
                                bar.show(0.5, "loss 1.4");
                                bar.print("epoch 1");
                              }),
            " 25% loss 1.5\nepoch 1\n");
}

/// A terminal whose screen a test can read.
class Terminal {
 public:
  Terminal() {
    setenv("TERM", "xterm", 1);
    int slave = -1;
    if (openpty(&master_, &slave, nullptr, nullptr, nullptr) != 0) {
      throw std::runtime_error("no pseudo terminal");
    }
    stream_ = fdopen(slave, "w");
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    std::fclose(stream_);
    close(master_);
  }

  std::FILE* stream() const { return stream_; }
  /// What has been written since the last call; waits until there is something.
  std::string screen() const {
    std::array<char, 4096> buffer{};
    const ssize_t count = read(master_, buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(count)};
  }

 private:
  int master_ = -1;
  std::FILE* stream_ = nullptr;
};

TEST(ProgressBar, OnATerminalIsRewrittenInPlace) {
  const Terminal terminal;
  ProgressBar bar(terminal.stream(), {.longest_bar = 24});
  bar.show(0.5, "loss 1.5");
  EXPECT_EQ(terminal.screen(), "\r\x1b[K[############............] loss 1.5");
  bar.print("epoch 1");
  const std::string screen = terminal.screen();
  EXPECT_THAT(screen, StartsWith("\r\x1b[K"));
  EXPECT_THAT(screen, HasSubstr("epoch 1\r\n"));
}

TEST(ProgressBar, NeverLeavesItsPlace) {
  const Terminal low;
  ProgressBar(low.stream(), {.longest_bar = 24}).show(-1.0, "x");
  EXPECT_THAT(low.screen(), HasSubstr("[........................] x"));
  const Terminal high;
  ProgressBar(high.stream(), {.longest_bar = 24}).show(7.0, "x");
  EXPECT_THAT(high.screen(), HasSubstr("[########################] x"));
}

TEST(ProgressBar, IsCutToTheTerminalsWidth) {
  const Terminal terminal;  // its size is not known, so 80 columns are taken
  ProgressBar bar(terminal.stream());
  bar.show(0.5, std::string(200, 'x'));
  EXPECT_EQ(terminal.screen(), "\r\x1b[K" + std::string(79, 'x'));
}

}  // namespace
}  // namespace harpy::tools

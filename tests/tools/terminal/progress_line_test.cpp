#include "tools/terminal/progress_line.hpp"

#include <pty.h>
#include <unistd.h>

#include <array>
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

TEST(TrainProgress, InAFileEachLineStandsAloneAndComesOnceAMinute) {
  const harpy::testing::TemporaryDirectory directory;
  const auto path = directory.path() / "progress";
  std::FILE* stream = std::fopen(path.c_str(), "w");
  {
    ProgressLine progress(stream);
    progress.show(0.25, "loss 1.5");
    progress.show(0.5, "loss 1.4");
    progress.print("epoch 1");
  }
  std::fclose(stream);
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, " 25% loss 1.5\nepoch 1\n");
}

/// A terminal whose screen a test can read.
class Terminal {
 public:
  Terminal() {
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

TEST(TrainProgress, OnATerminalABarIsRewrittenInPlace) {
  const Terminal terminal;
  ProgressLine progress(terminal.stream());
  progress.show(0.5, "loss 1.5");
  EXPECT_EQ(terminal.screen(), "\r\x1b[K[############............] loss 1.5");
  progress.print("epoch 1");
  const std::string screen = terminal.screen();
  EXPECT_THAT(screen, StartsWith("\r\x1b[K"));
  EXPECT_THAT(screen, HasSubstr("epoch 1\r\n"));
}

TEST(TrainProgress, TheBarNeverLeavesItsPlace) {
  const Terminal low;
  ProgressLine(low.stream()).show(-1.0, "x");
  EXPECT_THAT(low.screen(), HasSubstr("[........................] x"));
  const Terminal high;
  ProgressLine(high.stream()).show(7.0, "x");
  EXPECT_THAT(high.screen(), HasSubstr("[########################] x"));
}

TEST(TrainProgress, DurationsAreShownAsClocksDo) {
  EXPECT_EQ(format_duration(0.0), "0:00");
  EXPECT_EQ(format_duration(-3.0), "0:00");
  EXPECT_EQ(format_duration(59.6), "1:00");
  EXPECT_EQ(format_duration(123.0), "2:03");
  EXPECT_EQ(format_duration(3600.0), "1:00:00");
  EXPECT_EQ(format_duration(100 * 3600.0 + 62.0), "100:01:02");
}

}  // namespace
}  // namespace harpy::tools

#include "service/server/background_log_sink.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_.data()) != 0) std::abort();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_reader();
    close_writer();
  }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_reader() { close(0); }
  void close_writer() { close(1); }
  /// All that is in the pipe until nobody can write to it.
  std::string read_to_end() {
    close_writer();
    std::string text;
    std::array<char, 4096> block{};
    for (ssize_t size = 1; size > 0;) {
      size = ::read(ends_[0], block.data(), block.size());
      if (size > 0) text.append(block.data(), static_cast<std::size_t>(size));
    }
    return text;
  }

 private:
  void close(std::size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }
  std::array<int, 2> ends_{};
};

std::shared_ptr<spdlog::logger> logger_to(int descriptor, const BackgroundLogOptions& options) {
  auto logger = std::make_shared<spdlog::logger>(
      "test", std::make_shared<BackgroundLogSink>(descriptor, options));
  logger->set_pattern("%l %v");
  return logger;
}

/// How often a word stands in a log.
std::size_t count_of(const std::string& word, const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    ++count;
  }
  return count;
}

/// How many lines were dropped, as a log says.
std::size_t dropped_in(const std::string& text) {
  std::size_t dropped = 0;
  for (std::size_t at = text.find('('); at != std::string::npos; at = text.find('(', at + 1)) {
    dropped += std::stoul(text.substr(at + 1));
  }
  return dropped;
}

TEST(BackgroundLogSink, WritesEveryLineInOrderBeforeItEnds) {
  Pipe pipe;
  {
    const auto logger = logger_to(pipe.writer(), {});
    for (int index = 0; index < 100; ++index) logger->info("line {}", index);
  }
  const std::string text = pipe.read_to_end();
  EXPECT_THAT(text, StartsWith("info line 0\ninfo line 1\n"));
  EXPECT_THAT(text, EndsWith("info line 98\ninfo line 99\n"));
}

TEST(BackgroundLogSink, WhoLogsNeverWaitsForAReaderAndTheOldestLinesAreDropped) {
  Pipe pipe;
  auto logger =
      logger_to(pipe.writer(), {.max_waiting_lines = 10, .closing_time = std::chrono::seconds(10)});
  const auto began = std::chrono::steady_clock::now();
  const std::string long_line(1000, 'x');
  for (int index = 0; index < 10'000; ++index) logger->info("{} {}", index, long_line);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  std::jthread end([&] { logger.reset(); });  // writes what is left while it is read
  std::string text;
  std::array<char, 4096> block{};

  while (text.find("info 9999 ") == std::string::npos) {
    const ssize_t size = ::read(pipe.reader(), block.data(), block.size());
    ASSERT_GT(size, 0);
    text.append(block.data(), static_cast<std::size_t>(size));
  }
  end.join();
  EXPECT_THAT(text, HasSubstr(" log lines were dropped: nobody took them)\n"));
  // The count tells of all lines that are missing.
  EXPECT_EQ(count_of("info ", text) + dropped_in(text), 10'000U);
}

TEST(BackgroundLogSink, EndsAlthoughNobodyReads) {
  Pipe pipe;
  const auto began = std::chrono::steady_clock::now();
  {
    const auto logger = logger_to(pipe.writer(), {.closing_time = std::chrono::milliseconds(100)});
    for (int index = 0; index < 1000; ++index) logger->info("{}", std::string(1000, 'x'));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST(BackgroundLogSink, CountsWhatAFullDiskDoesNotTake) {
  const int full = ::open("/dev/full", O_WRONLY);
  const testing::TemporaryDirectory directory;
  const auto path = directory.path() / "log";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY, 0600);
  const int disk = ::dup(full);
  {
    const auto sink = std::make_shared<BackgroundLogSink>(disk, BackgroundLogOptions{});
    spdlog::logger logger("test", sink);
    logger.set_pattern("%v");
    for (int index = 0; index < 100; ++index) {
      logger.info("line {}", index);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // in which some are tried
    }
    ::dup2(file, disk);
    logger.info("line 100");
  }
  for (const int descriptor : {full, file, disk}) ::close(descriptor);
  std::ifstream stream(path);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_THAT(text, EndsWith("line 100\n"));
  EXPECT_EQ(count_of("line ", text) + dropped_in(text), 101U);
  EXPECT_GT(dropped_in(text), 0U);
}

TEST(BackgroundLogSink, OutlivesItsReader) {
  // It passes if neither the signal of a broken pipe nor a wait for the reader ends the program.
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.close_reader();
  const auto logger = logger_to(pipe.writer(), {});
  for (int index = 0; index < 100; ++index) {
    EXPECT_NO_THROW(logger->info("line {}", index));
  }
}

}  // namespace
}  // namespace harpy

#include "models/files/replacement_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

class ReplacementFiles : public ::testing::Test {
 protected:
  static std::string content(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::ptrdiff_t file_count() const {
    return std::distance(std::filesystem::directory_iterator(directory_.path()), {});
  }

  testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "file";
};

/// While it lives no file may grow beyond some size, as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t most_bytes) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit{most_bytes, old_limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_limit_{};
  void (*old_handler_)(int) = nullptr;
};

TEST_F(ReplacementFiles, TakeTheirPlaceOnlyWhenTheyAreCommitted) {
  std::ofstream(path_) << "before";
  ReplacementFile file(path_);
  file.write("af");
  file.write("ter");
  EXPECT_EQ(content(path_), "before");
  file.commit();
  EXPECT_EQ(content(path_), "after");
  EXPECT_EQ(file_count(), 1);
}

TEST_F(ReplacementFiles, MayBeReadByWhoeverMayReadOrdinaryFiles) {
  replace_file(path_, "a");
  std::ofstream(directory_.path() / "ordinary") << "a";
  struct stat replaced = {};
  struct stat ordinary = {};
  ::stat(path_.c_str(), &replaced);
  ::stat((directory_.path() / "ordinary").c_str(), &ordinary);
  EXPECT_EQ(replaced.st_mode, ordinary.st_mode);
}

TEST_F(ReplacementFiles, LeaveNothingBehindAfterAnException) {
  std::ofstream(path_) << "before";
  try {
    ReplacementFile file(path_);
    file.write(std::string(100'000, 'x'));
    throw std::logic_error("something else");
  } catch (const std::logic_error&) {
  }
  EXPECT_EQ(content(path_), "before");
  EXPECT_EQ(file_count(), 1);
}

TEST_F(ReplacementFiles, OnAFullDiskAreOneErrorWithTheirName) {
  std::ofstream(path_) << "before";
  const FullDisk disk(64 * 1024);
  // Seen when the stream's buffer is written out, or only when the file is committed.
  for (const std::size_t size : {std::size_t{1'000'000}, std::size_t{64 * 1024 + 1}}) {
    EXPECT_THAT([&] { replace_file(path_, std::string(size, 'x')); },
                ThrowsMessage<std::runtime_error>(AllOf(
                    StartsWith(path_.string() + ": cannot be written: "), HasSubstr("too large"))));
    EXPECT_EQ(content(path_), "before");
    EXPECT_EQ(file_count(), 1);
  }
}

TEST_F(ReplacementFiles, WrittenThroughTheirStreamOnAFullDiskAreAnErrorToo) {
  const FullDisk disk(64 * 1024);
  ReplacementFile file(path_);
  for (int i = 0; i < 100'000; ++i) std::fputs("a line\n", file.stream());
  EXPECT_THAT([&] { file.commit(); }, ThrowsMessage<std::runtime_error>(HasSubstr("too large")));
}

TEST_F(ReplacementFiles, MayBeWrittenByManyAtOnce) {
  // The other process comes first: a child of a process with threads could wait for their locks.
  const pid_t child = ::fork();
  if (child == 0) {
    for (int i = 0; i < 10; ++i) replace_file(path_, std::string(100'000, 'z'));
    ::_exit(0);
  }
  std::vector<std::thread> threads;
  for (char letter = 'a'; letter < 'i'; ++letter) {
    threads.emplace_back([this, letter] {
      for (int i = 0; i < 10; ++i) replace_file(path_, std::string(100'000, letter));
    });
  }
  for (std::thread& thread : threads) thread.join();
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  const std::string last = content(path_);
  EXPECT_EQ(last.size(), 100'000U);
  EXPECT_THAT(last, Each(last.front()));
  EXPECT_EQ(file_count(), 1);
}

TEST_F(ReplacementFiles, CannotReplaceWhatIsNoFile) {
  std::filesystem::create_directory(path_);
  for (const std::filesystem::path& path : {path_, std::filesystem::path("/dev/null")}) {
    EXPECT_THAT([&] { ReplacementFile file(path); },
                ThrowsMessage<std::runtime_error>(
                    StartsWith(path.string() + ": cannot be written: it is there and is not")));
  }
}

TEST_F(ReplacementFiles, NameTheFileIfItsFolderIsNotThere) {
  EXPECT_THAT([&] { ReplacementFile file(path_ / "a" / "b"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("b: cannot be written: No such file")));
}

TEST_F(ReplacementFiles, MayHaveTheLongestNames) {
  const std::filesystem::path path = directory_.path() / std::string(255, 'n');
  replace_file(path, "a");
  EXPECT_EQ(content(path), "a");
}

TEST_F(ReplacementFiles, AreCommittedOnce) {
  ReplacementFile file(path_);
  file.commit();
  EXPECT_THROW(file.commit(), std::logic_error);
  EXPECT_THROW(file.write("a"), std::logic_error);
}

}  // namespace
}  // namespace harpy

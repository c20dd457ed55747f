#include "frontend/audio/readable_files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

class FilesThatCanBeRead : public ::testing::Test {
 protected:
  FilesThatCanBeRead() {
    std::filesystem::create_directory(folder_);
    for (const auto& path : {file_, inner_}) testing::write_bytes(path, "text");
  }

  void SetUp() override {
    if (!ReadableFiles::can_be_confined()) GTEST_SKIP() << "needs a kernel with Landlock";
  }

  /// What opening a file gives in a confined process: 0, or the error's number.
  static int error_of_opening(const ReadableFiles& files, const std::filesystem::path& path,
                              int flags = O_RDONLY) {
    const pid_t process = fork();
    if (process == 0) {
      if (!files.confine()) _exit(255);
      _exit(open(path.c_str(), flags, 0600) < 0 ? errno : 0);
    }
    int status = 0;
    waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  testing::TemporaryDirectory directory_;
  const std::filesystem::path folder_ = directory_.path() / "folder";
  const std::filesystem::path file_ = directory_.path() / "file";
  const std::filesystem::path inner_ = folder_ / "inner";
};

TEST_F(FilesThatCanBeRead, AreNoneAtFirst) {
  const ReadableFiles none;
  EXPECT_EQ(error_of_opening(none, file_), EACCES);
  EXPECT_EQ(error_of_opening(none, folder_), EACCES);
  EXPECT_EQ(error_of_opening(none, "/etc/passwd"), EACCES);
}

TEST_F(FilesThatCanBeRead, AreThoseThatAreNamed) {
  ReadableFiles files;
  files.allow(file_);
  files.allow(directory_.path() / "absent");
  EXPECT_EQ(error_of_opening(files, file_), 0);
  EXPECT_EQ(error_of_opening(files, inner_), EACCES);
  files.allow(folder_);
  EXPECT_EQ(error_of_opening(files, inner_), 0);
  EXPECT_EQ(error_of_opening(files, folder_), 0);
}

TEST_F(FilesThatCanBeRead, CanBeOpenFilesWhoseNameIsGone) {
  const FileDescriptor open_file(open(file_.c_str(), O_RDONLY | O_CLOEXEC));
  std::filesystem::remove(file_);
  const std::string anew = "/proc/self/fd/" + std::to_string(open_file.number());
  ReadableFiles files;
  EXPECT_EQ(error_of_opening(files, anew), EACCES);
  files.allow(open_file.number());
  EXPECT_EQ(error_of_opening(files, anew), 0);
}

TEST_F(FilesThatCanBeRead, CanNotBeWritten) {
  ReadableFiles files;
  files.allow(directory_.path());
  EXPECT_EQ(error_of_opening(files, file_, O_WRONLY), EACCES);
  EXPECT_EQ(error_of_opening(files, directory_.path() / "new", O_WRONLY | O_CREAT), EACCES);
}

TEST_F(FilesThatCanBeRead, OfAProgramAreThoseOfTheSystem) {
  const auto program = directory_.path() / "bin" / "program";
  const auto library = directory_.path() / "lib" / "library";
  for (const auto& path : {program, library}) {
    std::filesystem::create_directory(path.parent_path());
    testing::write_bytes(path, "text");
  }
  const ReadableFiles files = ReadableFiles::for_program(program);
  EXPECT_EQ(error_of_opening(files, program), 0);
  EXPECT_EQ(error_of_opening(files, library), 0);
  EXPECT_EQ(error_of_opening(files, "/usr/bin/env"), 0);
  EXPECT_EQ(error_of_opening(files, file_), EACCES);
  EXPECT_EQ(error_of_opening(files, "/etc/passwd"), EACCES);
  EXPECT_EQ(error_of_opening(files, "/proc/self/environ"), EACCES);
}

}  // namespace
}  // namespace harpy

// The package for Debian: what cpack makes of this build starts where it is unpacked.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/is_installed.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/running_program.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tone_sounds.hpp"

namespace harpy::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class DebianPackage : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!is_installed("cpack") || !is_installed("dpkg-shlibdeps") || !is_installed("file")) {
      GTEST_SKIP() << "needs cpack, dpkg-shlibdeps (dpkg-dev) and file";
    }
    const ProgramResult packed = run_program(
        "/usr/bin/env", {"cpack", "--config", std::string(HARPY_BUILD_DIR) + "/CPackConfig.cmake",
                         "-B", file("packages").string(), "-D", "CPACK_COMPONENTS_ALL=program"});
    ASSERT_EQ(packed.exit_code, 0) << packed.output << packed.errors;
    for (const auto& entry : fs::directory_iterator(file("packages"))) {
      if (entry.path().extension() == ".deb") package_ = entry.path();
    }
    ASSERT_FALSE(package_.empty()) << packed.output;
  }

  fs::path file(const std::string& name) const { return directory_.path() / name; }
  fs::path root() const { return file("root"); }

  TemporaryDirectory directory_;
  fs::path package_;
};

TEST_F(DebianPackage, NamesWhatItNeedsAndStartsWhereItIsUnpacked) {
  EXPECT_THAT(package_.filename().string(), ::testing::StartsWith("harpy_"));
  const auto field = [this](const char* name) {
    return run_program("/usr/bin/env", {"dpkg-deb", "-f", package_.string(), name}).output;
  };
  EXPECT_EQ(field("Package"), "harpy\n");
  EXPECT_EQ(field("Recommends"), "harpy-model-en-small\n");
  EXPECT_THAT(field("Depends"), AllOf(HasSubstr("libc6 (>= "), HasSubstr("libsndfile1"),
                                      HasSubstr("libdnnl"), HasSubstr("libssl3")));

  ASSERT_EQ(
      run_program("/usr/bin/env", {"dpkg-deb", "-x", package_.string(), root().string()}).exit_code,
      0);
  for (const char* path : {"usr/libexec/harpy/harpy-audio-decoder", "usr/share/man/man1/harpy.1",
                           "usr/share/harpy/haproxy.cfg", "usr/share/harpy/kubernetes/serve.yaml",
                           "usr/share/harpy/models/written/en"}) {
    EXPECT_TRUE(fs::exists(root() / path)) << path;
  }
  std::ifstream unit(root() / "usr/lib/systemd/system/harpy.service");
  EXPECT_THAT(std::string(std::istreambuf_iterator<char>(unit), {}),
              HasSubstr("\nExecStart=/usr/bin/harpy serve $HARPY_ARGUMENTS\n"));

  // In place of the package with the default model, whose graph takes half a minute to make.
  fs::create_directories(root() / "usr/share/harpy/models/en-small");
  write_tone_model(root() / "usr/share/harpy/models/en-small");
  write_sound(file("talk.wav"), {}, sounds({{0.0, 0.5}, kSoundA, {0.0, 0.5}}));
  const fs::path program = root() / "usr/bin/harpy";
  const ProgramResult heard = run_program(program, {"transcribe", file("talk.wav").string()});
  EXPECT_EQ(heard.exit_code, 0) << heard.errors;
  EXPECT_EQ(heard.output, "AN\n");
  RunningProgram server(program.string(), {"serve", "--port", "0"}, file("log"));
  const auto log = [this] {
    std::ifstream stream(file("log"));
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  for (int round = 0; round < 2000 && log().find("health, status") == std::string::npos; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_THAT(log(), HasSubstr("listening on 127.0.0.1 port "));
  EXPECT_THAT(log(), ::testing::Not(HasSubstr("harpy-audio-decoder")));
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
}

}  // namespace
}  // namespace harpy::testing

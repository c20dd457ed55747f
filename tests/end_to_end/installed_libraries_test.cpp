// The libraries as other people's programs find them: installed, and built against.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/shared.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tone_sounds.hpp"

namespace harpy {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::ProgramResult;
using testing::run_program;
using testing::source_dir;

/// Harpy's libraries in a folder of their own, and the model of tones with a recording of AN.
class InstalledLibraries : public ::testing::Test {
 protected:
  void SetUp() override {
    const ProgramResult installed =
        run_program("/usr/bin/env", {"cmake", "--install", HARPY_BUILD_DIR, "--prefix",
                                     prefix().string(), "--component", "libraries"});
    ASSERT_EQ(installed.exit_code, 0) << installed.errors;
    fs::create_directory(model());
    testing::write_tone_model(model());
    testing::write_sound(file("talk.wav"), {},
                         testing::sounds({{0.0, 0.5}, testing::kSoundA, {0.0, 0.5}}));
  }

  fs::path prefix() const { return directory_.path() / "prefix"; }
  fs::path model() const { return directory_.path() / "model"; }
  fs::path file(const std::string& name) const { return directory_.path() / name; }

  testing::TemporaryDirectory directory_;
};

TEST_F(InstalledLibraries, CMakeFindsThePackageAndTheExampleHears) {
  const ProgramResult configured = run_program(
      "/usr/bin/env", {"cmake", "-S", (source_dir() / "docs/cpp-example").string(), "-B",
                       file("build").string(), "-DCMAKE_PREFIX_PATH=" + prefix().string()});
  ASSERT_EQ(configured.exit_code, 0) << configured.errors;
  const ProgramResult built =
      run_program("/usr/bin/env", {"cmake", "--build", file("build").string()});
  ASSERT_EQ(built.exit_code, 0) << built.output << built.errors;
  const ProgramResult heard =
      run_program(file("build") / "hear", {model().string(), file("talk.wav").string()});
  EXPECT_EQ(heard.exit_code, 0) << heard.errors;
  EXPECT_EQ(heard.output, "AN\n");
  const ProgramResult refused =
      run_program(file("build") / "hear", {file("no-model").string(), file("talk.wav").string()});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("no-model"));
}

TEST_F(InstalledLibraries, PkgConfigFindsTheLibraryForC) {
  const std::string libraries =
      "export PKG_CONFIG_PATH=\"$(dirname \"$(find " + prefix().string() + " -name vosk.pc)\")\"; ";
  const std::string compile =
      libraries + "cc -o " + file("client").string() + " " +
      (source_dir() / "tests/service/capi/vosk_client.c").string() +
      " $(pkg-config --cflags --libs vosk) -Wl,-rpath,$(pkg-config --variable=libdir vosk)";
  const ProgramResult compiled = run_program("/bin/sh", {"-c", compile});
  ASSERT_EQ(compiled.exit_code, 0) << compiled.errors;
  const std::string wave = testing::read_bytes(file("talk.wav"));
  std::ofstream(file("talk.raw"), std::ios::binary) << wave.substr(wave.find("data") + 8);
  const ProgramResult heard =
      run_program(file("client"), {model().string(), file("talk.raw").string()});
  EXPECT_EQ(heard.exit_code, 0) << heard.errors;
  EXPECT_THAT(heard.output, HasSubstr(R"("text": "AN")"));
}

}  // namespace
}  // namespace harpy

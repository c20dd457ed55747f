#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/tone_sounds.hpp"

namespace harpy::testing {

/// A folder of recordings of different lengths, and the tone model.
class ArchiveTest : public ::testing::Test {
 protected:
  static constexpr int kRecordings = 12;

  ArchiveTest() {
    std::filesystem::create_directories(file("model"));
    std::filesystem::create_directories(file("in/deep"));
    write_tone_model(file("model"));
    for (int i = 0; i < kRecordings; ++i) {
      std::vector<Sound> heard{{0.0, 0.2}};
      for (int word = 0; word <= i % 5; ++word) {
        heard.insert(heard.end(), {kSoundA, kSoundB, {0.0, 0.3}});
      }
      write_sound(recording(i), {.sample_rate_hz = 16000}, sounds(heard));
    }
  }

  std::filesystem::path file(const std::string& name) const { return directory_.path() / name; }
  std::filesystem::path recording(int index) const {
    return file((index % 3 == 0 ? "in/deep/r" : "in/r") + std::to_string(index) + ".wav");
  }
  /// `harpy transcribe` of all recordings, with further options.
  std::vector<std::string> transcribe(const std::vector<std::string>& options) const {
    std::vector<std::string> arguments{"transcribe", "--model", file("model").string(),
                                       "--jobs",     "1",       file("in").string()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return arguments;
  }
  /// The output of a run of the program that must succeed.
  static std::string output_of(const std::vector<std::string>& arguments) {
    const ProgramResult result = run_harpy(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return result.output;
  }
  /// Likewise of a script for bash, in which $harpy, $model, $in and $out stand for themselves.
  std::string output_of_script(const std::string& script) const {
    const std::string names = "harpy='" HARPY_PROGRAM "' model='" + file("model").string() +
                              "' in='" + file("in").string() + "' out='" + file("out").string() +
                              "'\nexport harpy model in out\n";
    const ProgramResult result = run_program("/bin/bash", {"-c", names + script});
    EXPECT_EQ(result.exit_code, 0) << result.output << result.errors;
    return result.output;
  }
  std::string merged(const std::string& format, const std::vector<std::string>& parts) const {
    std::vector<std::string> arguments{"merge", file("in").string(), "--format", format, "--parts"};
    arguments.insert(arguments.end(), parts.begin(), parts.end());
    return output_of(arguments);
  }

  TemporaryDirectory directory_;
};

}  // namespace harpy::testing

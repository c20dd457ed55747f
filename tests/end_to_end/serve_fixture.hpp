#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sndfile.h>

#include "tests/support/run_program.hpp"
#include "tests/support/shared.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy::testing {

/// A model, a recording and what belongs to them in a folder, for tests of harpy serve as a
/// program.
class ServeFixture : public ::testing::Test {
 protected:
  ServeFixture() {
    std::filesystem::create_directory(model());
    write_tiny_model(model());
    for (std::size_t index = 0; index < samples_.size(); ++index) {
      const double pitch = 0.02 + 0.03 * static_cast<double>(index / 1600 % 7);
      samples_[index] =
          static_cast<std::int16_t>(8000.0 * std::sin(pitch * static_cast<double>(index)));
    }
    SF_INFO info{};
    info.samplerate = 16000;
    info.channels = 1;
    info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    SNDFILE* sound = sf_open(file("recording.wav").c_str(), SFM_WRITE, &info);
    sf_write_short(sound, samples_.data(), static_cast<sf_count_t>(samples_.size()));
    sf_close(sound);
    std::ofstream raw(file("recording.s16"), std::ios::binary);
    raw.write(reinterpret_cast<const char*>(samples_.data()),
              static_cast<std::streamsize>(2 * samples_.size()));
  }

  std::filesystem::path model() const { return directory_.path() / "model"; }
  std::filesystem::path file(const std::string& name) const { return directory_.path() / name; }

  /// What harpy transcribe prints of the recording, without the end of line.
  std::string transcript() const {
    const auto result =
        run_harpy({"transcribe", "--model", model().string(), file("recording.wav").string()});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    return result.output.substr(0, result.output.find('\n'));
  }

  /// Installs packages of npm beside the recording; whether that worked.
  bool has_npm_packages(const std::string& packages) const {
    const auto modules = file("npm");
    std::filesystem::create_directory(modules);
    return std::system(("npm install --silent --no-audit --no-fund --prefix '" + modules.string() +
                        "' " + packages + " >/dev/null 2>&1 </dev/null")
                           .c_str()) == 0;
  }

  /// Runs a script of this folder with these packages; what it prints is in file("replies").
  /// Whether it ended with code 0.
  bool runs_node(const std::string& script, const std::string& arguments) const {
    return std::system(("NODE_PATH='" + (file("npm") / "node_modules").string() +
                        "' timeout 60 node '" +
                        (source_dir() / "tests/end_to_end" / script).string() + "' " + arguments +
                        " >'" + file("replies").string() + "'")
                           .c_str()) == 0;
  }

  TemporaryDirectory directory_;
  std::vector<std::int16_t> samples_ = std::vector<std::int16_t>(48000);
};

}  // namespace harpy::testing

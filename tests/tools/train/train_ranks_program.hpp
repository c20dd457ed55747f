#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/mpi_job.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/tone_words.hpp"

namespace harpy::testing {

/// `harpy train` as several processes, on recordings of tones.
class TrainRanksProgram : public ::testing::Test {
 protected:
  TrainRanksProgram() : data_(folder("data")) {
    std::string recipe = read_bytes(data_.path("recipe.json"));
    recipe.insert(recipe.find('{') + 1, R"("microbatches": 4,)");
    recipe.replace(recipe.find("150"), 3, "400");
    std::ofstream(data_.path("recipe.json")) << recipe;
    // Two lists, so that two ranks compute features.
    train_ = data_.manifest("train.jsonl", data_.record("train", 30));
    more_ = data_.manifest("more.jsonl", data_.record("more", 20));
    dev_ = data_.manifest("dev.jsonl", data_.record("dev", 5));
  }

  std::filesystem::path folder(const std::string& name) const { return directory_.path() / name; }
  /// The words of a shell after `harpy`; each output has a cache of its own.
  std::string arguments(const std::string& output) const {
    return "train --recipe " + data_.path("recipe.json").string() + " --train " + train_ + " " +
           more_ + " --dev " + dev_ + " --lexicon " + data_.path("lexicon.dict").string() +
           " --output " + folder(output).string() + " --feature-cache " +
           folder(output + ".cache").string() + " --threads 1";
  }
  ProgramResult run_script(const std::string& script) const {
    return run_program("/bin/bash", {"-c", "harpy='" HARPY_PROGRAM "'\n" + script});
  }
  static std::string mpirun(int count) {
    return std::string("exec ") + kMpirun + "-n " + std::to_string(count) + " $harpy ";
  }
  void expect_the_same(const std::string& output, const std::string& expected) const {
    for (const char* name : {"acoustic.safetensors", "checkpoint", "model.json"}) {
      std::string bytes = read_bytes(folder(output) / name);
      const auto named = bytes.find("\"" + output + "\"");  // the name of the model
      if (named != std::string::npos) bytes.replace(named + 1, output.size(), expected);
      EXPECT_TRUE(bytes == read_bytes(folder(expected) / name)) << output << "/" << name;
    }
  }

  TemporaryDirectory directory_;
  ToneWords data_;
  std::string train_, more_, dev_;
};

}  // namespace harpy::testing

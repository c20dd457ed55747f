#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <vector>

#include "tests/fuzz/fuzzing.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {

/// Reads malformed files of one format after another.
class MalformedFiles : public ::testing::Test {
 protected:
  std::string read_bytes(const std::filesystem::path& path) const {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::string written(const std::function<void(const std::filesystem::path&)>& write) const {
    write(path_);
    return read_bytes(path_);
  }

  /// Reads the samples, then kept inputs and malformed ones (fuzz): every one is read, or refused
  /// by one error that names the file. `complete` is given what was made, so that it can put right
  /// what would hide all other faults.
  void run(
      const std::vector<std::string>& samples,
      const std::function<void(const std::filesystem::path&)>& read,
      const std::function<void(std::string&)>& complete = [](std::string&) {}) const {
    for (const std::string& sample : samples) {
      put(sample);
      ASSERT_NO_THROW(read(path_)) << sample;
    }
    const std::set<std::string> outcomes = fuzz(
        samples, [&](const std::string& input) { return outcome_of(input, read); },
        [&](std::span<const std::string> bases, std::uint32_t seed) {
          std::string bytes = mutate(bases, seed);
          complete(bytes);
          return bytes;
        });
    EXPECT_GT(outcomes.size(), 10U) << "the inputs do not get far";
  }

  const TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "sample";  ///< of the file that is read

 private:
  void put(const std::string& bytes) const {
    std::filesystem::remove(path_);
    std::ofstream(path_, std::ios::binary) << bytes;
  }

  /// Why a file is refused, without its name; empty: it is read.
  std::string outcome_of(const std::string& input,
                         const std::function<void(const std::filesystem::path&)>& read) const {
    put(input);
    const std::string place = path_.string() + ":";
    try {
      read(path_);
    } catch (const std::runtime_error& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with(place)) << message;
      return message.substr(std::min(place.size(), message.size()));
    } catch (const std::exception& error) {
      ADD_FAILURE() << typeid(error).name() << ": " << error.what();
    }
    return "";
  }
};

}  // namespace harpy::testing

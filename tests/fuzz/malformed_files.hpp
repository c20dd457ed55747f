#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/fuzz/mutation.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {

inline constexpr std::uint32_t kInputs = 4000;
inline constexpr std::chrono::seconds kBudget{10};

inline std::uint32_t input_count() {
  const char* wanted = std::getenv("HARPY_FUZZ_INPUTS");
  return wanted == nullptr ? kInputs
                           : static_cast<std::uint32_t>(std::strtoul(wanted, nullptr, 10));
}

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

  /// Reads the samples, then malformed ones: every one is read, or refused by one error that names
  /// the file. Each seed stands for one input; the time is a bound for slow machines only.
  void run(
      const std::vector<std::string>& samples,
      const std::function<void(const std::filesystem::path&)>& read,
      const std::function<void(std::string&)>& complete = [](std::string&) {}) const {
    for (const std::string& sample : samples) {
      std::ofstream(path_, std::ios::binary) << sample;
      ASSERT_NO_THROW(read(path_)) << sample;
    }
    const auto end = std::chrono::steady_clock::now() + kBudget;
    const bool unlimited = std::getenv("HARPY_FUZZ_INPUTS") != nullptr;
    std::set<std::string> errors;
    for (std::uint32_t seed = 0; seed < input_count(); ++seed) {
      if (!unlimited && std::chrono::steady_clock::now() > end) break;
      std::string bytes = mutate(samples, seed);
      complete(bytes);
      std::filesystem::remove(path_);
      std::ofstream(path_, std::ios::binary) << bytes;
      try {
        read(path_);
      } catch (const std::runtime_error& error) {
        const std::string message = error.what();
        EXPECT_EQ(message.rfind(path_.string() + ":", 0), 0U) << "seed " << seed << ": " << message;
        if (message.size() > path_.string().size()) {
          errors.insert(message.substr(path_.string().size()));
        }
      } catch (const std::exception& error) {
        ADD_FAILURE() << "seed " << seed << ": " << typeid(error).name() << ": " << error.what();
      }
      if (::testing::Test::HasFailure()) return;
    }
    EXPECT_GT(errors.size(), 10U) << "the inputs do not get far";
  }

  const TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "sample";  ///< of the file that is read
};

}  // namespace harpy::testing

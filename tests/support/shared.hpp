#pragma once

#include <cstdlib>
#include <filesystem>

namespace harpy::testing {

/// What the environment variable `name` says, else what was known when this was compiled.
inline std::filesystem::path place_of(const char* name, const char* compiled) {
  const char* const moved = std::getenv(name);
  return moved != nullptr ? moved : compiled;
}

/// The folder of reference values and recordings beside the checkout; it need not exist.
inline std::filesystem::path shared_dir() { return place_of("HARPY_SHARED_DIR", HARPY_SHARED_DIR); }

/// The checkout.
inline std::filesystem::path source_dir() { return place_of("HARPY_SOURCE_DIR", HARPY_SOURCE_DIR); }

/// Small reference values of our own making, which every clone has (tests/data/README.md).
inline std::filesystem::path data_dir() { return source_dir() / "tests/data"; }

}  // namespace harpy::testing

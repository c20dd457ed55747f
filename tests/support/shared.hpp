#pragma once

#include <filesystem>

namespace harpy::testing {

/// The folder of reference values and recordings beside the checkout; it need not exist.
inline std::filesystem::path shared_dir() { return HARPY_SHARED_DIR; }

/// The checkout.
inline std::filesystem::path source_dir() { return HARPY_SOURCE_DIR; }

}  // namespace harpy::testing

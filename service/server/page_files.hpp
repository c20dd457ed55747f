#pragma once

#include <span>
#include <string_view>

namespace harpy {

/// A file of the folder `page`.
struct PageFile {
  std::string_view name;
  std::string_view content;
};

/// All of them; CMake writes the source with their content from page_files.cpp.in.
std::span<const PageFile> page_files();

}  // namespace harpy

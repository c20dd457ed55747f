#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <map>
#include <string>
#include <vector>

namespace harpy {

/// Free text by name that a safetensors file carries beside its arrays.
using FileMetadata = std::map<std::string, std::string>;

/// An array of a safetensors file.
struct SafetensorsArray {
  std::string name;
  std::string type;                  ///< of its values, such as "F32"
  std::vector<std::uint64_t> shape;  ///< extents, row-major
  std::uint64_t begin = 0;           ///< bytes of the file's values that it takes
  std::uint64_t end = 0;
};

/// What a safetensors file says before its values.
struct SafetensorsHeader {
  std::vector<SafetensorsArray> arrays;  ///< in the header's order
  FileMetadata metadata;
  std::uint64_t values_begin = 0;  ///< where the values begin in the file
  std::uint64_t values_bytes = 0;  ///< how many bytes of them there are
};

/// Reads the length of the JSON header (8 bytes, little-endian) and the header: name -> type,
/// shape, byte range; "__metadata__" -> text by name. Every range lies within the values; whether
/// it is as long as type and shape say is left to the caller. Errors: std::runtime_error naming the
/// file and, where there is one, the array. Source: https://huggingface.co/docs/safetensors
SafetensorsHeader read_safetensors_header(const std::filesystem::path& path, std::istream& in);

/// Errors: std::runtime_error naming the file unless the arrays make up all values, without gap or
/// overlap.
void check_safetensors_cover(const std::filesystem::path& path, const SafetensorsHeader& header);

}  // namespace harpy

#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/shared.hpp"

namespace harpy::testing {

/// The folder of scores that make_scores.py wrote.
inline std::filesystem::path scores_dir() { return data_dir() / "scores"; }

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline std::string raw_floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

/// A `.npy` file with this dictionary as header.
inline std::string npy_file(const std::string& header, const std::string& values) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size() % 256);
  file += static_cast<char>(header.size() / 256);
  return file + header + values;
}

/// A `.npy` file of a matrix.
inline std::string npy_matrix(std::size_t rows, std::size_t columns,
                              const std::vector<float>& values) {
  return npy_file("{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows) +
                      ", " + std::to_string(columns) + "), }\n",
                  raw_floats(values));
}

/// An integer as Kaldi's binary files have it.
inline std::string sized_integer(std::int32_t value) {
  std::string bytes("\4", 1);
  return bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// An entry of a binary Kaldi archive.
inline std::string ark_matrix(const std::string& key, std::int32_t rows, std::int32_t columns,
                              const std::vector<float>& values) {
  return key + " " + std::string("\0B", 2) + "FM " + sized_integer(rows) + sized_integer(columns) +
         raw_floats(values);
}

}  // namespace harpy::testing

#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include <unistd.h>

#include "models/files/mapped_file.hpp"
#include "tests/support/shared.hpp"
#include "tools/decode/npy_array.hpp"

namespace harpy::testing {

/// The folder of the golden Kaldi model with Kaldi's own outputs, unpacked once for all tests of a
/// machine; empty if the archive is not beside the checkout.
inline std::filesystem::path kaldi_golden_dir() {
  namespace fs = std::filesystem;
  const fs::path archive = shared_dir() / "golden/kaldi-model/kaldi-model.tar.xz";
  if (!fs::exists(archive)) return {};
  const fs::path place =
      fs::temp_directory_path() / ("harpy-kaldi-model-" + std::to_string(fs::file_size(archive)) +
                                   "-" + std::to_string(::getuid()));
  if (fs::exists(place)) return place;
  std::string pattern = place.string() + ".XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  const std::string command = "tar -xJf '" + archive.string() + "' -C '" + pattern + "'";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  std::error_code other_was_faster;
  fs::rename(pattern, place, other_was_faster);
  if (other_was_faster) fs::remove_all(pattern);
  return place;
}

/// An array [rows, columns] of NumPy's.
inline ScoreMatrix read_numpy(const std::filesystem::path& path) {
  return tools::read_npy(MappedFile(path).bytes());
}

/// The names of the golden utterances.
inline const std::vector<std::string>& kaldi_utterances() {
  static const std::vector<std::string> names{"1737-146161-0009", "226-122538-0021",
                                              "32-21631-0016",    "3664-178355-0026",
                                              "669-129074-0019",  "odd-half-second"};
  return names;
}

/// The rest of the line of each utterance in a file of lines `UTTERANCE …`; others are left out.
inline std::map<std::string, std::string> read_golden_lines(const std::filesystem::path& path) {
  std::map<std::string, std::string> lines;
  std::ifstream stream(path);
  for (std::string line; std::getline(stream, line);) {
    for (const std::string& name : kaldi_utterances()) {
      if (line.starts_with(name + " ")) lines[name] = line.substr(name.size() + 1);
    }
  }
  return lines;
}

}  // namespace harpy::testing

#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace harpy {

/// Handwritten digits: images of kExtent rows of kExtent grey values from 0 (paper) to 255 (ink),
/// and what they show.
struct MnistImages {
  static constexpr std::int64_t kExtent = 28;
  static constexpr std::int64_t kPixels = kExtent * kExtent;

  std::vector<std::uint8_t> pixels;  ///< [count, rows, columns]
  std::vector<std::uint8_t> digits;  ///< [count]

  std::int64_t count() const { return static_cast<std::int64_t>(digits.size()); }
};

/// Reads "<name>-images-idx3-ubyte" and "<name>-labels-idx1-ubyte" of a folder, name being "train"
/// or "t10k". Errors: std::runtime_error naming the file that is missing, cut short or of another
/// format. Format: LeCun, Cortes and Burges, "The MNIST database of handwritten digits".
MnistImages read_mnist(const std::filesystem::path& folder, const std::string& name);

}  // namespace harpy

#include "tests/bench/mnist/mnist_images.hpp"

#include <array>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>

namespace harpy {
namespace {

namespace fs = std::filesystem;

/// The values of an IDX file of bytes whose axes behind the first are `extents`.
std::vector<std::uint8_t> read_idx(const fs::path& path, std::span<const std::int64_t> extents) {
  const auto refuse = [&](const std::string& problem) {
    throw std::runtime_error(path.string() + ": " + problem);
  };
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse("cannot be opened");
  const auto big_endian = [&] {
    std::array<char, 4> bytes{};
    if (!file.read(bytes.data(), bytes.size())) refuse("cut short in its header");
    std::int64_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  };
  constexpr std::int64_t kBytes = 0x800;
  const auto axes = static_cast<std::int64_t>(extents.size()) + 1;
  if (big_endian() != (kBytes | axes)) refuse("not an IDX file of bytes of the expected axes");
  std::int64_t size = big_endian();
  for (const std::int64_t extent : extents) {
    if (big_endian() != extent) refuse("expected an axis of " + std::to_string(extent));
    size *= extent;
  }
  std::vector<std::uint8_t> values(static_cast<std::size_t>(size));
  if (!file.read(reinterpret_cast<char*>(values.data()), size)) refuse("cut short in its values");
  return values;
}

}  // namespace

MnistImages read_mnist(const fs::path& folder, const std::string& name) {
  constexpr std::array<std::int64_t, 2> kExtents{MnistImages::kExtent, MnistImages::kExtent};
  MnistImages images;
  images.pixels = read_idx(folder / (name + "-images-idx3-ubyte"), kExtents);
  const fs::path labels = folder / (name + "-labels-idx1-ubyte");
  images.digits = read_idx(labels, {});
  if (images.count() * MnistImages::kPixels != static_cast<std::int64_t>(images.pixels.size())) {
    throw std::runtime_error(labels.string() + ": holds labels of another number of images");
  }
  for (const std::uint8_t digit : images.digits) {
    if (digit > 9) throw std::runtime_error(labels.string() + ": holds a label above 9");
  }
  return images;
}

}  // namespace harpy

#include "acoustic/network_file.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "models/files/float16.hpp"
#include "models/files/replacement_file.hpp"

namespace harpy {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::string_view kMetadata = "__metadata__";
constexpr std::string_view kHalf = "F16";

[[noreturn]] void refuse(const fs::path& path, const std::string& what) {
  throw std::runtime_error(path.string() + ": " + what);
}

std::uint64_t tensor_bytes(const Tensor& tensor) {
  return static_cast<std::uint64_t>(tensor.size()) * sizeof(float);
}

json::array shape_of(const Tensor& tensor) {
  json::array extents;
  for (int axis = 0; axis < tensor.shape().rank(); ++axis) {
    extents.emplace_back(tensor.shape()[axis]);
  }
  return extents;
}

std::string header_text(std::span<const NamedTensor> tensors, const FileMetadata& metadata) {
  json::object header;
  if (!metadata.empty()) {
    json::object texts;
    for (const auto& [name, text] : metadata) texts[name] = text;
    header[kMetadata] = std::move(texts);
  }
  std::uint64_t offset = 0;
  for (const NamedTensor& named : tensors) {
    const std::uint64_t end = offset + tensor_bytes(*named.tensor);
    json::object entry;
    entry["dtype"] = "F32";
    entry["shape"] = shape_of(*named.tensor);
    entry["data_offsets"] = json::array{offset, end};
    header[named.name] = std::move(entry);
    offset = end;
  }
  std::string text = json::serialize(header);
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes,
              ' ');  // aligns the values
  return text;
}

/// The array of a file that is a tensor, after checking type, shape and size.
const SafetensorsArray& array_of(const fs::path& path, const SafetensorsHeader& header,
                                 const NamedTensor& named) {
  const std::string tensor = "tensor \"" + named.name + "\": ";
  const auto found = std::ranges::find(header.arrays, named.name, &SafetensorsArray::name);
  if (found == header.arrays.end()) refuse(path, tensor + "missing");
  if (found->type != "F32" && found->type != kHalf) {
    refuse(path, tensor + "expected dtype F32 or F16, got " + found->type);
  }
  const json::array expected = shape_of(*named.tensor);
  const json::array shape(found->shape.begin(), found->shape.end());
  if (shape != expected) {
    refuse(path, tensor + "expected shape " + json::serialize(expected) + ", got " +
                     json::serialize(shape));
  }
  const std::uint64_t bytes = tensor_bytes(*named.tensor) / (found->type == kHalf ? 2 : 1);
  if (found->end - found->begin != bytes) {
    refuse(path, tensor + "expected " + std::to_string(bytes) + " bytes, got " +
                     std::to_string(found->end - found->begin));
  }
  return *found;
}

void take_values(const SafetensorsArray& array, const char* bytes, std::span<float> values) {
  if (array.type != kHalf) {
    std::memcpy(values.data(), bytes, values.size_bytes());
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, bytes + i * sizeof(half), sizeof(half));
    values[i] = from_float16(half);
  }
}

}  // namespace

void write_network_file(const fs::path& path, Backend& backend,
                        std::span<const NamedTensor> tensors, const FileMetadata& metadata) {
  const std::string header = header_text(tensors, metadata);
  unsigned char length[kLengthBytes];
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length[i] = static_cast<unsigned char>(std::uint64_t{header.size()} >> (8 * i));
  }
  ReplacementFile file(path);
  file.write(length, kLengthBytes);
  file.write(header.data(), header.size());
  for (const NamedTensor& named : tensors) {
    const std::vector<float> values = backend.to_host(*named.tensor);
    file.write(values.data(), values.size() * sizeof(float));
  }
  file.commit();
}

FileMetadata read_network_file(const fs::path& path, Backend& backend,
                               std::span<const NamedTensor> tensors) {
  std::ifstream in(path, std::ios::binary);
  SafetensorsHeader header = read_safetensors_header(path, in);
  std::vector<const SafetensorsArray*> arrays;
  std::set<std::string_view> names;
  for (const NamedTensor& named : tensors) {
    arrays.push_back(&array_of(path, header, named));
    names.insert(named.name);
  }
  for (const SafetensorsArray& array : header.arrays) {
    if (!names.contains(array.name)) refuse(path, "tensor \"" + array.name + "\": unexpected");
  }
  check_safetensors_cover(path, header);

  std::vector<char> values(header.values_bytes);
  if (!in.read(values.data(), static_cast<std::streamsize>(values.size()))) {
    refuse(path, "truncated values");
  }
  std::vector<float> floats;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    floats.resize(static_cast<std::size_t>(tensors[i].tensor->size()));
    if (floats.empty()) continue;
    take_values(*arrays[i], values.data() + arrays[i]->begin, floats);
    backend.copy(backend.from_host(tensors[i].tensor->shape(), floats), *tensors[i].tensor);
  }
  return std::move(header.metadata);
}

}  // namespace harpy

#include "acoustic/network_file.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "models/files/replacement_file.hpp"

namespace harpy {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr std::string_view kMetadata = "__metadata__";

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

/// Bytes [begin, end) of the values of a file.
struct ByteRange {
  std::uint64_t begin = 0, end = 0;
};

/// The checked header of a file and where its values begin.
struct Header {
  json::object entries;
  FileMetadata metadata;
  std::uint64_t values_begin = 0;
  std::uint64_t values_bytes = 0;
};

FileMetadata read_metadata(const fs::path& path, json::object& entries) {
  FileMetadata metadata;
  const json::value* texts = entries.if_contains(kMetadata);
  if (texts == nullptr) return metadata;
  if (!texts->is_object()) refuse(path, "header: __metadata__ is no object");
  for (const auto& [name, text] : texts->get_object()) {
    if (!text.is_string())
      refuse(path, "header: metadata \"" + std::string(name) + "\" is no text");
    metadata.emplace(name, text.get_string());
  }
  entries.erase(kMetadata);
  return metadata;
}

Header read_header(const fs::path& path, std::ifstream& in) {
  std::error_code error;
  const std::uintmax_t file_bytes = fs::file_size(path, error);
  if (error) refuse(path, "cannot be read: " + error.message());
  if (!in) refuse(path, "cannot be opened");
  unsigned char length[kLengthBytes];
  if (file_bytes < kLengthBytes || !in.read(reinterpret_cast<char*>(length), kLengthBytes)) {
    refuse(path, "truncated: no header length");
  }
  std::uint64_t header_bytes = 0;
  for (int i = kLengthBytes - 1; i >= 0; --i) header_bytes = header_bytes << 8 | length[i];
  if (header_bytes > kMaxHeaderBytes || header_bytes > file_bytes - kLengthBytes) {
    refuse(path, "header of " + std::to_string(header_bytes) + " bytes does not fit a file of " +
                     std::to_string(file_bytes));
  }
  std::string text(header_bytes, '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(header_bytes))) {
    refuse(path, "truncated header");
  }
  boost::system::error_code malformed;
  json::value parsed = json::parse(text, malformed);
  if (malformed) refuse(path, "header is no JSON: " + malformed.message());
  if (!parsed.is_object()) refuse(path, "header is no JSON object");

  Header header;
  header.entries = std::move(parsed.get_object());
  header.metadata = read_metadata(path, header.entries);
  header.values_begin = kLengthBytes + header_bytes;
  header.values_bytes = file_bytes - header.values_begin;
  return header;
}

/// The byte range of a tensor, after checking type, shape and size.
ByteRange range_of(const fs::path& path, const Header& header, const NamedTensor& named) {
  const std::string tensor = "tensor \"" + named.name + "\": ";
  const json::value* found = header.entries.if_contains(named.name);
  if (found == nullptr) refuse(path, tensor + "missing");
  const json::object* entry = found->if_object();
  const json::value* type = entry ? entry->if_contains("dtype") : nullptr;
  const json::value* shape = entry ? entry->if_contains("shape") : nullptr;
  const json::value* offsets = entry ? entry->if_contains("data_offsets") : nullptr;
  if (type == nullptr || shape == nullptr || offsets == nullptr) {
    refuse(path, tensor + "dtype, shape or data_offsets missing");
  }
  if (*type != "F32") refuse(path, tensor + "expected dtype F32, got " + json::serialize(*type));
  const json::array expected = shape_of(*named.tensor);
  if (*shape != expected) {
    refuse(path, tensor + "expected shape " + json::serialize(expected) + ", got " +
                     json::serialize(*shape));
  }
  ByteRange range;
  const json::array* pair = offsets->if_array();
  bool valid = pair != nullptr && pair->size() == 2;
  for (std::size_t i = 0; valid && i < 2; ++i) {
    boost::system::error_code inexact;
    (i == 0 ? range.begin : range.end) = (*pair)[i].to_number<std::uint64_t>(inexact);
    valid = !inexact;
  }
  if (!valid || range.end < range.begin || range.end > header.values_bytes ||
      range.end - range.begin != tensor_bytes(*named.tensor)) {
    refuse(path, tensor + "expected a range of " + std::to_string(tensor_bytes(*named.tensor)) +
                     " bytes within " + std::to_string(header.values_bytes) + ", got " +
                     json::serialize(*offsets));
  }
  return range;
}

/// Throws unless the ranges of all tensors make up all values, without gap or overlap.
void check_cover(const fs::path& path, const Header& header, std::span<const NamedTensor> tensors,
                 const std::vector<ByteRange>& ranges) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (ranges[i].end > ranges[i].begin) order.push_back(i);
  }
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return ranges[a].begin < ranges[b].begin; });
  std::uint64_t position = 0;
  for (const std::size_t i : order) {
    if (ranges[i].begin != position) {
      refuse(path, "tensor \"" + tensors[i].name + "\": begins at byte " +
                       std::to_string(ranges[i].begin) + " of the values, expected " +
                       std::to_string(position));
    }
    position = ranges[i].end;
  }
  if (position != header.values_bytes) {
    refuse(path, "expected " + std::to_string(position) + " bytes of values, got " +
                     std::to_string(header.values_bytes));
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
  Header header = read_header(path, in);
  std::vector<ByteRange> ranges;
  std::set<std::string_view> names;
  for (const NamedTensor& named : tensors) {
    ranges.push_back(range_of(path, header, named));
    names.insert(named.name);
  }
  for (const auto& entry : header.entries) {
    const std::string_view name(entry.key().data(), entry.key().size());
    if (!names.contains(name)) refuse(path, "tensor \"" + std::string(name) + "\": unexpected");
  }
  check_cover(path, header, tensors, ranges);

  std::vector<char> values(header.values_bytes);
  if (!in.read(values.data(), static_cast<std::streamsize>(values.size()))) {
    refuse(path, "truncated values");
  }
  std::vector<float> floats;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    floats.resize(static_cast<std::size_t>(tensors[i].tensor->size()));
    if (floats.empty()) continue;
    std::memcpy(floats.data(), values.data() + ranges[i].begin, floats.size() * sizeof(float));
    backend.copy(backend.from_host(tensors[i].tensor->shape(), floats), *tensors[i].tensor);
  }
  return std::move(header.metadata);
}

}  // namespace harpy

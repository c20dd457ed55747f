#include "models/files/safetensors_header.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

namespace harpy {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr std::string_view kMetadata = "__metadata__";

[[noreturn]] void refuse_header(const fs::path& path, const std::string& what) {
  throw std::runtime_error(path.string() + ": " + what);
}

json::object parse_header(const fs::path& path, std::istream& in, SafetensorsHeader& header) {
  std::error_code error;
  const std::uintmax_t file_bytes = fs::file_size(path, error);
  if (error) refuse_header(path, "cannot be read: " + error.message());
  if (!in) refuse_header(path, "cannot be opened");
  std::array<char, kLengthBytes> length{};
  if (file_bytes < kLengthBytes || !in.read(length.data(), kLengthBytes)) {
    refuse_header(path, "truncated: no header length");
  }
  std::uint64_t header_bytes = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    header_bytes |= std::uint64_t{static_cast<unsigned char>(length[i])} << (8 * i);
  }
  if (header_bytes > kMaxHeaderBytes || header_bytes > file_bytes - kLengthBytes) {
    refuse_header(path, "header of " + std::to_string(header_bytes) +
                            " bytes does not fit a file of " + std::to_string(file_bytes));
  }
  std::string text(header_bytes, '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(header_bytes))) {
    refuse_header(path, "truncated header");
  }
  boost::system::error_code malformed;
  json::value parsed = json::parse(text, malformed);
  if (malformed) refuse_header(path, "header is no JSON: " + malformed.message());
  if (!parsed.is_object()) refuse_header(path, "header is no JSON object");
  header.values_begin = kLengthBytes + header_bytes;
  header.values_bytes = file_bytes - header.values_begin;
  return std::move(parsed.get_object());
}

FileMetadata read_metadata(const fs::path& path, const json::value& texts) {
  FileMetadata metadata;
  if (!texts.is_object()) refuse_header(path, "header: __metadata__ is no object");
  for (const auto& [name, text] : texts.get_object()) {
    if (!text.is_string()) {
      refuse_header(path, "header: metadata \"" + std::string(name) + "\" is no text");
    }
    metadata.emplace(name, text.get_string());
  }
  return metadata;
}

/// Whether a value is a list of whole numbers, which are then in `numbers`.
bool read_numbers(const json::value& value, std::vector<std::uint64_t>& numbers) {
  const json::array* list = value.if_array();
  if (list == nullptr) return false;
  for (const json::value& element : *list) {
    boost::system::error_code inexact;
    numbers.push_back(element.to_number<std::uint64_t>(inexact));
    if (inexact) return false;
  }
  return true;
}

SafetensorsArray read_array(const fs::path& path, const std::string& name, const json::value& value,
                            const SafetensorsHeader& header) {
  const auto refuse = [&](const std::string& what) {
    refuse_header(path, "tensor \"" + name + "\": " + what);
  };
  const json::object* entry = value.if_object();
  const json::value* type = entry != nullptr ? entry->if_contains("dtype") : nullptr;
  const json::value* shape = entry != nullptr ? entry->if_contains("shape") : nullptr;
  const json::value* offsets = entry != nullptr ? entry->if_contains("data_offsets") : nullptr;
  if (type == nullptr || shape == nullptr || offsets == nullptr) {
    refuse("dtype, shape or data_offsets missing");
  }
  SafetensorsArray array{.name = name};
  if (!type->is_string()) refuse("dtype is no text");
  array.type = type->get_string();
  if (!read_numbers(*shape, array.shape)) {
    refuse("expected extents as shape, got " + json::serialize(*shape));
  }
  std::vector<std::uint64_t> range;
  if (!read_numbers(*offsets, range) || range.size() != 2 || range[1] < range[0] ||
      range[1] > header.values_bytes) {
    refuse("expected a range within " + std::to_string(header.values_bytes) + " bytes, got " +
           json::serialize(*offsets));
  }
  array.begin = range[0];
  array.end = range[1];
  return array;
}

}  // namespace

SafetensorsHeader read_safetensors_header(const fs::path& path, std::istream& in) {
  SafetensorsHeader header;
  for (const auto& [key, value] : parse_header(path, in, header)) {
    const std::string name(key.data(), key.size());
    if (name == kMetadata) {
      header.metadata = read_metadata(path, value);
    } else {
      header.arrays.push_back(read_array(path, name, value, header));
    }
  }
  return header;
}

void check_safetensors_cover(const fs::path& path, const SafetensorsHeader& header) {
  std::vector<const SafetensorsArray*> order;
  for (const SafetensorsArray& array : header.arrays) {
    if (array.end > array.begin) order.push_back(&array);
  }
  std::ranges::sort(order, {}, [](const SafetensorsArray* array) { return array->begin; });
  std::uint64_t position = 0;
  for (const SafetensorsArray* array : order) {
    if (array->begin != position) {
      refuse_header(path, "tensor \"" + array->name + "\": begins at byte " +
                              std::to_string(array->begin) + " of the values, expected " +
                              std::to_string(position));
    }
    position = array->end;
  }
  if (position != header.values_bytes) {
    refuse_header(path, "expected " + std::to_string(position) + " bytes of values, got " +
                            std::to_string(header.values_bytes));
  }
}

}  // namespace harpy

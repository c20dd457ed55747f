#include "tools/decode/npy_array.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "models/files/escaped_text.hpp"
#include "models/files/text_fields.hpp"
#include "tools/decode/array_values.hpp"

namespace harpy::tools {

namespace {

constexpr std::string_view kNpyMagic = "\x93NUMPY";

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads the header's dictionary, such as {'descr': '<f4', 'fortran_order': False, 'shape': (3,)}.
class HeaderScanner {
 public:
  explicit HeaderScanner(std::string_view text) : text_(text) {}

  ArrayLayout read() {
    ArrayLayout layout;
    std::map<std::string, int> met;
    expect('{');
    while (!take('}')) {
      const std::string key = quoted();
      ++met[key];
      expect(':');
      if (key == "descr") {
        read_type(layout);
      } else if (key == "fortran_order") {
        layout.is_column_major = boolean();
      } else if (key == "shape") {
        layout.shape = tuple();
      } else {
        refuse("the key \"" + escape_for_line(key) + "\" is unknown");
      }
      if (!take(',') && !next_is('}')) refuse("expected a comma");
    }
    skip_blanks();
    if (!text_.empty() || met["descr"] != 1 || met["fortran_order"] != 1 || met["shape"] != 1) {
      refuse("expected descr, fortran_order and shape, once each");
    }
    return layout;
  }

 private:
  [[noreturn]] static void refuse(const std::string& what) {
    throw std::invalid_argument("header: " + what);
  }

  void skip_blanks() {
    text_.remove_prefix(std::min(text_.find_first_not_of(kBlanks), text_.size()));
  }
  bool next_is(char letter) {
    skip_blanks();
    return text_.starts_with(letter);
  }
  bool take(char letter) {
    if (!next_is(letter)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char letter) {
    if (!take(letter)) refuse(std::string("expected \"") + letter + "\"");
  }
  std::string quoted() {
    skip_blanks();
    const char quote = text_.empty() ? '\0' : text_[0];
    if (quote != '\'' && quote != '"') refuse("expected a text in quotes");
    const std::size_t end = text_.find(quote, 1);
    if (end == std::string_view::npos) refuse("a text without end");
    std::string value(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return value;
  }
  bool boolean() {
    skip_blanks();
    for (const bool value : {false, true}) {
      const std::string_view name = value ? "True" : "False";
      if (!text_.starts_with(name)) continue;
      text_.remove_prefix(name.size());
      return value;
    }
    refuse("expected True or False");
  }
  std::vector<std::uint64_t> tuple() {
    std::vector<std::uint64_t> numbers;
    expect('(');
    while (!take(')')) {
      skip_blanks();
      std::uint64_t number = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), number);
      if (error != std::errc()) refuse("expected a shape of whole numbers");
      numbers.push_back(number);
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      if (!take(',') && !next_is(')')) refuse("expected a comma in the shape");
    }
    return numbers;
  }
  void read_type(ArrayLayout& layout) {
    if (next_is('[')) refuse("an array of structures; expected one of floating-point numbers");
    const std::string type = quoted();
    static const std::map<std::string_view, ArrayType> kTypes{
        {"f2", ArrayType::kFloat16}, {"f4", ArrayType::kFloat32}, {"f8", ArrayType::kFloat64}};
    const auto found = kTypes.find(type.empty() ? type : std::string_view(type).substr(1));
    if (found == kTypes.end() || (type[0] != '<' && type[0] != '>' && type[0] != '=')) {
      refuse("an array of the type \"" + escape_for_line(type) +
             "\"; expected float16, float32 or float64");
    }
    layout.type = found->second;
    layout.is_big_endian = type[0] == '>';
  }

  std::string_view text_;
};

}  // namespace

bool is_npy(std::span<const std::byte> file) { return as_text(file).starts_with(kNpyMagic); }

ScoreMatrix read_npy(std::span<const std::byte> file) {
  constexpr std::size_t kVersionBytes = 2;
  if (!is_npy(file)) throw std::invalid_argument("is no array of numpy's");
  std::span<const std::byte> rest = file.subspan(kNpyMagic.size());
  if (rest.size() < kVersionBytes) throw std::invalid_argument("truncated in the header");
  const auto version = std::to_integer<int>(rest[0]);
  if (version < 1 || version > 3) {
    throw std::invalid_argument("header: version " + std::to_string(version) +
                                " of the format; expected 1, 2 or 3");
  }
  rest = rest.subspan(kVersionBytes);
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  if (rest.size() < length_bytes) throw std::invalid_argument("truncated in the header");
  std::size_t header_bytes = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    header_bytes |= std::to_integer<std::size_t>(rest[i]) << (8 * i);
  }
  rest = rest.subspan(length_bytes);
  if (rest.size() < header_bytes) throw std::invalid_argument("truncated in the header");
  const ArrayLayout layout = HeaderScanner(as_text(rest.first(header_bytes))).read();
  const std::span<const std::byte> values = rest.subspan(header_bytes);
  if (values.size() > values_bytes(layout)) {
    throw std::invalid_argument(std::to_string(values.size() - values_bytes(layout)) +
                                " bytes follow the array; expected one array a file");
  }
  return read_array(layout, values);
}

}  // namespace harpy::tools

#include "tools/decode/kaldi_matrix.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "models/files/escaped_text.hpp"
#include "models/files/text_fields.hpp"
#include "tools/decode/array_values.hpp"

namespace harpy::tools {

namespace {

constexpr std::string_view kBinaryMark("\0B", 2);
constexpr std::size_t kLongestKey = 4096;

template <typename Value>
Value value_at(std::span<const std::byte> bytes, std::size_t offset) {
  Value value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

/// What a column of the oldest compressed form says of its values: four of their quantiles.
class ColumnQuantiles {
 public:
  ColumnQuantiles(std::span<const std::byte> header, float least, float range) {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      places_[i] = least + range * static_cast<float>(value_at<std::uint16_t>(header, 2 * i)) /
                               static_cast<float>(UINT16_MAX);
    }
  }

  float value(std::uint8_t code) const {
    constexpr int kQuarter = 64;
    constexpr int kThreeQuarters = 192;
    if (code <= kQuarter) return between(0, code, kQuarter);
    if (code <= kThreeQuarters) return between(1, code - kQuarter, kThreeQuarters - kQuarter);
    return between(2, code - kThreeQuarters, UINT8_MAX - kThreeQuarters);
  }

 private:
  float between(std::size_t place, int step, int steps) const {
    return places_[place] + (places_[place + 1] - places_[place]) * static_cast<float>(step) /
                                static_cast<float>(steps);
  }

  std::array<float, 4> places_{};
};

}  // namespace

void KaldiBytes::refuse(const std::string& what) const {
  throw std::invalid_argument("byte " + std::to_string(position_) + ": " + what);
}

void KaldiBytes::skip_blanks() {
  while (left() > 0 &&
         kBlanks.find(std::to_integer<char>(bytes_[position_])) != std::string_view::npos) {
    ++position_;
  }
}

std::span<const std::byte> KaldiBytes::take(std::size_t count, const char* what) {
  if (left() < count) {
    refuse("truncated: " + std::string(what) + " takes " + std::to_string(count) + " bytes, " +
           std::to_string(left()) + " are left");
  }
  const std::span<const std::byte> taken = bytes_.subspan(position_, count);
  position_ += count;
  return taken;
}

std::string KaldiBytes::key() {
  skip_blanks();
  if (left() == 0) return {};
  const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + position_,
                              std::min(left(), kLongestKey));
  const std::size_t end = text.find_first_of(" \t\n");
  if (end == std::string_view::npos) refuse("expected the key of a matrix with a blank behind it");
  std::string key(text.substr(0, end));
  if (key.find('\0') != std::string::npos) refuse("expected the key of a matrix");
  position_ += end + 1;
  return key;
}

ScoreMatrix KaldiBytes::matrix() {
  const std::string_view begin(reinterpret_cast<const char*>(bytes_.data()) + position_,
                               std::min(left(), kBinaryMark.size()));
  if (begin != kBinaryMark) return text_matrix();
  position_ += kBinaryMark.size();
  return binary_matrix();
}

std::int64_t KaldiBytes::sized_integer(const char* what) {
  constexpr std::size_t kSize = 4;
  const std::span<const std::byte> taken = take(1 + kSize, what);
  const auto value = value_at<std::int32_t>(taken, 1);
  if (std::to_integer<std::size_t>(taken[0]) != kSize || value < 0) {
    refuse("expected " + std::string(what) + " as an integer of four bytes");
  }
  return value;
}

ScoreMatrix KaldiBytes::binary_matrix() {
  constexpr std::size_t kLongestType = 4;
  const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + position_,
                              std::min(left(), kLongestType));
  const std::string type(text.substr(0, text.find(' ')));
  if (type.size() == text.size()) refuse("expected the type of a matrix");
  if (type == "CM" || type == "CM2" || type == "CM3") {
    position_ += type.size() + 1;
    return compressed_matrix(type.size() == 2 ? 1 : type.back() - '0');
  }
  if (type != "FM" && type != "DM") {
    refuse("expected a matrix (FM, DM, CM, CM2 or CM3), got \"" + escape_for_line(type) + "\"");
  }
  position_ += type.size() + 1;
  const auto rows = static_cast<std::uint64_t>(sized_integer("the number of rows"));
  const auto columns = static_cast<std::uint64_t>(sized_integer("the number of columns"));
  const ArrayLayout layout{.type = type == "FM" ? ArrayType::kFloat32 : ArrayType::kFloat64,
                           .shape = {rows, columns}};
  return read_array(layout, take(values_bytes(layout), "the matrix"));
}

ScoreMatrix KaldiBytes::compressed_matrix(int form) {
  constexpr std::size_t kHeaderBytes = 16;
  constexpr std::size_t kQuantileBytes = 8;
  const std::span<const std::byte> header = take(kHeaderBytes, "the header of a compressed matrix");
  const auto least = value_at<float>(header, 0);
  const auto range = value_at<float>(header, 4);
  ScoreMatrix matrix{.frame_count = value_at<std::int32_t>(header, 8),
                     .column_count = value_at<std::int32_t>(header, 12)};
  if (matrix.frame_count < 0 || matrix.column_count < 0) refuse("a matrix of negative size");
  const auto rows = static_cast<std::size_t>(matrix.frame_count);
  const auto columns = static_cast<std::size_t>(matrix.column_count);
  const std::size_t count = rows * columns;
  if (form == 1) {
    const auto quantiles = take(columns * kQuantileBytes, "the matrix");
    const auto codes = take(count, "the matrix");
    matrix.values.resize(count);
    for (std::size_t column = 0; column < columns; ++column) {
      const ColumnQuantiles column_values(
          quantiles.subspan(column * kQuantileBytes, kQuantileBytes), least, range);
      for (std::size_t row = 0; row < rows; ++row) {
        matrix.values[row * columns + column] =
            column_values.value(std::to_integer<std::uint8_t>(codes[column * rows + row]));
      }
    }
    return matrix;
  }
  const std::size_t code_bytes = form == 2 ? 2 : 1;
  const auto codes = take(count * code_bytes, "the matrix");
  matrix.values.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const float code = form == 2 ? static_cast<float>(value_at<std::uint16_t>(codes, 2 * i)) /
                                       static_cast<float>(UINT16_MAX)
                                 : static_cast<float>(std::to_integer<std::uint8_t>(codes[i])) /
                                       static_cast<float>(UINT8_MAX);
    matrix.values[i] = least + range * code;
  }
  return matrix;
}

ScoreMatrix KaldiBytes::text_matrix() {
  const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + position_, left());
  const std::size_t end = rest.find(']');
  const std::size_t begin = rest.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos || rest[begin] != '[') {
    refuse("expected a matrix in Kaldi's binary or text form");
  }
  if (end == std::string_view::npos) refuse("truncated: the matrix has no \"]\"");
  ScoreMatrix matrix;
  std::string_view lines = rest.substr(begin + 1, end - begin - 1);
  while (!lines.empty()) {
    std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    std::int64_t column_count = 0;
    for (std::string_view field = take_word(line); !field.empty(); field = take_word(line)) {
      const std::optional<float> value = parse_float(field);
      if (!value) {
        position_ += static_cast<std::size_t>(field.data() - rest.data());
        refuse("expected a number, got \"" + escape_for_line(std::string(field)) + "\"");
      }
      matrix.values.push_back(*value);
      ++column_count;
    }
    if (column_count == 0) continue;
    if (matrix.frame_count > 0 && column_count != matrix.column_count) {
      refuse("row " + std::to_string(matrix.frame_count) + " of the matrix has " +
             std::to_string(column_count) + " values, those before it have " +
             std::to_string(matrix.column_count));
    }
    matrix.column_count = column_count;
    ++matrix.frame_count;
  }
  position_ += end + 1;
  return matrix;
}

}  // namespace harpy::tools

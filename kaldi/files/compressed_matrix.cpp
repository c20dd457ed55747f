#include "kaldi/files/compressed_matrix.hpp"

#include <cstring>
#include <limits>

namespace harpy::kaldi {

namespace {

constexpr float kLastByte = std::numeric_limits<std::uint8_t>::max();
constexpr float kLastTwoBytes = std::numeric_limits<std::uint16_t>::max();

template <typename Value>
Value value_at(std::string_view bytes, std::size_t offset) {
  Value value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

/// What a column says of its values: four of their quantiles.
class ColumnQuantiles {
 public:
  ColumnQuantiles(std::string_view bytes, const CompressedHeader& header) {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      places_[i] = header.least + header.range *
                                      static_cast<float>(value_at<std::uint16_t>(bytes, 2 * i)) /
                                      kLastTwoBytes;
    }
  }

  float value(std::uint8_t code) const {
    constexpr int kQuarter = 64;
    constexpr int kThreeQuarters = 192;
    constexpr int kLast = std::numeric_limits<std::uint8_t>::max();
    if (code <= kQuarter) return between(0, code, kQuarter);
    if (code <= kThreeQuarters) return between(1, code - kQuarter, kThreeQuarters - kQuarter);
    return between(2, code - kThreeQuarters, kLast - kThreeQuarters);
  }

 private:
  float between(std::size_t place, int step, int steps) const {
    return places_[place] + (places_[place + 1] - places_[place]) * static_cast<float>(step) /
                                static_cast<float>(steps);
  }

  std::array<float, 4> places_{};
};

}  // namespace

CompressedHeader read_compressed_header(std::string_view bytes) {
  return {.least = value_at<float>(bytes, 0),
          .range = value_at<float>(bytes, 4),
          .rows = value_at<std::int32_t>(bytes, 8),
          .columns = value_at<std::int32_t>(bytes, 12)};
}

std::vector<float> decompress(CompressedForm form, const CompressedHeader& header,
                              std::string_view bytes) {
  const auto rows = static_cast<std::size_t>(header.rows);
  const auto columns = static_cast<std::size_t>(header.columns);
  std::vector<float> values(rows * columns);
  if (form == CompressedForm::kQuantiles) {
    const std::string_view codes = bytes.substr(columns * kQuantileBytes);
    for (std::size_t column = 0; column < columns; ++column) {
      const ColumnQuantiles quantiles(bytes.substr(column * kQuantileBytes, kQuantileBytes),
                                      header);
      for (std::size_t row = 0; row < rows; ++row) {
        values[row * columns + column] =
            quantiles.value(static_cast<std::uint8_t>(codes[column * rows + row]));
      }
    }
    return values;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float code =
        form == CompressedForm::kTwoBytes
            ? static_cast<float>(value_at<std::uint16_t>(bytes, 2 * i)) / kLastTwoBytes
            : static_cast<float>(static_cast<std::uint8_t>(bytes[i])) / kLastByte;
    values[i] = header.least + header.range * code;
  }
  return values;
}

}  // namespace harpy::kaldi

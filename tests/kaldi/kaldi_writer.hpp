#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpy::testing {

/// Writes objects as Kaldi does, in binary or in text, by its documentation alone.
class KaldiWriter {
 public:
  explicit KaldiWriter(bool is_binary) : is_binary_(is_binary) {
    if (is_binary) bytes_ = std::string("\0B", 2);
  }

  KaldiWriter& token(std::string_view text) {
    bytes_ += text;
    bytes_ += ' ';
    return *this;
  }
  /// A line of text, which binary files hold too.
  KaldiWriter& line(std::string_view text) {
    bytes_ += text;
    bytes_ += '\n';
    return *this;
  }
  KaldiWriter& integer(std::int32_t value) {
    if (!is_binary_) return token(std::to_string(value));
    bytes_ += '\4';
    return raw(value);
  }
  KaldiWriter& number(float value) {
    if (!is_binary_) return token(std::to_string(value));
    bytes_ += '\4';
    return raw(value);
  }
  KaldiWriter& double_number(double value) {
    if (!is_binary_) return token(std::to_string(value));
    bytes_ += '\10';
    return raw(value);
  }
  KaldiWriter& boolean(bool value) {
    bytes_ += value ? "T" : "F";
    if (!is_binary_) bytes_ += ' ';
    return *this;
  }
  KaldiWriter& integers(const std::vector<std::int32_t>& values) {
    if (!is_binary_) {
      token("[");
      for (const std::int32_t value : values) integer(value);
      return line("]");
    }
    bytes_ += '\4';
    raw(static_cast<std::int32_t>(values.size()));
    for (const std::int32_t value : values) raw(value);
    return *this;
  }
  KaldiWriter& pairs(const std::vector<std::pair<std::int32_t, std::int32_t>>& values) {
    if (!is_binary_) {
      token("[");
      for (const auto& [a, b] : values) token(std::to_string(a) + "," + std::to_string(b));
      return line("]");
    }
    bytes_ += '\4';
    raw(static_cast<std::int32_t>(values.size()));
    for (const auto& [a, b] : values) raw(a).raw(b);
    return *this;
  }
  template <typename Value>
  KaldiWriter& vector(const std::vector<Value>& values) {
    if (!is_binary_) {
      token(" [");
      for (const Value value : values) number(static_cast<float>(value));
      return line("]");
    }
    token(sizeof(Value) == sizeof(double) ? "DV" : "FV");
    integer(static_cast<std::int32_t>(values.size()));
    for (const Value value : values) raw(value);
    return *this;
  }
  template <typename Value>
  KaldiWriter& matrix(std::int32_t columns, const std::vector<Value>& values) {
    const auto rows = columns == 0 ? 0 : static_cast<std::int32_t>(values.size()) / columns;
    if (!is_binary_) {
      line(" [");
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0 && i % static_cast<std::size_t>(columns) == 0) line("");
        number(static_cast<float>(values[i]));
      }
      return line("]");
    }
    token(sizeof(Value) == sizeof(double) ? "DM" : "FM");
    integer(rows).integer(columns);
    for (const Value value : values) raw(value);
    return *this;
  }
  /// The lower triangle of a symmetric matrix.
  KaldiWriter& packed(std::int32_t size, const std::vector<double>& values) {
    if (!is_binary_) return vector(values);
    token("DP").integer(size);
    for (const double value : values) raw(value);
    return *this;
  }

  const std::string& bytes() const { return bytes_; }
  void write(const std::filesystem::path& path) const {
    std::ofstream(path, std::ios::binary) << bytes_;
  }

 private:
  template <typename Value>
  KaldiWriter& raw(Value value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(Value));
    return *this;
  }

  bool is_binary_;
  std::string bytes_;
};

}  // namespace harpy::testing

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "service/recognizer/score_matrix.hpp"

namespace harpy::tools {

/// Takes the objects of a Kaldi archive off the front of its bytes.
class KaldiBytes {
 public:
  explicit KaldiBytes(std::span<const std::byte> bytes, std::size_t position = 0)
      : bytes_(bytes), position_(position) {}

  std::size_t position() const { return position_; }
  std::size_t left() const { return bytes_.size() - position_; }

  /// The key of the next object with the blank behind it; empty at the end of the archive.
  /// Errors: std::invalid_argument if no object follows the key.
  std::string key();

  /// The matrix that begins here: binary (float, double or one of the three compressed forms) or
  /// text. Errors: std::invalid_argument saying what is wrong and at which byte.
  ScoreMatrix matrix();

 private:
  [[noreturn]] void refuse(const std::string& what) const;
  void skip_blanks();
  std::span<const std::byte> take(std::size_t count, const char* what);
  /// An integer of the binary form: its size in a byte, then itself.
  std::int64_t sized_integer(const char* what);
  ScoreMatrix binary_matrix();
  ScoreMatrix compressed_matrix(int form);
  ScoreMatrix text_matrix();

  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
};

}  // namespace harpy::tools

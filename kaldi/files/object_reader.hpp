#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kaldi/files/compressed_matrix.hpp"
#include "kaldi/files/matrix.hpp"
#include "models/files/mapped_file.hpp"

namespace harpy::kaldi {

/// Reads the objects of a Kaldi file, binary or text, whichever it is: the first two bytes, zero
/// and "B", tell. Little-endian; docs/kaldi-models.md has the forms of the values.
///
/// Whatever the file says, no more is allocated than a small multiple of its size.
/// Errors of all methods: std::runtime_error "FILE: byte N: WHAT".
class ObjectReader {
 public:
  /// A file of a model. Infinities and NaN are refused in it.
  explicit ObjectReader(const std::filesystem::path& path);
  /// An object of an archive, which begins at a byte of it; `name` stands for it in errors. The
  /// bytes must stay in place.
  ObjectReader(std::string name, std::span<const std::byte> archive, std::size_t position);

  bool is_binary() const { return is_binary_; }
  std::size_t position() const { return position_; }
  bool at_end() const { return position_ == bytes_.size(); }
  std::size_t bytes_left() const { return bytes_.size() - position_; }
  const std::string& name() const { return name_; }
  std::runtime_error failure(const std::string& what) const;

  /// The next token, up to a blank, which is taken too.
  std::string token();
  /// The next token, which stays; empty at the end of the file.
  std::string_view next_token() const;
  /// Takes the next token if it is this one.
  bool take(std::string_view expected);
  void expect(std::string_view expected);
  /// The next line of text, without its end. Even binary files hold lines.
  std::string_view line();

  std::int32_t integer();
  /// An integer that counts or measures something: at least 0.
  std::int32_t count();
  /// An integer of eight bytes in binary files.
  std::int64_t long_integer();
  /// Single or double precision, as the file has it.
  double number();
  bool boolean();
  std::vector<std::int32_t> integers();
  std::vector<std::pair<std::int32_t, std::int32_t>> integer_pairs();
  /// Single or double precision in the file.
  template <typename Value>
  std::vector<Value> vector();
  /// Compressed matrices are taken too.
  template <typename Value>
  Matrix<Value> matrix();
  /// The lower triangle of a symmetric matrix, row after row: [size (size + 1) / 2].
  template <typename Value>
  std::vector<Value> packed_matrix();
  /// `count` integers of a binary file as they are in memory.
  template <typename Value>
  std::vector<Value> raw_values(std::int64_t count);

 private:
  void take_mark();
  void skip_blanks();
  std::string_view take_bytes(std::size_t count);
  template <typename Raw>
  Raw raw();
  /// An integer of the binary form: its size in a byte, then itself.
  std::int32_t sized_integer();
  /// A count of things of `size_bytes` each that the file still holds.
  std::size_t check_count(std::int64_t listed, std::size_t size_bytes) const;
  void expect_size_byte(std::size_t size);
  std::string_view text_field();
  double text_number();
  std::int32_t text_integer();
  /// Appends `count` numbers of Stored.
  template <typename Stored, typename Value>
  void append_numbers(std::size_t count, std::vector<Value>& values);
  /// Takes the token of a float or a double object, "FM" or "DM"; returns whether it is double.
  bool takes_double(char kind);
  template <typename Value>
  void append_numbers(bool is_double, std::size_t count, std::vector<Value>& values);
  template <typename Value>
  Matrix<Value> text_matrix();
  template <typename Value>
  Matrix<Value> decompressed_matrix(CompressedForm form);

  std::string name_;
  std::optional<MappedFile> file_;  ///< unless the bytes are somebody else's
  std::string_view bytes_;
  bool is_finite_ = true;  ///< whether infinities and NaN are refused
  std::size_t position_ = 0;
  bool is_binary_ = false;
};

}  // namespace harpy::kaldi

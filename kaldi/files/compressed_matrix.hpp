#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace harpy::kaldi {

/// The forms of compressed matrices.
enum class CompressedForm {
  kQuantiles,  ///< a byte a value, between quantiles of its column, column after column
  kTwoBytes,   ///< two bytes a value, of the range of all, row after row
  kOneByte     ///< likewise one byte
};

/// The tokens that begin them.
inline constexpr std::array<std::pair<std::string_view, CompressedForm>, 3> kCompressedForms{
    {{"CM", CompressedForm::kQuantiles},
     {"CM2", CompressedForm::kTwoBytes},
     {"CM3", CompressedForm::kOneByte}}};

/// What stands before the values.
struct CompressedHeader {
  float least = 0.0F;
  float range = 0.0F;
  std::int32_t rows = 0;
  std::int32_t columns = 0;
};
inline constexpr std::size_t kCompressedHeaderBytes = 16;
/// Of a column, before the codes of kQuantiles.
inline constexpr std::size_t kQuantileBytes = 8;

constexpr std::size_t compressed_code_bytes(CompressedForm form) {
  return form == CompressedForm::kTwoBytes ? 2 : 1;
}

/// Takes a header of kCompressedHeaderBytes apart.
CompressedHeader read_compressed_header(std::string_view bytes);

/// The values, row after row. `bytes` are the quantiles of all columns, where the form has them,
/// and the codes of all values.
std::vector<float> decompress(CompressedForm form, const CompressedHeader& header,
                              std::string_view bytes);

}  // namespace harpy::kaldi

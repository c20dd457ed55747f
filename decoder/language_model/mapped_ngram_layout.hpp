#pragma once

#include <array>
#include <cstdint>

#include "decoder/language_model/vocabulary.hpp"
#include "models/files/section_file.hpp"

namespace harpy {

// The binary form of a back-off n-gram model. Its n-grams are those of NgramModel, order by order
// in the same places; what is kept of each lies in arrays of its own.

inline constexpr SectionFormat kMappedNgramFormat{
    .magic = {'H', 'A', 'R', 'P', 'Y', 'N', 'G', 'M'}, .version = 1, .name = "n-gram file"};

struct MappedNgramHeader {
  std::uint32_t order = 0;
  std::uint32_t code_bytes = 0;  ///< of each code: 1 or 2
  WordId sentence_start = kNoWord;
  WordId sentence_end = kNoWord;
  WordId unknown = kNoWord;
};

/// The sections of the whole model.
struct MappedNgramSection {
  static constexpr SectionKind kHeader{1};
  static constexpr SectionKind kNames{2};      ///< of the words, one behind the other
  static constexpr SectionKind kNameBegin{3};  ///< u32 [words + 1], in kNames
  static constexpr SectionKind kNameOrder{4};  ///< u32 [words], the words in byte order
};

/// The sections of one order. Single words lack kWords; the longest n-grams lack all of back-offs
/// and children.
enum class MappedNgramPart : std::uint32_t {
  kWords = 0,               ///< last words, 3 bytes each
  kProbabilityCodes = 1,    ///< u8 or u16
  kProbabilityEntries = 2,  ///< f32, natural logarithms
  kBackoffCodes = 3,        ///< u8 or u16
  kBackoffEntries = 4,      ///< f32, natural logarithms
  kFirstChild = 5,          ///< u32 [n-grams + 1], in the next order
};

constexpr SectionKind section_of_order(int order, MappedNgramPart part) {
  return SectionKind{16U * static_cast<std::uint32_t>(order) + static_cast<std::uint32_t>(part)};
}

/// A word number of 24 bits, the lowest byte first.
using PackedWord = std::array<std::uint8_t, 3>;
inline constexpr std::uint32_t kMaxPackedWords = 1U << 24U;

constexpr PackedWord pack_word(WordId word) {
  return {static_cast<std::uint8_t>(word), static_cast<std::uint8_t>(word >> 8U),
          static_cast<std::uint8_t>(word >> 16U)};
}
constexpr WordId unpack_word(const PackedWord& word) {
  return word[0] | static_cast<WordId>(word[1]) << 8U | static_cast<WordId>(word[2]) << 16U;
}

}  // namespace harpy

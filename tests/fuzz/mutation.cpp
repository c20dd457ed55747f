#include "tests/fuzz/mutation.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>

namespace harpy::testing {

namespace {

/// Texts that parsers stumble over.
constexpr std::array<const char*, 32> kTexts{
    "-1",       "0",          "2147483647", "2147483648", "-2147483649", "99999999999999999999",
    "1e39",     "-1e39",      "nan",        "inf",        "-inf",        "0x10",
    "\n",       "\t",         " ",          "\r",         "<s>",         "</s>",
    "\\end\\",  "\\2-grams:", "(2)",        "\xC3",       "\xE9",        "\xEF\xBB\xBF",
    "\xFF\xFE", "\xC2\xA0",   "+0.5",       "0.001",      "1.0",         "=",
    "|",        "\\data\\"};
/// Numbers that readers of binary files stumble over.
constexpr std::array<std::int64_t, 10> kNumbers{
    0, -1, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7F800000, 0xFF800000, 0x7FC00000, INT64_MIN};

class Mutation {
 public:
  Mutation(std::span<const std::string> samples, std::uint32_t seed)
      : samples_(samples), random_(seed) {}

  std::string make() {
    bytes_ = samples_[below(samples_.size())];
    for (std::size_t changes = 1 + below(8); changes > 0; --changes) change();
    return std::move(bytes_);
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % std::max<std::size_t>(limit, 1); }

  struct Piece {
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  /// Mostly short.
  Piece piece_of(const std::string& text) {
    const std::size_t begin = below(text.size());
    const std::size_t longest = below(4) == 0 ? text.size() - begin : 16;
    return {begin, std::min(text.size() - begin, 1 + below(longest))};
  }

  void change() {
    if (bytes_.empty()) bytes_ = samples_[0];
    const std::size_t place = below(bytes_.size());
    switch (below(9)) {
      case 0:
        bytes_[place] = static_cast<char>(bytes_[place] ^ (1 << below(8)));
        break;
      case 1:
        bytes_[place] = static_cast<char>(random_());
        break;
      case 2:
        bytes_.insert(place, kTexts[below(kTexts.size())]);
        break;
      case 3:
        overwrite(place);
        break;
      case 4: {
        const Piece piece = piece_of(bytes_);
        bytes_.erase(piece.begin, piece.size);
        break;
      }
      case 5: {
        const Piece piece = piece_of(bytes_);
        bytes_.insert(place, bytes_.substr(piece.begin, piece.size));
        break;
      }
      case 6: {
        const std::string& other = samples_[below(samples_.size())];
        const Piece piece = piece_of(other);
        bytes_.insert(place, other, piece.begin, piece.size);
        break;
      }
      case 7: {
        const Piece piece = piece_of(bytes_);
        const std::string moved = bytes_.substr(piece.begin, piece.size);
        bytes_.erase(piece.begin, piece.size);
        bytes_.insert(below(bytes_.size()), moved);
        break;
      }
      default:
        if (below(4) == 0) bytes_.resize(place);
    }
  }

  /// Writes a number of 4 or 8 bytes, mostly where such numbers stand.
  void overwrite(std::size_t place) {
    const std::size_t size = below(2) == 0 ? 4 : 8;
    if (below(4) != 0) place = place / 4 * 4;
    if (place + size > bytes_.size()) return;
    const std::int64_t number = kNumbers[below(kNumbers.size())];
    std::memcpy(bytes_.data() + place, &number, size);
  }

  std::span<const std::string> samples_;
  std::mt19937 random_;
  std::string bytes_;
};

}  // namespace

std::string mutate(std::span<const std::string> samples, std::uint32_t seed) {
  return Mutation(samples, seed).make();
}

}  // namespace harpy::testing

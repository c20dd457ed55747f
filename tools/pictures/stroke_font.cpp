#include "tools/pictures/stroke_font.hpp"

#include <algorithm>
#include <array>

namespace harpy::tools {

namespace {

/// Polylines of points "xy": x from 0, y 0 at the top of capitals, 2 at that of small letters, 6 on
/// the base line, 8 at the bottom.
struct Glyph {
  char letter;
  std::string_view lines;
};

constexpr std::array<Glyph, 87> kGlyphs{{
    {'0', "103041453616050110"},
    {'1', "112026 1636"},
    {'2', "01103041420646"},
    {'3', "01103041423313 334445361605"},
    {'4', "36300444"},
    {'5', "40000312324345361605"},
    {'6', "413010010516364544331304"},
    {'7', "004016"},
    {'8', "103041423313020110 1304051636454433"},
    {'9', "051636454130100102133342"},
    {'-', "1333"},
    {'+', "0343 2125"},
    {'.', "0606"},
    {',', "1607"},
    {':', "0303 0606"},
    {';', "1313 1607"},
    {'/', "4006"},
    {'\\', "0046"},
    {'(', "10010516"},
    {')', "00111506"},
    {'[', "10000616"},
    {']', "00101606"},
    {'=', "0242 0444"},
    {'<', "410345"},
    {'>', "014305"},
    {'_', "0747"},
    {'%', "4006 0010110100 3545463635"},
    {'\'', "0001"},
    {'"', "0001 2021"},
    {'#', "1016 3036 0242 0444"},
    {'!', "0004 0606"},
    {'?', "01103041422324 2626"},
    {'*', "2024 0143 0341"},
    {'|', "0007"},
    {'~', "03123342"},
    {'A', "062046 1434"},
    {'B', "00063645443303 3342413000"},
    {'C', "4130100105163645"},
    {'D', "00062644422000"},
    {'E', "40000646 0333"},
    {'F', "400006 0333"},
    {'G', "41301001051636454323"},
    {'H', "0006 4046 0343"},
    {'I', "0006"},
    {'J', "3035261605"},
    {'K', "0006 4004 1346"},
    {'L', "000646"},
    {'M', "0600244046"},
    {'N', "06004640"},
    {'O', "103041453616050110"},
    {'P', "06003041423303"},
    {'Q', "103041453616050110 2446"},
    {'R', "06003041423303 2346"},
    {'S', "413010010213334445361605"},
    {'T', "0040 2026"},
    {'U', "000516364540"},
    {'V', "002640"},
    {'W', "0016223640"},
    {'X', "0046 4006"},
    {'Y', "002340 2326"},
    {'Z', "00400646"},
    {'a', "3236 3322120305162635"},
    {'b', "0006 0312223335261605"},
    {'c', "3322120305162635"},
    {'d', "3036 3322120305162635"},
    {'e', "04343322120305162635"},
    {'f', "201116 0222"},
    {'g', "3237281807 3322120305162635"},
    {'h', "0006 0312223336"},
    {'i', "0206 0000"},
    {'j', "121708 1010"},
    {'k', "0006 3205 1436"},
    {'l', "0006"},
    {'m', "0206 03122326 23324346"},
    {'n', "0206 0312223336"},
    {'o', "122233352616050312"},
    {'p', "0208 0312223335261605"},
    {'q', "3238 3322120305162635"},
    {'r', "0206 031222"},
    {'s', "33221203142435261605"},
    {'t', "101526 0222"},
    {'u', "0205162635 3236"},
    {'v', "022642"},
    {'w', "0216233642"},
    {'x', "0236 3206"},
    {'y', "422618 0226"},
    {'z', "02320636"},
}};
constexpr std::string_view kBox = "0040460600";

constexpr double kUnit = 0.12;  ///< of the grid; capitals are six high
constexpr double kGap = 1.6;    ///< units between letters
constexpr double kSpace = 3.0;  ///< units of a space
constexpr double kBaseLine = 6.0;

std::string_view lines_of(char letter) {
  const auto* glyph =
      std::find_if(kGlyphs.begin(), kGlyphs.end(),
                   [letter](const Glyph& candidate) { return candidate.letter == letter; });
  return glyph == kGlyphs.end() ? kBox : glyph->lines;
}

/// Appends the strokes of a letter that begins at `x` units; returns its width in units.
double append_letter(std::string_view lines, double x, std::vector<Stroke>& strokes) {
  double width = 0.0;
  for (std::size_t i = 0; i + 1 < lines.size(); i += 2) {
    if (lines[i] == ' ') ++i;
    const double px = lines[i] - '0';
    width = std::max(width, px);
    if (i + 3 >= lines.size() || lines[i + 2] == ' ') continue;
    strokes.push_back({(x + px) * kUnit, (lines[i + 1] - '0' - kBaseLine) * kUnit,
                       (x + lines[i + 2] - '0') * kUnit, (lines[i + 3] - '0' - kBaseLine) * kUnit});
  }
  return width;
}

}  // namespace

StrokedText stroke_text(std::string_view text) {
  StrokedText drawn;
  double x = 0.0;
  for (const char letter : text) {
    const bool is_continuation = (static_cast<unsigned char>(letter) & 0xC0U) == 0x80U;
    if (is_continuation) continue;
    x += letter == ' ' ? kSpace : append_letter(lines_of(letter), x, drawn.strokes) + kGap;
  }
  drawn.width = std::max(0.0, x - kGap) * kUnit;
  return drawn;
}

}  // namespace harpy::tools

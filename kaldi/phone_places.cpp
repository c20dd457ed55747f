#include "kaldi/phone_places.hpp"

#include <string>

#include "decoder/graph/topology.hpp"
#include "models/files/text_fields.hpp"
#include "models/files/text_lines.hpp"

namespace harpy::kaldi {

PhonePlaces read_phone_places(const std::filesystem::path& path) {
  const std::map<std::string, std::optional<std::uint32_t>, std::less<>> kinds{
      {"nonword", std::nullopt},
      {"begin", ListedInput::kBeginsWord},
      {"internal", 0},
      {"end", ListedInput::kEndsWord},
      {"singleton", ListedInput::kBeginsWord | ListedInput::kEndsWord}};
  PhonePlaces places;
  TextLines lines(path);
  while (lines.next()) {
    const auto& fields = lines.fields();
    if (fields.empty()) continue;
    const auto phone = fields.size() == 2 ? parse_int32(fields[0]) : std::nullopt;
    const auto kind = fields.size() == 2 ? kinds.find(fields[1]) : kinds.end();
    if (!phone || kind == kinds.end()) {
      throw lines.error("expected a phone's number and nonword, begin, internal, end or singleton");
    }
    places[*phone] = kind->second;
  }
  return places;
}

}  // namespace harpy::kaldi

#include "service/protocols/sherpa.hpp"

#include <cstdint>
#include <stdexcept>
#include <utility>

#include <boost/json.hpp>

#include "service/json/json_text.hpp"

namespace harpy {

namespace json = boost::json;

namespace {

constexpr std::int32_t kLeastSherpaRateHz = 4000;
constexpr std::int32_t kMostSherpaRateHz = 192000;
constexpr std::int32_t kFloatBytes = 4;

double sherpa_seconds(double time_s) { return rounded(time_s, 3); }

/// Words as sherpa-onnx tells tokens: their texts, and when each begins, in seconds from `begin_s`.
void add_tokens(const SessionEvent& event, double begin_s, json::object& result) {
  json::array tokens;
  json::array timestamps;
  for (const RecognizedWord& word : event.words) {
    tokens.emplace_back(word.text);
    timestamps.emplace_back(sherpa_seconds(word.start_s - begin_s));
  }
  result["tokens"] = std::move(tokens);
  result["timestamps"] = std::move(timestamps);
}

std::int32_t integer_at(std::string_view bytes, std::size_t begin) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[begin + i]);
  }
  return static_cast<std::int32_t>(value);
}

}  // namespace

std::string sherpa_result(const SessionEvent& event, const SherpaSlice& slice) {
  json::object result;
  result["text"] = event.text();
  add_tokens(event, event.start_s, result);
  for (const char* name : {"ys_probs", "lm_probs", "context_scores"}) result[name] = json::array();
  result["segment"] = slice.segment;
  result["words"] = json::array();
  result["start_time"] = sherpa_seconds(event.start_s);
  result["is_final"] = slice.is_final;
  result["is_eof"] = slice.is_eof;
  return json_line(result);
}

std::string sherpa_offline_result(const SessionEvent& event, const std::string& language) {
  json::object result;
  result["lang"] = language;
  result["emotion"] = "";
  result["event"] = "";
  result["text"] = event.text();
  add_tokens(event, 0.0, result);
  result["words"] = json::array();
  return json_line(result);
}

SherpaRecording parse_sherpa_head(std::string_view head) {
  const std::int32_t rate_hz = integer_at(head, 0);
  const std::int32_t byte_count = integer_at(head, 4);
  if (rate_hz < kLeastSherpaRateHz || rate_hz > kMostSherpaRateHz) {
    throw std::runtime_error("sample rate: expected 4000 to 192000, got " +
                             std::to_string(rate_hz));
  }
  if (byte_count < 0 || byte_count % kFloatBytes != 0) {
    throw std::runtime_error("length: expected bytes of whole samples, got " +
                             std::to_string(byte_count));
  }
  return {.sample_rate_hz = rate_hz, .byte_count = static_cast<std::size_t>(byte_count)};
}

}  // namespace harpy

#include "service/protocols/wyoming.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <boost/json.hpp>

#include "models/files/json_object.hpp"
#include "service/json/json_text.hpp"

namespace harpy {

namespace json = boost::json;

namespace {

constexpr std::int64_t kSampleBytes = 2;
constexpr std::int64_t kMostWyomingChannels = 8;
constexpr std::int64_t kLeastWyomingRateHz = 4000;
constexpr std::int64_t kMostWyomingRateHz = 192000;
/// So many bytes that are read are kept before they are let go.
constexpr std::size_t kKeptReadBytes = std::size_t{64} << 10;

std::size_t length_in(const json::object& head, const char* name, std::size_t most) {
  const json::value* const length = head.if_contains(name);
  if (length == nullptr || length->is_null()) return 0;
  boost::system::error_code error;
  const auto number = length->to_number<std::uint64_t>(error);
  if (error || number > most) {
    throw std::runtime_error(std::string(name) + ": expected 0 to " + std::to_string(most));
  }
  return number;
}

int integer_in(const WyomingEvent& event, const char* name, std::int64_t least, std::int64_t most) {
  const json::value* const value = event.data.if_contains(name);
  boost::system::error_code error;
  const std::int64_t number = value == nullptr ? -1 : value->to_number<std::int64_t>(error);
  if (error || number < least || number > most) {
    throw std::runtime_error(event.type + ": " + name + ": expected " +
                             (least == most
                                  ? std::to_string(least)
                                  : std::to_string(least) + " to " + std::to_string(most)));
  }
  return static_cast<int>(number);
}

}  // namespace

void WyomingReader::add(std::span<const std::byte> bytes) {
  if (begin_ >= kKeptReadBytes || begin_ == bytes_.size()) {
    bytes_.erase(0, std::exchange(begin_, 0));
  }
  bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::optional<WyomingEvent> WyomingReader::next() {
  if (!event_) {
    const std::size_t end = bytes_.find('\n', begin_);
    const std::size_t line_bytes = (end == std::string::npos ? bytes_.size() : end) - begin_;
    if (line_bytes > limits_.max_line_bytes) {
      throw std::runtime_error("an event's line may have " +
                               std::to_string(limits_.max_line_bytes) + " bytes");
    }
    if (end == std::string::npos) return std::nullopt;
    read_line(take(line_bytes + 1));
  }
  if (waiting_bytes() < data_bytes_ + payload_bytes_) return std::nullopt;
  if (data_bytes_ > 0) read_data(take(data_bytes_));
  const std::string payload = take(payload_bytes_);
  const auto bytes = std::as_bytes(std::span(payload));
  event_->payload.assign(bytes.begin(), bytes.end());
  return std::exchange(event_, std::nullopt);
}

std::string WyomingReader::take(std::size_t count) {
  std::string taken = bytes_.substr(begin_, count);
  begin_ += count;
  return taken;
}

void WyomingReader::read_line(std::string_view line) {
  json::object head = parse_json_object(line, "an event's line");
  const json::value* const type = head.if_contains("type");
  if (type == nullptr || !type->is_string()) {
    throw std::runtime_error("an event's line must have a \"type\"");
  }
  WyomingEvent event{.type = std::string(type->get_string())};
  if (json::value* const data = head.if_contains("data"); data != nullptr && data->is_object()) {
    event.data = std::move(data->get_object());
  }
  data_bytes_ = length_in(head, "data_length", limits_.max_data_bytes);
  payload_bytes_ = length_in(head, "payload_length", limits_.max_payload_bytes);
  event_ = std::move(event);
}

void WyomingReader::read_data(std::string_view text) {
  data_bytes_ = 0;
  for (auto& [name, value] : parse_json_object(text, "an event's data")) {
    event_->data.insert_or_assign(name, std::move(value));
  }
}

PcmFormat wyoming_format(const WyomingEvent& event) {
  integer_in(event, "width", kSampleBytes, kSampleBytes);
  return {.coding = PcmCoding::kS16,
          .sample_rate_hz = integer_in(event, "rate", kLeastWyomingRateHz, kMostWyomingRateHz),
          .channel_count = integer_in(event, "channels", 1, kMostWyomingChannels)};
}

std::string wyoming_event(std::string_view type, const json::object& data) {
  json::object event;
  event["type"] = json::string_view(type.data(), type.size());
  event["data"] = data;
  return json_line(event) + "\n";
}

std::string wyoming_error(std::string_view text, std::string_view code) {
  json::object data;
  data["text"] = json::string_view(text.data(), text.size());
  data["code"] = json::string_view(code.data(), code.size());
  return wyoming_event("error", data);
}

std::string wyoming_info(const ServedModel& model) {
  json::object attribution;
  attribution["name"] = "Harpy";
  attribution["url"] = "";
  json::object served;
  served["name"] = model.name;
  served["attribution"] = attribution;
  served["installed"] = true;
  served["description"] = model.name;
  served["version"] = model.version;
  served["languages"] = json::array{json::value(json::string(model.language))};
  json::object program;
  program["name"] = "harpy";
  program["attribution"] = attribution;
  program["installed"] = true;
  program["description"] = "Speech recognition with weighted finite-state transducers";
  program["version"] = HARPY_VERSION;
  program["models"] = json::array{std::move(served)};
  program["supports_transcript_streaming"] = true;
  program["requires_external_vad"] = false;
  json::object info;
  info["asr"] = json::array{std::move(program)};
  for (const char* kind : {"tts", "handle", "intent", "wake", "mic", "snd"}) {
    info[kind] = json::array();
  }
  return wyoming_event("info", info);
}

}  // namespace harpy

#include "service/server/listener_text.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "models/files/escaped_text.hpp"
#include "models/files/text_lines.hpp"

namespace harpy {

namespace {

constexpr double kLeastSampleRateHz = 4000.0;
constexpr double kMostSampleRateHz = 192000.0;
constexpr int kMostAtOnce = 1'000'000;

/// What stands before the separator; the rest stays in `text`, without the separator.
std::string_view take_until(char separator, std::string_view& text) {
  const std::size_t end = text.find(separator);
  const std::string_view taken = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return taken;
}

template <typename Number>
Number number_in(std::string_view text, Number least, Number most, const std::string& expected) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || !(number >= least && number <= most)) {
    throw std::invalid_argument("expected " + expected);
  }
  return number;
}

ListenAddress address_in(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  } else if (address.find(':') != std::string_view::npos) {
    throw std::invalid_argument("expected brackets around an address of IPv6");
  }
  if (colon == std::string_view::npos || address.empty()) {
    throw std::invalid_argument("expected ADDRESS:PORT");
  }
  return {.address = std::string(address),
          .port = number_in<std::uint16_t>(text.substr(colon + 1), 0, 65535,
                                           "a port from 0 to 65535 behind the last colon")};
}

void set_field(std::string_view name, std::string_view value, ListenerOptions& listener) {
  const auto count = [&] {
    return number_in(value, 1, kMostAtOnce, std::string(name) + " from 1 to 1000000");
  };
  if (name == "protocols") {
    listener.protocols.clear();
    while (!value.empty()) {
      listener.protocols.push_back(&find_protocol(take_until('+', value)));
    }
  } else if (name == "sample-rate") {
    listener.sample_rate_hz =
        number_in(value, kLeastSampleRateHz, kMostSampleRateHz, "sample-rate from 4000 to 192000");
  } else if (name == "max-sessions") {
    listener.max_sessions = count();
  } else if (name == "max-connections") {
    listener.max_connections = count();
  } else {
    throw std::invalid_argument(
        "expected protocols=, sample-rate=, max-sessions= or max-connections=");
  }
}

}  // namespace

ListenerOptions parse_listener(std::string_view text) {
  try {
    std::string_view rest = text;
    ListenerOptions listener{.where = address_in(take_until(',', rest))};
    while (!rest.empty()) {
      std::string_view value = take_until(',', rest);
      const std::string_view name = take_until('=', value);
      set_field(name, value, listener);
    }
    check_protocols(listener.protocols);
    return listener;
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument("listener \"" + escape_for_line(text) + "\": " + error.what());
  }
}

std::vector<ListenerOptions> read_listeners(const std::filesystem::path& path) {
  std::vector<ListenerOptions> listeners;
  TextLines lines(path);
  while (const std::optional<std::string_view> line = lines.next()) {
    if (line->empty() || line->starts_with('#')) continue;
    try {
      listeners.push_back(parse_listener(*line));
    } catch (const std::invalid_argument& error) {
      throw lines.error(error.what());
    }
  }
  return listeners;
}

}  // namespace harpy

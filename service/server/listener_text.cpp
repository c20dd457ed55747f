#include "service/server/listener_text.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>

#include "models/files/escaped_text.hpp"
#include "service/server/option_fields.hpp"

namespace harpy {

namespace {

constexpr double kLeastSampleRateHz = 4000.0;
constexpr double kMostSampleRateHz = 192000.0;
constexpr int kMostAtOnce = 1'000'000;

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
  const auto is_on = [&] {
    if (value == "on" || value == "off") return value == "on";
    const std::string field(name);
    throw std::invalid_argument("expected " + field + "=on or " + field + "=off");
  };
  if (name == "protocols") {
    listener.protocols.clear();
    while (!value.empty()) {
      listener.protocols.push_back(&find_protocol(take_until('+', value)));
    }
  } else if (name == "model") {
    listener.model = value;
  } else if (name == "sample-rate") {
    listener.sample_rate_hz =
        number_in(value, kLeastSampleRateHz, kMostSampleRateHz, "sample-rate from 4000 to 192000");
  } else if (name == "max-sessions") {
    listener.max_sessions = count();
  } else if (name == "max-connections") {
    listener.max_connections = count();
  } else if (name == "tls-certificate" || name == "tls-key") {
    if (!listener.tls) listener.tls.emplace();
    (name == "tls-key" ? listener.tls->key : listener.tls->certificate) = value;
  } else if (name == "keys") {
    listener.needs_key = is_on();
  } else if (name == "proxy-protocol") {
    listener.proxy_protocol = is_on();
  } else {
    throw std::invalid_argument(
        "expected protocols=, model=, sample-rate=, max-sessions=, max-connections=, keys=, "
        "proxy-protocol=, tls-certificate= or tls-key=");
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
    if (listener.tls && (listener.tls->certificate.empty() || listener.tls->key.empty())) {
      throw std::invalid_argument("expected tls-certificate= and tls-key= together");
    }
    return listener;
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument("listener \"" + escape_for_line(text) + "\": " + error.what());
  }
}

std::vector<ListenerOptions> read_listeners(const std::filesystem::path& path) {
  std::vector<ListenerOptions> listeners;
  read_option_lines(path,
                    [&](std::string_view line) { listeners.push_back(parse_listener(line)); });
  return listeners;
}

}  // namespace harpy

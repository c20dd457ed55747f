#include "service/server/proxy_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace harpy {

namespace ip = boost::asio::ip;

namespace {

constexpr std::string_view kTextBeginning = "PROXY ";
constexpr std::string_view kTextEnd = "\r\n";
constexpr std::size_t kMostTextBytes = 107;  ///< with the end of the line
/// The shortest line is "PROXY UNKNOWN" with its end.
constexpr std::size_t kLeastTextBytes = 15;
constexpr std::string_view kBinaryBeginning("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kBinaryHeadBytes = 16;
constexpr std::size_t kPortBytes = 2;

[[noreturn]] void refuse_header(const std::string& why) {
  throw std::runtime_error("PROXY protocol: " + why);
}

/// Takes the next field of a line, which ends before a blank or at the end of the line.
std::string_view take_field(std::string_view& line) {
  const std::size_t blank = line.find(' ');
  const std::string_view field = line.substr(0, blank);
  line.remove_prefix(blank == std::string_view::npos ? line.size() : blank + 1);
  return field;
}

ip::address text_address(std::string_view text, bool is_v6) {
  boost::system::error_code error;
  ip::address address = ip::make_address(std::string(text), error);
  if (error || address.is_v6() != is_v6) refuse_header("expected two addresses of the family");
  return address;
}

/// As decimal digits write it, without zeros before it.
std::uint16_t text_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (!is_number || (text.size() > 1 && text.front() == '0')) {
    refuse_header("expected two ports from 0 to 65535");
  }
  return port;
}

ProxyHeader read_text_header(std::string_view bytes) {
  const std::size_t end = bytes.find(kTextEnd);
  if (end == std::string_view::npos) {
    if (bytes.size() >= kMostTextBytes) refuse_header("the line is too long");
    return {.missing_bytes = bytes.size() < kLeastTextBytes ? kLeastTextBytes - bytes.size() : 1};
  }
  if (end + kTextEnd.size() != bytes.size()) refuse_header("there are bytes behind the line");
  std::string_view line = bytes.substr(kTextBeginning.size(), end - kTextBeginning.size());
  const std::string_view family = take_field(line);
  if (family == "UNKNOWN") return {};
  if (family != "TCP4" && family != "TCP6") refuse_header("expected TCP4, TCP6 or UNKNOWN");
  const bool is_v6 = family == "TCP6";
  const ip::address client = text_address(take_field(line), is_v6);
  const ip::address server = text_address(take_field(line), is_v6);
  const std::uint16_t client_port = text_port(take_field(line));
  const std::uint16_t server_port = text_port(line);
  return {.ends = ConnectionEnds{.client = {client, client_port}, .server = {server, server_port}}};
}

std::uint8_t byte_at(std::string_view bytes, std::size_t place) {
  return static_cast<std::uint8_t>(bytes[place]);
}

std::uint16_t number_at(std::string_view bytes, std::size_t place) {
  return static_cast<std::uint16_t>(byte_at(bytes, place) << 8U | byte_at(bytes, place + 1));
}

template <typename Address>
ConnectionEnds binary_ends(std::string_view bytes) {
  typename Address::bytes_type address{};
  if (bytes.size() < 2 * (address.size() + kPortBytes)) {
    refuse_header("it is too short for its addresses");
  }
  const auto address_at = [&](std::size_t place) {
    std::transform(bytes.begin() + static_cast<std::ptrdiff_t>(place),
                   bytes.begin() + static_cast<std::ptrdiff_t>(place + address.size()),
                   address.begin(), [](char byte) { return static_cast<std::uint8_t>(byte); });
    return Address(address);
  };
  const std::size_t ports = 2 * address.size();
  return {.client = {address_at(0), number_at(bytes, ports)},
          .server = {address_at(address.size()), number_at(bytes, ports + kPortBytes)}};
}

ProxyHeader read_binary_header(std::string_view bytes) {
  if (bytes.size() < kBinaryHeadBytes) return {.missing_bytes = kBinaryHeadBytes - bytes.size()};
  const std::size_t size = kBinaryHeadBytes + number_at(bytes, 14);
  if (size > kMostProxyHeaderBytes) refuse_header("it is too long");
  const int version_and_command = byte_at(bytes, 12);
  if (version_and_command != 0x20 && version_and_command != 0x21) {
    refuse_header("expected version 2 and the command LOCAL or PROXY");
  }
  if (bytes.size() < size) return {.missing_bytes = size - bytes.size()};
  if (bytes.size() > size) refuse_header("there are bytes behind it");
  if (version_and_command == 0x20) return {};
  const std::string_view addresses = bytes.substr(kBinaryHeadBytes);
  switch (byte_at(bytes, 13)) {
    case 0x00:  // unspecified
      return {};
    case 0x11:
      return {.ends = binary_ends<ip::address_v4>(addresses)};
    case 0x21:
      return {.ends = binary_ends<ip::address_v6>(addresses)};
    default:
      refuse_header("expected TCP over IPv4 or IPv6");
  }
}

}  // namespace

ProxyHeader read_proxy_header(std::string_view bytes) {
  const auto can_be = [bytes](std::string_view beginning) {
    return beginning.starts_with(bytes.substr(0, beginning.size()));
  };
  if (can_be(kBinaryBeginning)) {
    // What both can be is nothing at all, of which the shorter one is asked for.
    if (bytes.empty()) return {.missing_bytes = kBinaryBeginning.size()};
    return read_binary_header(bytes);
  }
  if (can_be(kTextBeginning)) return read_text_header(bytes);
  refuse_header("the connection begins with something else");
}

}  // namespace harpy

#include "service/server/client_address.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <stdexcept>

#include "models/files/escaped_text.hpp"
#include "models/files/text_fields.hpp"

namespace harpy {

namespace ip = boost::asio::ip;

namespace {

constexpr int kMappedBits = 96;  ///< before an address of IPv4 that is mapped to IPv6
constexpr int kByteBits = 8;

}  // namespace

std::string client_key(const ip::address& address) {
  if (!address.is_v6()) return address.to_string();
  const ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6).to_string();
  auto bytes = v6.to_bytes();
  std::fill(bytes.begin() + bytes.size() / 2, bytes.end(), std::uint8_t{0});
  return ip::address_v6(bytes).to_string() + "/64";
}

TrustedProxies::TrustedProxies(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const std::size_t slash = text.find('/');
    boost::system::error_code error;
    const ip::address address = ip::make_address(text.substr(0, slash), error);
    const int most_bits = address.is_v4() ? 32 : 128;
    int bit_count = most_bits;
    bool is_number = true;
    if (slash != std::string::npos) {
      const char* const end = text.data() + text.size();
      const auto read = std::from_chars(text.data() + slash + 1, end, bit_count);
      is_number = read.ec == std::errc() && read.ptr == end;
    }
    if (error || !is_number || bit_count < 0 || bit_count > most_bits) {
      throw std::invalid_argument("trusted proxy \"" + escape_for_line(text) +
                                  "\": expected an address, or a network such as 10.0.0.0/8");
    }
    networks_.push_back({.bytes = bytes_of(address),
                         .bit_count = address.is_v4() ? kMappedBits + bit_count : bit_count});
  }
}

TrustedProxies::Bytes TrustedProxies::bytes_of(const ip::address& address) {
  if (address.is_v6()) return address.to_v6().to_bytes();
  return ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
}

bool TrustedProxies::contains(const ip::address& address) const {
  const Bytes bytes = bytes_of(address);
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    for (int bit = 0; bit < network.bit_count; bit += kByteBits) {
      const auto index = static_cast<std::size_t>(bit / kByteBits);
      const int left_over = std::max(0, bit + kByteBits - network.bit_count);
      if ((bytes[index] ^ network.bytes[index]) >> left_over != 0) return false;
    }
    return true;
  });
}

ip::address TrustedProxies::client_of(const ip::address& peer,
                                      std::string_view forwarded_for) const {
  ip::address client = peer;
  while (contains(client) && !forwarded_for.empty()) {
    const std::size_t comma = forwarded_for.rfind(',');
    const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
    boost::system::error_code error;
    const ip::address before =
        ip::make_address(std::string(trim(forwarded_for.substr(begin))), error);
    if (error) break;
    client = before;
    forwarded_for = forwarded_for.substr(0, begin == 0 ? 0 : comma);
  }
  return client;
}

}  // namespace harpy

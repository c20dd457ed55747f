#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

namespace harpy {

/// The address as a text under which clients are counted: all of an IPv6 network of 64 bits have
/// one, and an address of IPv4 that came in as one of IPv6 is one of IPv4.
std::string client_key(const boost::asio::ip::address& address);

/// The proxies whose word is taken for it whose requests they pass on.
class TrustedProxies {
 public:
  TrustedProxies() = default;
  /// Each text is an address, or a network such as "10.0.0.0/8".
  /// Errors: std::invalid_argument quoting a text that is neither.
  explicit TrustedProxies(const std::vector<std::string>& texts);

  bool contains(const boost::asio::ip::address& address) const;

  /// Whose request it is that came from `peer`. `forwarded_for`: the header fields X-Forwarded-For,
  /// joined by commas in their order; each proxy has added at the end who came to it. It is the
  /// last one of them that is no trusted proxy: what stands before it may be made up. The peer
  /// itself, if it is not trusted or says nothing.
  boost::asio::ip::address client_of(const boost::asio::ip::address& peer,
                                     std::string_view forwarded_for) const;

 private:
  /// An address of IPv6, or one of IPv4 mapped to it.
  using Bytes = std::array<unsigned char, 16>;
  struct Network {
    Bytes bytes{};
    int bit_count = 0;  ///< that its addresses have in common
  };

  static Bytes bytes_of(const boost::asio::ip::address& address);

  std::vector<Network> networks_;
};

}  // namespace harpy

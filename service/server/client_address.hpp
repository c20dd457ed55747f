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

/// The proxies that are trusted to name the client whose request they forward.
class TrustedProxies {
 public:
  TrustedProxies() = default;
  /// Each text is an address, or a network such as "10.0.0.0/8".
  /// Errors: std::invalid_argument quoting a text that is neither.
  explicit TrustedProxies(const std::vector<std::string>& texts);

  bool contains(const boost::asio::ip::address& address) const;

  /// The address of the client that made a request; `peer` is who connected. `forwarded_for`: the
  /// header fields X-Forwarded-For, joined by commas in their order, to whose end each proxy has
  /// added who connected to it. The client is the last address there that is no trusted proxy,
  /// since those before it may be made up; it is the peer itself if that is not trusted or names
  /// nobody.
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

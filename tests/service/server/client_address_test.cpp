#include "service/server/client_address.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace harpy {
namespace {

using boost::asio::ip::make_address;

std::string client_of(const TrustedProxies& proxies, const std::string& peer,
                      const std::string& forwarded_for) {
  return proxies.client_of(make_address(peer), forwarded_for).to_string();
}

TEST(ClientAddresses, AnIpv6NetworkIsOneClientAndAMappedAddressIsOneOfIpv4) {
  EXPECT_EQ(client_key(make_address("192.0.2.7")), "192.0.2.7");
  EXPECT_EQ(client_key(make_address("::ffff:192.0.2.7")), "192.0.2.7");
  EXPECT_EQ(client_key(make_address("2001:db8:1:2:3:4:5:6")), "2001:db8:1:2::/64");
}

TEST(ClientAddresses, NetworksContainTheAddressesThatHaveTheirFirstBits) {
  const TrustedProxies proxies({"10.0.0.0/9", "192.0.2.7", "2001:db8::/33", "::1"});
  for (const char* const inside :
       {"10.0.0.1", "10.127.255.255", "::ffff:10.1.2.3", "192.0.2.7", "2001:db8:7fff::1", "::1"}) {
    EXPECT_TRUE(proxies.contains(make_address(inside))) << inside;
  }
  for (const char* const outside :
       {"10.128.0.0", "11.0.0.1", "192.0.2.6", "2001:db8:8000::1", "::2", "127.0.0.1"}) {
    EXPECT_FALSE(proxies.contains(make_address(outside))) << outside;
  }
  EXPECT_TRUE(TrustedProxies({"0.0.0.0/0"}).contains(make_address("203.0.113.9")));
  EXPECT_FALSE(TrustedProxies({"0.0.0.0/0"}).contains(make_address("2001:db8::1")));
}

TEST(ClientAddresses, TextsThatAreNoNetworksAreRefused) {
  for (const char* const text :
       {"", "proxy", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "10.0.0.0/8x"}) {
    EXPECT_THROW(TrustedProxies({text}), std::invalid_argument) << text;
  }
}

TEST(ClientAddresses, TheClientIsTheLastOneWhomATrustedProxyNames) {
  const TrustedProxies proxies({"10.0.0.0/8"});
  EXPECT_EQ(client_of(proxies, "10.0.0.1", "203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(client_of(proxies, "10.0.0.1", "1.2.3.4, 203.0.113.9 ,10.0.0.2"), "203.0.113.9");
  EXPECT_EQ(client_of(proxies, "10.0.0.1", ""), "10.0.0.1");
  EXPECT_EQ(client_of(proxies, "10.0.0.1", "10.0.0.3,10.0.0.2"), "10.0.0.3");
}

TEST(ClientAddresses, NobodyElseIsBelieved) {
  const TrustedProxies proxies({"10.0.0.0/8"});
  EXPECT_EQ(client_of(proxies, "203.0.113.9", "1.2.3.4"), "203.0.113.9");
  EXPECT_EQ(client_of(TrustedProxies(), "10.0.0.1", "1.2.3.4"), "10.0.0.1");
  // What cannot be read ends the search.
  EXPECT_EQ(client_of(proxies, "10.0.0.1", "1.2.3.4, unknown"), "10.0.0.1");
  EXPECT_EQ(client_of(proxies, "10.0.0.1", "1.2.3.4,"), "10.0.0.1");
}

}  // namespace
}  // namespace harpy

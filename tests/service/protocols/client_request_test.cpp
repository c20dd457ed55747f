#include "service/protocols/client_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ClientRequests, ATargetHasAPathAndAQueryInTheClientsOrder) {
  const ClientRequest request =
      parse_request_target("/v1/listen?keyterm=New+York&keyterm=caf%C3%A9%3A2&smart_format&x=");
  EXPECT_EQ(request.path, "/v1/listen");
  EXPECT_THAT(
      request.query,
      ElementsAre(QueryParameter{"keyterm", "New York"}, QueryParameter{"keyterm", "café:2"},
                  QueryParameter{"smart_format", ""}, QueryParameter{"x", ""}));
}

TEST(ClientRequests, ThePathIsDecodedAndMayStandAlone) {
  EXPECT_EQ(parse_request_target("/a%20b/c").path, "/a b/c");
  EXPECT_EQ(parse_request_target("/").path, "/");
  EXPECT_THAT(parse_request_target("/").query, IsEmpty());
}

TEST(ClientRequests, WhatIsNoTargetIsRefused) {
  for (const char* target : {"", "a", "/%", "/%zz", "/?x=%1", "/ b", "http://host/"}) {
    EXPECT_THROW(parse_request_target(target), std::runtime_error) << target;
  }
}

TEST(ClientRequests, OfParametersWithOneNameTheLastCounts) {
  const ClientRequest request = parse_request_target("/?a=1&b=2&a=3");
  ASSERT_NE(find_parameter(request, "a"), nullptr);
  EXPECT_EQ(*find_parameter(request, "a"), "3");
  EXPECT_EQ(find_parameter(request, "c"), nullptr);
}

}  // namespace
}  // namespace harpy

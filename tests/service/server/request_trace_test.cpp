#include "service/server/request_trace.hpp"

#include <gtest/gtest.h>

namespace harpy {
namespace {

const std::string kTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(RequestTraces, ARequestIdIsTakenIfItCanBeRepeatedAnywhere) {
  EXPECT_EQ(accepted_request_id("7d3f-A_b.c:9"), "7d3f-A_b.c:9");
  EXPECT_EQ(accepted_request_id(std::string(128, 'a')), std::string(128, 'a'));
  for (const std::string& refused :
       {std::string(), std::string(129, 'a'), std::string("a b"), std::string("a\"b"),
        std::string("a\r\nSet-Cookie: b"), std::string("\xc3\xa4")}) {
    EXPECT_EQ(accepted_request_id(refused), "");
  }
}

TEST(RequestTraces, ATraceparentOfTheRecommendationIsTaken) {
  EXPECT_EQ(accepted_traceparent(kTrace), kTrace);
  EXPECT_EQ(trace_id_of(kTrace), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace_id_of(""), "");
}

TEST(RequestTraces, OfLaterVersionsWhatIsKnownIsTaken) {
  const std::string later = "01" + kTrace.substr(2);
  EXPECT_EQ(accepted_traceparent(later), later);
  EXPECT_EQ(accepted_traceparent(later + "-more"), later);
  EXPECT_EQ(accepted_traceparent(later + "more"), "");
}

TEST(RequestTraces, WhatIsNoTraceparentIsLeftOut) {
  std::string no_trace = kTrace;
  no_trace.replace(3, 32, std::string(32, '0'));
  std::string no_parent = kTrace;
  no_parent.replace(36, 16, std::string(16, '0'));
  std::string capitals = kTrace;
  capitals[5] = 'F';
  for (const std::string& refused :
       {std::string(), kTrace.substr(0, 54), kTrace + "-00", "ff" + kTrace.substr(2), no_trace,
        no_parent, capitals, std::string(55, '-')}) {
    EXPECT_EQ(accepted_traceparent(refused), "") << refused;
  }
}

}  // namespace
}  // namespace harpy

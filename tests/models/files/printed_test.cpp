#include "models/files/printed.hpp"

#include <string>

#include <gtest/gtest.h>

namespace harpy {
namespace {

TEST(Printed, HasTheValuesInTheForm) {
  EXPECT_EQ(printed("%.2f %%, %s and %03d", 12.345, "x", 7), "12.35 %, x and 007");
}

TEST(Printed, OfNothingIsEmpty) { EXPECT_EQ(printed("%s", ""), ""); }

TEST(Printed, IsAsLongAsItsValues) {
  const std::string name(1000, 'a');
  EXPECT_EQ(printed("<%s>", name.c_str()), "<" + name + ">");
}

}  // namespace
}  // namespace harpy

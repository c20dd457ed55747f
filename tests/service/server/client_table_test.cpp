#include "service/server/client_table.hpp"

#include <gtest/gtest.h>

namespace harpy {
namespace {

using std::chrono::seconds;

constexpr ClientTable::Clock::time_point kTableStart{std::chrono::hours(1)};

TEST(ClientTable, AnAddressKeepsItsEntry) {
  ClientTable table({});
  ClientAddress& first = table.at("10.0.0.1", kTableStart);
  ++first.connection_count;
  for (int index = 0; index < 1000; ++index)
    table.at("10.0.1." + std::to_string(index), kTableStart);
  EXPECT_EQ(&table.at("10.0.0.1", kTableStart), &first);
  EXPECT_EQ(first.connection_count, 1);
  EXPECT_EQ(table.at("10.0.0.2", kTableStart).connection_count, 0);
}

TEST(ClientTable, LinesOfAnAddressAreLimitedAndCounted) {
  ClientTable table({.log_lines_per_s = 1.0, .log_line_burst = 2.0});
  EXPECT_EQ(table.allow_line("a", kTableStart), 0U);
  EXPECT_EQ(table.allow_line("a", kTableStart), 0U);
  for (int index = 0; index < 5; ++index) EXPECT_FALSE(table.allow_line("a", kTableStart));
  EXPECT_EQ(table.allow_line("b", kTableStart), 0U);  // others may still be written about
  EXPECT_EQ(table.allow_line("a", kTableStart + seconds(1)), 5U);
  EXPECT_FALSE(table.allow_line("a", kTableStart + seconds(1)));
  EXPECT_EQ(table.allow_line("a", kTableStart + seconds(2)), 1U);
}

TEST(ClientTable, ComingBackDoesNotRenewTheAllowance) {
  ClientTable table({.log_lines_per_s = 1.0, .log_line_burst = 1.0});
  EXPECT_TRUE(table.allow_line("a", kTableStart));
  for (int index = 0; index < 1000; ++index) table.at(std::to_string(index), kTableStart);
  EXPECT_FALSE(table.allow_line("a", kTableStart));
}

TEST(ClientTable, AddressesThatAreGoneAreForgotten) {
  ClientTable table({});
  for (int index = 0; index < 100'000; ++index) {
    table.at("10." + std::to_string(index), kTableStart + seconds(index));
  }
  EXPECT_LE(table.size(), 200U);
}

}  // namespace
}  // namespace harpy

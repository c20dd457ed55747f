#include "acoustic/backend/device.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "acoustic/backend/backend.hpp"

namespace harpy {
namespace {

TEST(DeviceNames, AreReadAndWritten) {
  EXPECT_EQ(parse_device("cpu"), Device{});
  EXPECT_EQ(parse_device("cuda"), (Device{DeviceKind::kCuda, 0}));
  EXPECT_EQ(to_string(parse_device("cuda:3")), "cuda:3");
  EXPECT_EQ(to_string(Device{}), "cpu");
}

TEST(DeviceNames, AutoIsTheLastKindOfDeviceAvailable) {
  EXPECT_EQ(parse_device("auto").kind, available_devices().back().kind);
}

TEST(DeviceNames, OthersAreRefused) {
  for (const char* text : {"", "gpu", "cuda:", "cuda:-1", "cuda:1x", "CPU", "cuda:99999999999"}) {
    EXPECT_THROW(parse_device(text), std::invalid_argument) << text;
  }
}

TEST(Devices, BeginWithTheCpu) { EXPECT_EQ(available_devices().front(), Device{}); }

TEST(Devices, ThatAreNotThereCannotBeUsed) {
  EXPECT_THROW(create_backend({.device = {DeviceKind::kCuda, 1000}}), std::runtime_error);
}

}  // namespace
}  // namespace harpy

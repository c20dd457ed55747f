#include "acoustic/backend/device.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/device_error.hpp"
#include "acoustic/backend/device_memory_use.hpp"

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

TEST(Devices, AreDescribedWithWhatStandsInTheWayOfOthers) {
  const DeviceReport found = find_devices();
  ASSERT_EQ(found.devices.size(), available_devices().size());
  for (const DeviceDescription& described : found.devices) {
    EXPECT_FALSE(described.name.empty());
    EXPECT_EQ(described.memory_bytes > 0, described.device.kind == DeviceKind::kCuda);
  }
  if (found.devices.size() == 1) {
    EXPECT_FALSE(found.cuda_obstacle.empty());
  }
}

TEST(Devices, OnlyThoseWithMemoryOfTheirOwnTellHowMuchIsInUse) {
  EXPECT_EQ(used_memory_bytes({}), std::nullopt);
  EXPECT_EQ(used_memory_bytes({DeviceKind::kCuda, 1000}), std::nullopt);
  for (const DeviceDescription& described : find_devices().devices) {
    if (described.device.kind == DeviceKind::kCpu) continue;
    const auto backend = create_backend({.device = described.device});
    const Tensor values = backend->zeros({1000, 1000});
    backend->synchronize();
    const std::uint64_t used = used_memory_bytes(described.device).value_or(0);
    EXPECT_GE(used, 4'000'000U);
    EXPECT_LT(used, described.memory_bytes);
  }
}

TEST(Devices, TheReasonIsKnownWhenTheCpuIsTakenForWantOfAnother) {
  const DeviceChoice automatic = choose_device("auto");
  EXPECT_EQ(automatic.device, parse_device("auto"));
  EXPECT_EQ(automatic.reason.empty(), automatic.device.kind == DeviceKind::kCuda);
  EXPECT_TRUE(choose_device("cpu").reason.empty());
  EXPECT_TRUE(choose_device("cuda:7").reason.empty());
}

TEST(Devices, ThatAreNotThereAreRefusedWithTheReason) {
  try {
    create_backend({.device = {DeviceKind::kCuda, 1000}});
    FAIL() << "cuda:1000 is there";
  } catch (const DeviceError& error) {
    const DeviceReport found = find_devices();
    EXPECT_EQ(error.kind(), DeviceErrorKind::kUnusable);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("cuda:1000: "));
    EXPECT_THAT(error.what(), ::testing::HasSubstr(found.cuda_obstacle));
  }
}

TEST(CudaErrors, SayWhatCanBeDoneAboutThem) {
  const DeviceError error(DeviceErrorKind::kOutOfMemory, "no memory");
  EXPECT_EQ(error.kind(), DeviceErrorKind::kOutOfMemory);
  EXPECT_STREQ(error.what(), "CUDA: no memory");
}

TEST(CudaErrors, TellALostDeviceFromAllElse) {
  EXPECT_TRUE(is_device_lost(DeviceError(DeviceErrorKind::kDeviceLost, "gone")));
  EXPECT_FALSE(is_device_lost(DeviceError(DeviceErrorKind::kOutOfMemory, "no memory")));
  EXPECT_FALSE(is_device_lost(std::runtime_error("CUDA: gone")));
}

}  // namespace
}  // namespace harpy

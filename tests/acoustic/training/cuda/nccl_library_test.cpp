// NCCL's own library, as far as it goes without a device.
#include "acoustic/training/cuda/nccl_library.hpp"

#include <gtest/gtest.h>

#include "acoustic/backend/device.hpp"
#include "acoustic/backend/device_error.hpp"

namespace harpy::cuda {
namespace {

TEST(NcclLibrary, HasTheFunctionsThatAreCalledAndSaysWhatItLacks) {
  try {
    nccl();
  } catch (const DeviceError& error) {
    GTEST_SKIP() << "needs NCCL: " << error.what();
  }
  EXPECT_STREQ(nccl().get_error_string(ncclSuccess), "no error");
  ncclUniqueId id{};
  ASSERT_EQ(nccl().get_unique_id(&id), ncclSuccess) << nccl().get_last_error(nullptr);
  if (available_devices().size() > 1) GTEST_SKIP() << "needs a machine without a GPU";
  ncclComm_t processes = nullptr;
  EXPECT_NE(nccl().init_rank(&processes, 1, id, 0), ncclSuccess);
  EXPECT_STRNE(nccl().get_last_error(nullptr), "");
}

}  // namespace
}  // namespace harpy::cuda

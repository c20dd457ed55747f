// What the CUDA backend does when the device fails, and what threads do to one another's work: on
// the emulated device, which fails on demand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/cuda/library_check.hpp"
#include "acoustic/backend/device_error.hpp"
#include "acoustic/backend/replay.hpp"
#include "tests/support/cuda_emulation/emulation.hpp"

namespace harpy::testing {
namespace {

class CudaDeviceFaults : public ::testing::Test {
 protected:
  ~CudaDeviceFaults() override { cuda_emulation::mend_device(); }

  /// The kind of the DeviceError that an action throws.
  template <typename Action>
  static std::optional<DeviceErrorKind> failure_of(const Action& action) {
    try {
      action();
    } catch (const DeviceError& error) {
      return error.kind();
    }
    return std::nullopt;
  }

  std::unique_ptr<Backend> backend_ = create_backend({.device = {DeviceKind::kCuda, 0}});
  Tensor x_ = backend_->zeros({5});
};

TEST_F(CudaDeviceFaults, AnAllocationThatFailsIsToldAndTheNextOneSucceeds) {
  cuda_emulation::fail_allocation_after(0);
  EXPECT_EQ(failure_of([&] { backend_->empty({3}); }), DeviceErrorKind::kOutOfMemory);
  EXPECT_EQ(backend_->to_host(backend_->zeros({3})), std::vector<float>(3, 0.0F));
}

TEST_F(CudaDeviceFaults, EveryErrorThatEndsADevicesUseSaysSo) {
  for (const cudaError_t error :
       {cudaErrorIllegalAddress, cudaErrorLaunchFailure, cudaErrorContained,
        cudaErrorContextIsDestroyed, cudaErrorTensorMemoryLeak, cudaErrorECCUncorrectable}) {
    cuda_emulation::break_device(error);
    EXPECT_EQ(failure_of([&] { backend_->fill(1.0F, x_); }), DeviceErrorKind::kDeviceLost) << error;
    EXPECT_EQ(failure_of([&] { backend_->to_host(x_); }), DeviceErrorKind::kDeviceLost) << error;
    cuda_emulation::mend_device();
  }
}

TEST_F(CudaDeviceFaults, ALibraryThatFailsWithTheDeviceSaysThatTheDeviceIsLost) {
  EXPECT_EQ(failure_of([] { cuda::check(CUBLAS_STATUS_EXECUTION_FAILED); }),
            DeviceErrorKind::kOther);
  EXPECT_EQ(failure_of([] { cuda::check(CUBLAS_STATUS_ALLOC_FAILED); }),
            DeviceErrorKind::kOutOfMemory);
  cuda_emulation::break_device(cudaErrorIllegalAddress);
  EXPECT_EQ(failure_of([] { cuda::check(CUBLAS_STATUS_EXECUTION_FAILED); }),
            DeviceErrorKind::kDeviceLost);
  EXPECT_EQ(failure_of([] { cuda::check(CUDNN_STATUS_EXECUTION_FAILED); }),
            DeviceErrorKind::kDeviceLost);
}

TEST_F(CudaDeviceFaults, HostMemoryOfADeviceIsCopiedWithoutAWait) {
  const auto& memory = backend_->memory();
  HostBuffer<float> host(memory, 3);
  const Tensor on_device = backend_->zeros({3});
  std::fill_n(host.data(), 3, 2.0F);
  memory->send(Tensor(backend_->empty({3})).data(), host.data(), 3 * sizeof(float));
  memory->receive(host.data(), on_device.data(), 3 * sizeof(float));
  EXPECT_EQ(host.data()[0], 2.0F);  // the emulated device works as late as it may
  memory->wait();
  EXPECT_EQ(host.data()[0], 0.0F);
}

TEST_F(CudaDeviceFaults, ARecordingThatFindsNoMemoryIsCalledAndTriedAgainLater) {
  Replay replay(*backend_, [&] {
    Tensor one = backend_->empty({5});
    backend_->fill(1.0F, one);
    backend_->add_scaled(1.0F, one, x_);
  });
  for (int run = 1; run <= 5; ++run) {
    if (run == 2) cuda_emulation::fail_allocation_after(0);
    replay.run();
    EXPECT_EQ(replay.is_recorded(), run >= 4) << run;
    EXPECT_EQ(backend_->to_host(x_), std::vector<float>(5, static_cast<float>(run)));
  }
}

TEST_F(CudaDeviceFaults, WhatAnotherThreadFreesDuringARecordingIsFreedWhenItEnds) {
  backend_->synchronize();
  const std::size_t before = cuda_emulation::allocated_bytes();
  Tensor others = backend_->zeros({1000});
  Replay replay(*backend_, [&] {
    std::thread([&] { others = Tensor(); }).join();
    backend_->fill(2.0F, x_);
  });
  replay.run();
  others = backend_->zeros({1000});
  replay.run();
  EXPECT_TRUE(replay.is_recorded());
  EXPECT_EQ(backend_->to_host(x_), std::vector<float>(5, 2.0F));
  EXPECT_EQ(cuda_emulation::allocated_bytes(), before);
}

TEST_F(CudaDeviceFaults, WhatAnotherThreadAllocatesIsNoPartOfARecording) {
  std::future<Tensor> others;
  Replay replay(*backend_, [&] {
    others = std::async(std::launch::async, [&] { return Tensor(backend_->memory(), {7}); });
    Tensor one = backend_->empty({5});
    backend_->fill(3.0F, one);
    backend_->copy(one, x_);
  });
  replay.run();
  const Tensor first = others.get();
  replay.run();
  EXPECT_TRUE(replay.is_recorded());
  Tensor kept = others.get();
  backend_->fill(4.0F, kept);
  EXPECT_EQ(backend_->to_host(kept), std::vector<float>(7, 4.0F));
  EXPECT_EQ(backend_->to_host(x_), std::vector<float>(5, 3.0F));
}

TEST_F(CudaDeviceFaults, AThreadThatHasUsedNoDeviceMayFree) {
  backend_->synchronize();
  const std::size_t before = cuda_emulation::allocated_bytes();
  Tensor others = backend_->zeros({1000});
  std::thread([&] { others = Tensor(); }).join();
  backend_->synchronize();
  EXPECT_EQ(cuda_emulation::allocated_bytes(), before);
}

}  // namespace
}  // namespace harpy::testing

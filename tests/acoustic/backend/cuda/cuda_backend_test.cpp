// What is particular to CUDA devices; the operations' own tests run on every device.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/device_error.hpp"
#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {
namespace {

class CudaBackendTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const DeviceReport found = find_devices();
    if (found.devices.size() == 1) GTEST_SKIP() << "needs a CUDA device: " << found.cuda_obstacle;
    device_ = found.devices[1].device;
    backend_ = create_backend({.device = device_});
  }

  Device device_;
  std::unique_ptr<Backend> backend_;
  std::mt19937 random_{5};
};

TEST_F(CudaBackendTest, CopiesArraysLargerThanItsStages) {
  constexpr std::int64_t kSize = (5 << 20) + 13;
  const auto values = random_values(kSize, random_);
  const Tensor x = backend_->from_host({kSize}, values);
  EXPECT_EQ(backend_->to_host(x), values);
  EXPECT_EQ(backend_->to_host(backend_->copy_of(x)), values);
  EXPECT_EQ(backend_->to_host(backend_->zeros({kSize})), std::vector<float>(kSize, 0.0F));
}

TEST_F(CudaBackendTest, TheSourceOfACopyMayBeChangedAtOnce) {
  std::vector<float> values(3 << 20, 1.0F);
  std::vector<Tensor> copies;
  for (int i = 0; i < 8; ++i) {
    std::fill(values.begin(), values.end(), static_cast<float>(i));
    copies.push_back(backend_->from_host({static_cast<std::int64_t>(values.size())}, values));
  }
  for (int i = 0; i < 8; ++i) {
    std::fill(values.begin(), values.end(), static_cast<float>(i));
    ASSERT_EQ(backend_->to_host(copies[static_cast<std::size_t>(i)]), values);
  }
}

TEST_F(CudaBackendTest, AnArrayThatDoesNotFitIsRefusedAndTheDeviceGoesOn) {
  try {
    backend_->empty({std::int64_t{1} << 44});
    FAIL() << "64 TB were there";
  } catch (const DeviceError& error) {
    EXPECT_EQ(error.kind(), DeviceErrorKind::kOutOfMemory);
    EXPECT_THAT(error.what(), ::testing::HasSubstr("device memory"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr("cuda_memory.cpp:"));
  }
  Tensor x = backend_->zeros({3});
  backend_->fill(2.0F, x);
  EXPECT_EQ(backend_->to_host(x), (std::vector<float>{2, 2, 2}));
}

TEST_F(CudaBackendTest, AnotherBackendSeesResultsAfterSynchronize) {
  constexpr std::int64_t kSize = 1 << 20;
  Tensor x = backend_->zeros({kSize});
  for (int i = 0; i < 20; ++i) backend_->add_scaled(1.0F, backend_->copy_of(x), x);
  backend_->fill(3.0F, x);
  backend_->synchronize();
  const auto other = create_backend({.device = device_});
  EXPECT_EQ(other->sum_of_squares(x), 9.0 * kSize);
}

TEST_F(CudaBackendTest, WorksOnAnotherThreadThanTheOneThatMadeIt) {
  std::vector<float> values;
  std::thread([&] {
    Tensor x = backend_->zeros({5});
    backend_->fill(7.0F, x);
    values = backend_->to_host(x);
  }).join();
  EXPECT_EQ(values, std::vector<float>(5, 7.0F));
}

TEST_F(CudaBackendTest, RoundsFactorsOnlyWhenAskedTo) {
  const float fine = 1.0F + 1.0F / 4096.0F;  // lost in 11 significant bits
  const std::vector<float> values(64 * 64, fine);
  const auto product_of = [&](Precision precision) {
    const auto backend = create_backend({.device = device_, .precision = precision});
    const Tensor a = backend->from_host({64, 64}, values);
    Tensor c = backend->empty({64, 64});
    backend->multiply(a, Transpose::kNo, a, Transpose::kNo, c, Accumulate::kNo);
    return backend->to_host(c)[0];
  };
  EXPECT_NEAR(product_of(Precision::kFloat32), 64.0F * fine * fine, 1e-4);
  EXPECT_NEAR(product_of(Precision::kTensorFloat32), 64.0F * fine * fine, 0.1);
}

}  // namespace
}  // namespace harpy::testing

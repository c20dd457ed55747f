// Ranks whose values lie on devices: processes with an emulated device each, which the stand-in for
// NCCL joins. Every test starts itself as the processes of a job.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "acoustic/backend/device_error.hpp"
#include "acoustic/training/device_ranks.hpp"
#include "acoustic/training/keyed_random.hpp"
#include "acoustic/training/launched_ranks.hpp"
#include "tests/support/is_installed.hpp"
#include "tests/support/mpi_job.hpp"
#include "tests/support/run_program.hpp"

namespace harpy {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr Device kDevice{.kind = DeviceKind::kCuda};

class NcclRanks : public ::testing::Test {
 protected:
  static bool is_of_a_job() { return std::getenv("OMPI_COMM_WORLD_RANK") != nullptr; }
  void SetUp() override {
    if (!harpy::testing::is_installed("mpirun")) GTEST_SKIP() << "needs mpirun (openmpi-bin)";
    if (is_of_a_job()) host_ = join_launched_ranks();
  }

  /// Runs this test as processes with variables of their own beside those that all have.
  void run_as(const std::vector<std::string>& processes) const {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string() +
                             " --gtest_filter=" + test->test_suite_name() + "." + test->name();
    // MPI leaves memory to the end of the process.
    std::string script = "export ASAN_OPTIONS=detect_leaks=0 LD_LIBRARY_PATH=" HARPY_NCCL_FOLDER
                         " TMPDIR=" +
                         directory_.path().string() + "\nexec " + harpy::testing::kMpirun;
    for (const std::string& variables : processes) {
      script += "-n 1 env " + variables + " " + self + " : ";
    }
    const auto job = harpy::testing::run_program("/bin/bash", {"-c", script});
    EXPECT_EQ(job.exit_code, 0) << job.output << job.errors;
  }

  harpy::testing::TemporaryDirectory directory_;
  std::unique_ptr<LaunchedRanks> host_;
};

TEST_F(NcclRanks, SumTheBitsThatMpiSums) {
  if (!is_of_a_job()) {
    run_as(std::vector<std::string>(2));
    run_as(std::vector<std::string>(4));
    return;
  }
  const auto device_ranks = join_device_ranks(*host_, kDevice);
  const auto host = create_backend({});
  const auto device = create_backend({.device = kDevice});
  const std::int64_t count = host_->count();
  for (const std::int64_t row_values : {1, 50, 4097}) {
    std::vector<float> mine;
    for (std::int64_t i = 0; i < count * row_values; ++i) {
      KeyedRandom random{static_cast<std::uint64_t>(host_->rank()), static_cast<std::uint64_t>(i)};
      mine.push_back(static_cast<float>(random.uniform(-1.0, 1.0)));
    }
    const auto sum = [&](Backend& backend, Ranks& ranks) {
      Tensor values = backend.from_host({count, row_values}, mine);
      Tensor scratch = backend.zeros({count, row_values});
      sum_over_ranks(backend, ranks, values, scratch);
      return backend.to_host(values);
    };
    const std::vector<float> expected = sum(*host, *host_);
    EXPECT_EQ(sum(*device, *device_ranks), expected) << row_values;
    EXPECT_NE(expected, mine);
  }
  EXPECT_EQ(gather(*device_ranks, host_->rank()), gather(*host_, host_->rank()));
}

TEST_F(NcclRanks, AllFailIfOneOfThemHasNoLibrary) {
  if (!is_of_a_job()) {
    std::ofstream(directory_.path() / "libnccl.so.2") << "no library";
    return run_as({"", "LD_LIBRARY_PATH=" + directory_.path().string()});
  }
  EXPECT_THAT([&] { join_device_ranks(*host_, kDevice); },
              ThrowsMessage<SharedError>(AllOf(HasSubstr("rank 1: CUDA: NCCL cannot be loaded: "),
                                               HasSubstr("libnccl.so.2: file too short"))));
}

TEST_F(NcclRanks, AllFailIfTheFirstOneGetsNoIdentifier) {
  if (!is_of_a_job()) return run_as({"HARPY_NCCL_FAULT=ncclGetUniqueId", ""});
  EXPECT_THAT([&] { join_device_ranks(*host_, kDevice); },
              ThrowsMessage<SharedError>(HasSubstr("CUDA: NCCL: unhandled system error")));
}

TEST_F(NcclRanks, ThatCannotJoinHaveDeviceErrors) {
  const std::string fault = "HARPY_NCCL_FAULT=ncclCommInitRank";
  if (!is_of_a_job()) return run_as({fault, fault});
  EXPECT_THAT(
      [&] { join_device_ranks(*host_, kDevice); },
      ThrowsMessage<DeviceError>(HasSubstr("NCCL: unhandled system error: the stand-in for NCCL")));
}

/// A job whose processes all have a fault in an exchange, and what they say of it.
class NcclExchange : public NcclRanks,
                     public ::testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(NcclExchange, ThatFailsIsADeviceError) {
  const auto& [function, words] = GetParam();
  const std::string fault = std::string("HARPY_NCCL_FAULT=") + function;
  if (!is_of_a_job()) return run_as({fault, fault});
  const auto device_ranks = join_device_ranks(*host_, kDevice);
  const auto device = create_backend({.device = kDevice});
  Tensor values = device->zeros({host_->count(), 3}), scratch = device->zeros({host_->count(), 3});
  EXPECT_THAT([&] { sum_over_ranks(*device, *device_ranks, values, scratch); },
              ThrowsMessage<DeviceError>(HasSubstr(words)));
}

INSTANTIATE_TEST_SUITE_P(
    Faults, NcclExchange,
    ::testing::Values(std::pair{"ncclGroupEnd", "NCCL: unhandled system error"},
                      std::pair{"ncclAllGather", "NCCL: unhandled system error"},
                      std::pair{"ncclCommGetAsyncError",
                                "NCCL: remote process exited or there was a network error"}));

}  // namespace
}  // namespace harpy

// harpy train as processes of Open MPI with an emulated device each, which the stand-in for NCCL
// joins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/is_installed.hpp"
#include "tests/tools/train/train_ranks_program.hpp"

namespace harpy {
namespace {

using harpy::testing::is_installed;
using harpy::testing::kMpirun;
using harpy::testing::ProgramResult;
using harpy::testing::TrainRanksProgram;
using ::testing::HasSubstr;

class TrainByNccl : public TrainRanksProgram {
 protected:
  void SetUp() override {
    if (!is_installed("mpirun")) GTEST_SKIP() << "needs mpirun (openmpi-bin)";
  }
  std::string train(const std::string& output) const {
    return "$harpy " + arguments(output) + " --device cuda --epochs 1";
  }
  ProgramResult run_on_devices(const std::string& script) const {
    // MPI leaves memory to the end of the process.
    return run_script("export ASAN_OPTIONS=detect_leaks=0 LD_LIBRARY_PATH=" HARPY_NCCL_FOLDER
                      " TMPDIR=" +
                      folder("").string() + "\n" + script);
  }
  /// Of two processes, each with variables of its own.
  ProgramResult run_two(const std::string& first, const std::string& second) const {
    return run_on_devices(std::string("exec timeout 100 ") + kMpirun + "-n 1 env " + first + " " +
                          train("out") + " : -n 1 env " + second + " " + train("out"));
  }
  static void expect_error(const ProgramResult& job, const std::string& words) {
    EXPECT_NE(job.exit_code, 0);
    EXPECT_NE(job.exit_code, 124) << "the other rank waits for ever";
    EXPECT_THAT(job.errors, HasSubstr("harpy: error: " + words));
    EXPECT_EQ(job.errors.find("harpy: error"), job.errors.rfind("harpy: error")) << job.errors;
  }
};

TEST_F(TrainByNccl, OneTwoAndFourProcessesMakeTheSameBytes) {
  const ProgramResult alone = run_on_devices(train("one"));
  ASSERT_EQ(alone.exit_code, 0) << alone.errors;
  for (const auto& [count, output] : {std::pair{2, "two"}, {4, "four"}}) {
    const ProgramResult together = run_on_devices(std::string("exec ") + kMpirun + "-n " +
                                                  std::to_string(count) + " " + train(output));
    ASSERT_EQ(together.exit_code, 0) << together.errors;
    expect_the_same(output, "one");
  }
}

TEST_F(TrainByNccl, AnErrorOfOneEndsTheJobWithItsWords) {
  std::filesystem::create_directory(folder("broken"));
  std::ofstream(folder("broken") / "libnccl.so.2") << "no library";
  expect_error(run_two("", "LD_LIBRARY_PATH=" + folder("broken").string()),
               "rank 1: CUDA: NCCL cannot be loaded: ");
  expect_error(run_two("", "HARPY_NCCL_FAULT=ncclCommInitRank"),
               "rank 1: CUDA: NCCL: unhandled system error: the stand-in for NCCL");
  expect_error(run_two("HARPY_NCCL_FAULT=ncclGroupEnd", ""),
               "CUDA: NCCL: unhandled system error: the stand-in for NCCL");
  expect_error(run_two("", "HARPY_NCCL_FAULT=ncclCommGetAsyncError"),
               "rank 1: CUDA: NCCL: remote process exited or there was a network error");
}

TEST_F(TrainByNccl, AnErrorOfAllIsToldOnce) {
  for (const std::string function : {"ncclCommInitRank", "ncclAllGather"}) {
    const std::string fault = "HARPY_NCCL_FAULT=" + function;
    expect_error(run_two(fault, fault),
                 "CUDA: NCCL: unhandled system error: the stand-in for NCCL");
  }
}

}  // namespace
}  // namespace harpy

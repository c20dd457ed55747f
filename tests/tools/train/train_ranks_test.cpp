// harpy train as several processes of Open MPI and of Slurm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_slurm.hpp"
#include "tests/support/is_installed.hpp"
#include "tests/tools/train/train_ranks_program.hpp"

namespace harpy {
namespace {

using harpy::testing::is_installed;
using harpy::testing::is_slurm_installed;
using harpy::testing::kFakeSlurm;
using harpy::testing::ProgramResult;
using harpy::testing::TrainRanksProgram;
using ::testing::HasSubstr;
using ::testing::Not;

class TrainByOpenMpi : public TrainRanksProgram {
 protected:
  static constexpr const char* kManySteps = " --epochs 20 --resume --checkpoint-interval 0";

  /// Trains by two processes, of which one gets a signal once there is a new checkpoint.
  ProgramResult signalled(const std::string& output, const std::string& signal,
                          const std::string& rank) const {
    return run_script("out=" + folder(output).string() + "\n(" + mpirun(2) + arguments(output) +
                      kManySteps +
                      ") &\nlast=$(stat -c %y $out/checkpoint 2>/dev/null)\n"
                      "for round in $(seq 600); do sleep 0.05\n"
                      "  now=$(stat -c %y $out/checkpoint 2>/dev/null)\n"
                      "  [ \"$now\" != \"$last\" ] && break; done\n"
                      "for process in $(pgrep -P $!); do\n"
                      "  tr '\\0' '\\n' </proc/$process/environ |"
                      " grep -qx OMPI_COMM_WORLD_RANK=" +
                      rank + " && kill -" + signal + " $process; done\nwait $!");
  }
  void SetUp() override {
    if (!is_installed("mpirun")) GTEST_SKIP() << "needs mpirun (openmpi-bin)";
  }
};

TEST_F(TrainByOpenMpi, OneTwoAndFourProcessesMakeTheSameBytes) {
  const ProgramResult alone = run_script("$harpy " + arguments("one"));
  ASSERT_EQ(alone.exit_code, 0) << alone.errors;
  for (const auto& [count, output] : {std::pair{2, "two"}, {4, "four"}}) {
    const ProgramResult together = run_script(mpirun(count) + arguments(output));
    ASSERT_EQ(together.exit_code, 0) << together.errors;
    expect_the_same(output, "one");
    // One process talks.
    EXPECT_THAT(together.errors, HasSubstr("epoch 4: loss"));
    EXPECT_EQ(together.errors.find("epoch 4: loss"), together.errors.rfind("epoch 4: loss"));
  }
}

TEST_F(TrainByOpenMpi, AnErrorOfAllIsToldOnce) {
  const ProgramResult three = run_script(mpirun(3) + arguments("three"));
  EXPECT_NE(three.exit_code, 0);
  const std::string said = "3 processes need a multiple of 3 as microbatches, not 4";
  EXPECT_THAT(three.errors, HasSubstr(said));
  EXPECT_EQ(three.errors.find(said), three.errors.rfind(said)) << three.errors;
}

TEST_F(TrainByOpenMpi, AnErrorOfOneIsToldOnceWithItsRank) {
  // Rank 1 makes the second list's features, and finds them damaged.
  ASSERT_EQ(run_script("$harpy " + arguments("out") + " --epochs 1").exit_code, 0);
  for (const auto& file : std::filesystem::directory_iterator(folder("out.cache"))) {
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
  }
  const ProgramResult two = run_script(mpirun(2) + arguments("out") + " --resume");
  EXPECT_NE(two.exit_code, 0);
  EXPECT_THAT(two.errors, HasSubstr(".features: no whole file of features (truncated); remove it"));
  EXPECT_EQ(two.errors.find("harpy: error"), two.errors.rfind("harpy: error")) << two.errors;
}

TEST_F(TrainByOpenMpi, AKilledProcessEndsTheJobWhichResumesToTheBytesOfOneNeverKilled) {
  const ProgramResult straight = run_script(mpirun(2) + arguments("straight") + kManySteps);
  ASSERT_EQ(straight.exit_code, 0) << straight.errors;
  for (const char* rank : {"0", "1"}) {
    const ProgramResult killed = signalled("killed", "KILL", rank);
    EXPECT_NE(killed.exit_code, 0) << "rank " << rank << " was not killed in time";
    EXPECT_THAT(killed.errors, HasSubstr("exited on signal 9 (Killed)"));
    EXPECT_THAT(killed.errors, Not(HasSubstr("harpy: error")));
  }
  const ProgramResult stopped = signalled("killed", "TERM", "1");
  EXPECT_NE(stopped.exit_code, 0) << "rank 1 was not stopped in time";
  EXPECT_THAT(stopped.errors, HasSubstr("harpy: error: stopped; --resume goes on from"));
  const ProgramResult last = run_script(mpirun(2) + arguments("killed") + kManySteps);
  ASSERT_EQ(last.exit_code, 0) << last.errors;
  expect_the_same("killed", "straight");
}

TEST_F(TrainRanksProgram, ProcessesThatMpiDoesNotJoinAreRefused) {
  // As srun without --mpi starts them.
  const ProgramResult apart =
      run_script("SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_NTASKS=4 $harpy " + arguments("apart"));
  EXPECT_EQ(apart.exit_code, 1);
  EXPECT_THAT(apart.errors, HasSubstr("a Slurm step has started 4 processes, but MPI knows of 1"));
  EXPECT_FALSE(std::filesystem::exists(folder("apart")));
}

TEST_F(TrainRanksProgram, AStepOfSlurmMakesTheBytesOfOneProcess) {
  if (!is_slurm_installed()) GTEST_SKIP() << "needs Slurm (slurmctld, slurmd, slurm-client)";
  std::filesystem::create_directory(folder("slurm"));
  const ProgramResult together =
      run_script("slurm='" + folder("slurm").string() + "'\n" + kFakeSlurm +
                 "srun --mpi=list 2>&1 | grep -q pmix || { echo no PMIx; exit 0; }\n"
                 // PMIx cannot tell the two nodes apart, which are one machine.
                 "cd /\ntimeout 200 srun --mpi=pmix -N 1 -n 4 $harpy " +
                 arguments("step") + "\n");
  if (!together.output.empty()) GTEST_SKIP() << "needs Slurm with PMIx: " << together.output;
  ASSERT_EQ(together.exit_code, 0) << together.errors;
  ASSERT_EQ(run_script("$harpy " + arguments("one")).exit_code, 0);
  expect_the_same("step", "one");
}

}  // namespace
}  // namespace harpy

// An archive that several processes share, started by hand and by the engines that sites have.
#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/archive_fixture.hpp"
#include "tests/support/fake_slurm.hpp"
#include "tests/support/is_installed.hpp"
#include "tests/support/running_program.hpp"

namespace harpy {
namespace {

using harpy::testing::ArchiveTest;
using harpy::testing::is_installed;
using harpy::testing::is_slurm_installed;
using harpy::testing::kFakeSlurm;
using harpy::testing::read_bytes;
using harpy::testing::run_harpy;
using ::testing::HasSubstr;

class Archive : public ArchiveTest {
 protected:
  /// What all shards together have written into a folder is what one process writes.
  void expect_whole(const std::string& folder) {
    EXPECT_EQ(merged("jsonl", {file(folder).string()}),
              output_of(transcribe({"--format", "jsonl"})));
  }
};

TEST_F(Archive, ShardsInFoldersMergeToTheBytesOfOneProcess) {
  const std::string all = "text,json,jsonl,ctm,stm,lattice,srt";
  for (const char* shard : {"3/3", "1/3", "2/3"}) {
    output_of(transcribe({"--shard", shard, "--format", all, "--output", file("out").string()}));
  }
  for (const char* format : {"text", "json", "jsonl", "ctm", "stm", "lattice"}) {
    EXPECT_EQ(merged(format, {file("out").string()}), output_of(transcribe({"--format", format})))
        << format;
  }
  merged("srt", {file("out").string(), "--output", file("gathered").string()});
  EXPECT_EQ(read_bytes(file("gathered/deep/r3.srt")), read_bytes(file("out/deep/r3.srt")));
  EXPECT_EQ(run_harpy({"merge", file("in").string(), "--format", "srt", "--parts", "x"}).exit_code,
            2);
}

TEST_F(Archive, ShardsInFilesMergeAndAMissingOrDoubleOneIsAnError) {
  std::vector<std::string> parts;
  for (const char* number : {"1", "2", "3"}) {
    parts.push_back(file(std::string("part") + number).string());
    std::ofstream(parts.back()) << output_of(
        transcribe({"--shard", std::string(number) + "/3", "--format", "text"}));
  }
  EXPECT_EQ(merged("text", parts), output_of(transcribe({"--format", "text"})));
  const auto faulty = run_harpy({"merge", file("in").string(), "--parts", parts[0], parts[0],
                                 parts[1], "--output", file("all").string()});
  EXPECT_EQ(faulty.exit_code, 1);
  EXPECT_THAT(faulty.errors, HasSubstr(": no part has its result\n"));
  EXPECT_THAT(faulty.errors, HasSubstr(": is there more than once; the first was taken\n"));
  EXPECT_THAT(faulty.errors, HasSubstr("harpy: error: of 12 recordings "));
  EXPECT_NE(read_bytes(file("all")), "") << "what is there is written";
}

TEST_F(Archive, AShardOfNothingWritesNothingAndStandardInputHasNoShards) {
  EXPECT_EQ(output_of(transcribe({"--shard", "13/13"})), "");
  EXPECT_EQ(run_harpy({"transcribe", "--shard", "5/4", "x.wav"}).exit_code, 2);
  EXPECT_EQ(run_harpy({"transcribe", "--resume", "x.wav"}).exit_code, 2);
  const auto refused = run_harpy(
      {"transcribe", "--model", file("model").string(), "--shard", "1/2", "-"}, recording(0));
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("--shard: standard input is there for one process only"));
  const auto alone = run_harpy(transcribe({"--shard", "auto"}));
  EXPECT_EQ(alone.exit_code, 1);
  EXPECT_THAT(alone.errors, HasSubstr("--shard auto: no variables of Slurm, Open MPI"));
}

TEST_F(Archive, KilledAtRandomAndResumedItHasEveryResultOnceAndWhole) {
  const auto arguments =
      transcribe({"--resume", "--format", "jsonl,srt", "--output", file("out").string()});
  const auto begin = std::chrono::steady_clock::now();
  run_harpy(transcribe({"--format", "jsonl"}));
  const std::chrono::duration<double> whole = std::chrono::steady_clock::now() - begin;
  std::mt19937 random(std::random_device{}());
  for (int kills = 0; kills < 6; ++kills) {
    harpy::testing::RunningProgram program(arguments, file("log"));
    std::this_thread::sleep_for(whole * std::uniform_real_distribution<>(0.3, 1.0)(random));
    program.kill();
  }
  const auto last = run_harpy(arguments);
  EXPECT_EQ(last.exit_code, 0) << last.errors;
  expect_whole("out");
  const auto again = run_harpy(arguments);
  EXPECT_EQ(again.errors, "harpy: 12 of 12 recordings were done before\n");
  auto changed = arguments;
  changed.insert(changed.end(), {"--beam", "9"});
  EXPECT_THAT(run_harpy(changed).errors, HasSubstr("harpy: 0 of 12 recordings were done before"));
}

TEST_F(Archive, AWorkerAnswersEachLineBeforeTheNextIsThere) {
  const std::string answers = output_of_script(R"(
    coproc worker { $harpy work --model $model --jobs 2; }
    for line in '{"audio": "'$in'/r1.wav", "id": "a"}' 'nonsense' '{"audio": "absent.wav"}' \
                '{"audio": "'$in'/deep/r3.wav", "id": "b", "start": 0.1}'; do
      echo "$line" >&"${worker[1]}"
      read -r -t 60 answer <&"${worker[0]}" && echo "$answer"
    done
    exec {worker[1]}>&-
    wait $worker_PID)");
  EXPECT_THAT(answers, ::testing::MatchesRegex(
                           "\\{\"id\": \"a\".*\"text\": \"AND AND\".*\n"
                           "\\{\"error\": \"standard input:2: not JSON: .*\"\\}\n"
                           "\\{\"id\": \"absent.wav\", \"error\": \"absent.wav: no such file\"\\}\n"
                           "\\{\"id\": \"b\".*\"start\": 0.1,.*\n"));
}

TEST_F(Archive, FourProcessesOfOpenMpiShareIt) {
  if (!is_installed("mpirun")) GTEST_SKIP() << "needs mpirun (openmpi-bin)";
  output_of_script(R"(
    mpirun --allow-run-as-root --oversubscribe -n 4 \
      $harpy transcribe --model $model --shard auto --format jsonl --output $out $in)");
  EXPECT_TRUE(std::filesystem::exists(file("out/.harpy-done-4-of-4.jsonl")));
  expect_whole("out");
}

TEST_F(Archive, AStepAndAnArrayJobOfSlurmShareIt) {
  if (!is_slurm_installed()) GTEST_SKIP() << "needs Slurm (slurmctld, slurmd, slurm-client)";
  std::filesystem::create_directory(file("slurm"));
  const std::string said =
      output_of_script("slurm='" + file("slurm").string() + "'\n" + kFakeSlurm + R"(
    options="--model $model --shard auto --format jsonl --output"
    srun -N 2 -n 4 $harpy transcribe $options $out-step $in
    printf '#!/bin/sh\n%s\n' "$harpy transcribe $options $out-array $in" >job
    sbatch --wait --array=5-7 --output=job.%a job >&2
    cat job.?)");
  if (said.starts_with("the cluster does not start")) {
    GTEST_SKIP() << "needs a Slurm that starts here: " << said;
  }
  EXPECT_EQ(said, "");
  EXPECT_TRUE(std::filesystem::exists(file("out-step/.harpy-done-4-of-4.jsonl")));
  expect_whole("out-step");
  EXPECT_TRUE(std::filesystem::exists(file("out-array/.harpy-done-3-of-3.jsonl")));
  expect_whole("out-array");
}

}  // namespace
}  // namespace harpy

#include "tools/transcribe/shard.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy::tools {
namespace {

using ::testing::HasSubstr;

Recording lasting(const std::string& id, double seconds) {
  return {.id = id, .audio = id + ".wav", .duration_s = seconds};
}

/// Shards by the recordings' ids.
std::map<std::string, std::size_t> shards_by_id(const std::vector<Recording>& recordings,
                                                std::size_t count) {
  const std::vector<std::size_t> shards = assign_shards(recordings, count);
  EXPECT_EQ(shards.size(), recordings.size());
  std::map<std::string, std::size_t> by_id;
  for (std::size_t i = 0; i < shards.size(); ++i) by_id[recordings[i].id] = shards[i];
  return by_id;
}

TEST(ShardText, IsANumberFromOneOfACount) {
  EXPECT_EQ(parse_shard("1/1"), (Shard{1, 1}));
  EXPECT_EQ(parse_shard("7/12"), (Shard{7, 12}));
  for (const char* text : {"", "3", "0/4", "5/4", "1/0", "/", "1/", "/4", "-1/4", "1/4x", "a/b"}) {
    try {
      parse_shard(text);
      ADD_FAILURE() << text;
    } catch (const std::invalid_argument& error) {
      EXPECT_EQ(error.what(),
                "expected I/N with I from 1 to N, or auto, got \"" + std::string(text) + "\"");
    }
  }
}

TEST(Shards, GoToTheLeastLoadedFromTheLongestOn) {
  const std::vector<Recording> recordings{lasting("a", 3.0), lasting("b", 60.0), lasting("c", 30.0),
                                          lasting("d", 40.0)};
  // b to 1, d to 2, c to 2 (40 < 60), a to 1 (60 < 70).
  EXPECT_EQ(assign_shards(recordings, 2), (std::vector<std::size_t>{1, 1, 2, 2}));
}

TEST(Shards, ARecordingCountsForASecondAtLeastAndAnUnknownOneForTheMean) {
  // Without the least second all short ones would go to one shard.
  std::vector<Recording> recordings;
  for (int i = 0; i < 10; ++i) recordings.push_back(lasting("s" + std::to_string(i), 0.001));
  auto shards = assign_shards(recordings, 2);
  EXPECT_EQ(std::count(shards.begin(), shards.end(), 1U), 5);

  // The mean of 10 and 30 is 20: a 30 s recording to 1; the unknown one to 2, and 10 s to 2.
  Recording unknown = lasting("u", 0.0);
  unknown.with_ffmpeg = true;
  EXPECT_EQ(assign_shards({lasting("a", 10.0), unknown, lasting("c", 30.0)}, 2),
            (std::vector<std::size_t>{2, 2, 1}));
}

TEST(Shards, DoNotDependOnTheOrderOfTheListAndAreWithinTheBoundOfGraham) {
  std::mt19937 random(5);
  for (int round = 0; round < 50; ++round) {
    std::vector<Recording> recordings;
    const auto count = random() % 60;
    for (std::size_t i = 0; i < count; ++i) {
      // Many of the same length, so that ties count.
      recordings.push_back(
          lasting("r" + std::to_string(i), 1.0 + static_cast<double>(random() % 8)));
    }
    const std::size_t shard_count = 1 + random() % 7;
    const auto shards = shards_by_id(recordings, shard_count);
    std::shuffle(recordings.begin(), recordings.end(), random);
    EXPECT_EQ(shards_by_id(recordings, shard_count), shards);

    std::vector<double> loads(shard_count);
    double longest = 0.0;
    double sum = 0.0;
    for (const Recording& recording : recordings) {
      const std::size_t shard = shards.at(recording.id);
      ASSERT_GE(shard, 1U);
      ASSERT_LE(shard, shard_count);
      loads[shard - 1] += recording.duration_s;
      longest = std::max(longest, recording.duration_s);
      sum += recording.duration_s;
    }
    // No shard is emptier than the fullest one by more than a recording.
    EXPECT_LE(*std::max_element(loads.begin(), loads.end()) -
                  *std::min_element(loads.begin(), loads.end()),
              longest);
    EXPECT_LE(*std::max_element(loads.begin(), loads.end()),
              sum / static_cast<double>(shard_count) + longest);
  }
}

TEST(Shards, PartsOfOneFileAreToldApartByTheirStretch) {
  std::vector<Recording> recordings;
  for (int i = 0; i < 6; ++i) {
    recordings.push_back(
        {.id = "same", .audio = "x.wav", .start_s = 5.0 * i, .end_s = 5.0 * i + 5});
  }
  const auto shards = assign_shards(recordings, 3);
  std::reverse(recordings.begin(), recordings.end());
  auto reversed = assign_shards(recordings, 3);
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(reversed, shards);
}

using Variables = std::map<std::string, std::string>;

Shard shard_with(const Variables& variables) {
  return shard_of_environment([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

std::string refusal_of(const Variables& variables) {
  try {
    const Shard shard = shard_with(variables);
    return "no error, but " + std::to_string(shard.number) + "/" + std::to_string(shard.count);
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("--shard auto: "));
    EXPECT_THAT(error.what(), HasSubstr("name the shard by --shard I/N"));
    return error.what();
  }
}

const Variables kArrayTask{{"SLURM_ARRAY_TASK_ID", "7"},
                           {"SLURM_ARRAY_TASK_COUNT", "4"},
                           {"SLURM_ARRAY_TASK_MIN", "1"},
                           {"SLURM_ARRAY_TASK_MAX", "10"},
                           {"SLURM_ARRAY_TASK_STEP", "3"}};
const Variables kStep{{"SLURM_STEP_ID", "0"}, {"SLURM_PROCID", "2"}, {"SLURM_NTASKS", "5"}};
const Variables kOpenMpi{{"OMPI_COMM_WORLD_RANK", "3"}, {"OMPI_COMM_WORLD_SIZE", "4"}};
const Variables kIndexedJob{{"JOB_COMPLETION_INDEX", "0"}, {"JOB_COMPLETIONS", "16"}};

Variables joined(Variables variables, const Variables& others) {
  variables.insert(others.begin(), others.end());
  return variables;
}
Variables changed(Variables variables, const std::string& name, const std::string& value) {
  variables[name] = value;
  return variables;
}

TEST(ShardOfEnvironment, EachSystemTellsItsOwn) {
  EXPECT_EQ(shard_with(kArrayTask), (Shard{3, 4}));
  EXPECT_EQ(shard_with({{"SLURM_ARRAY_TASK_ID", "0"},
                        {"SLURM_ARRAY_TASK_COUNT", "3"},
                        {"SLURM_ARRAY_TASK_MIN", "0"},
                        {"SLURM_ARRAY_TASK_MAX", "2"}}),
            (Shard{1, 3}));
  EXPECT_EQ(shard_with(kStep), (Shard{3, 5}));
  EXPECT_EQ(shard_with(kOpenMpi), (Shard{4, 4}));
  EXPECT_EQ(shard_with({{"PMI_RANK", "0"}, {"PMI_SIZE", "2"}}), (Shard{1, 2}));
  EXPECT_EQ(shard_with(kIndexedJob), (Shard{1, 16}));
}

TEST(ShardOfEnvironment, RanksDivideTheTaskOfAnArray) {
  EXPECT_EQ(shard_with(joined(kArrayTask, kStep)), (Shard{2 * 5 + 2 + 1, 20}));
  EXPECT_EQ(shard_with(joined(kIndexedJob, kOpenMpi)), (Shard{4, 64}));
  // The variables of a batch script, in which there is no step.
  EXPECT_EQ(shard_with(joined(kArrayTask, {{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "5"}})),
            (Shard{3, 4}));
}

TEST(ShardOfEnvironment, TheRanksOfMpirunGoBeforeThoseOfTheStepThatStartedIt) {
  EXPECT_EQ(shard_with(joined(kStep, kOpenMpi)), (Shard{4, 4}));
  EXPECT_EQ(shard_with(changed(kOpenMpi, "PMIX_RANK", "3")), (Shard{4, 4}));
  EXPECT_EQ(shard_with(changed(kStep, "PMIX_RANK", "2")), (Shard{3, 5}));
}

TEST(ShardOfEnvironment, WhatIsMissingOrContradictsItselfIsOneError) {
  EXPECT_THAT(refusal_of({}), HasSubstr("no variables of Slurm, Open MPI, PMI"));
  EXPECT_THAT(refusal_of({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "5"}}),
              HasSubstr("no variables of Slurm"));
  EXPECT_THAT(refusal_of(joined(kArrayTask, kIndexedJob)),
              HasSubstr("a process of a Kubernetes Indexed Job, but also one of a Slurm array"));
  EXPECT_THAT(refusal_of({{"JOB_COMPLETION_INDEX", "0"}}),
              HasSubstr("JOB_COMPLETIONS does not say of how many"));
  EXPECT_THAT(refusal_of({{"PMIX_RANK", "2"}}), HasSubstr("PMIX_RANK is 2, but nothing says of"));
  EXPECT_THAT(refusal_of(changed(kOpenMpi, "PMIX_RANK", "1")),
              HasSubstr("PMIX_RANK is 1, but the rank of Open MPI is 3"));
  EXPECT_THAT(refusal_of(changed(kOpenMpi, "OMPI_COMM_WORLD_RANK", "4")),
              HasSubstr("index 4 from 0 on in steps of 1 is none of 4 without gaps"));
  EXPECT_THAT(refusal_of(changed(kOpenMpi, "OMPI_COMM_WORLD_SIZE", "four")),
              HasSubstr("OMPI_COMM_WORLD_SIZE is \"four\", not a number"));
  // sbatch --array=1,3,7: of its three tasks nothing tells the second.
  const Variables uneven{{"SLURM_ARRAY_TASK_ID", "3"},
                         {"SLURM_ARRAY_TASK_COUNT", "3"},
                         {"SLURM_ARRAY_TASK_MIN", "1"},
                         {"SLURM_ARRAY_TASK_MAX", "7"}};
  EXPECT_THAT(refusal_of(uneven), HasSubstr("is none of 3 without gaps"));
  EXPECT_THAT(refusal_of(changed(kArrayTask, "SLURM_ARRAY_TASK_ID", "8")),
              HasSubstr("a Slurm array job, but index 8"));
  EXPECT_THAT(refusal_of(changed(kArrayTask, "SLURM_ARRAY_TASK_STEP", "0")),
              HasSubstr("a Slurm array job"));
}

}  // namespace
}  // namespace harpy::tools

#include "acoustic/training/training_log.hpp"

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::ifstream stream(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

EpochReport report_of(std::int64_t epoch) {
  EpochReport report;
  report.epoch = epoch;
  report.loss_per_frame = 0.5;
  report.validation.label_error_rate = 0.25;
  return report;
}

TEST(TrainingLog, HasARowAnEpochAndDropsThoseAfterTheResumedOne) {
  const testing::TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "log.tsv";
  {
    TrainingLog log(path, 0);
    for (std::int64_t epoch = 1; epoch <= 3; ++epoch) log.append(report_of(epoch), 10.0);
  }
  {
    TrainingLog log(path, 2);
    log.append(report_of(3), 20.0);
  }
  EXPECT_THAT(lines_of(path), ElementsAre(StartsWith("epoch\tstep"), StartsWith("1\t"),
                                          StartsWith("2\t"), "3\t0\t0\t0\t0.5\t0\t0\t0.25\t20"));
  TrainingLog(path, 0);
  EXPECT_EQ(lines_of(path).size(), 1U);
}

TEST(TrainingLog, SaysWhereItCannotBeWritten) {
  const testing::TemporaryDirectory directory;
  EXPECT_THROW(TrainingLog(directory.path() / "no/folder/log.tsv", 0), std::runtime_error);
}

}  // namespace
}  // namespace harpy

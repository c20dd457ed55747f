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
using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

class TrainingLogTest : public ::testing::Test {
 protected:
  std::vector<std::string> lines() const {
    std::ifstream stream(path_);
    std::vector<std::string> found;
    for (std::string line; std::getline(stream, line);) found.push_back(line);
    return found;
  }

  static TrainingLogRow row(std::int64_t epoch, double elapsed_s = 10.0) {
    EpochReport report;
    report.epoch = epoch;
    report.step = 100 * epoch;
    report.loss_per_frame = 0.5;
    report.skipped = 2;
    report.learning_rate = 0.003;
    report.gradient_norm = 1.25;
    report.validation.loss_per_frame = 0.75;
    report.validation.label_error_rate = 0.25;
    return make_log_row(report, elapsed_s);
  }

  testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "log.tsv";
};

TEST_F(TrainingLogTest, HasARowAnEpoch) {
  TrainingLog log(path_, 0);
  log.append(row(1));
  TrainingLogRow measured = row(2);
  measured.dev_word_error_rate = 0.125;
  log.append(measured);
  EXPECT_THAT(lines(), ElementsAre("epoch\tstep\tlearning_rate\tgradient_norm\ttrain_loss\tskipped"
                                   "\tdev_loss\tdev_error_rate\tdev_word_error_rate\telapsed_s",
                                   "1\t100\t0.003\t1.25\t0.5\t2\t0.75\t0.25\t\t10",
                                   "2\t200\t0.003\t1.25\t0.5\t2\t0.75\t0.25\t0.125\t10"));
  EXPECT_THAT(log.rows(), ElementsAre(row(1), measured));
}

TEST_F(TrainingLogTest, DropsTheEpochsAfterTheResumedOne) {
  {
    TrainingLog log(path_, 0);
    for (std::int64_t epoch = 1; epoch <= 3; ++epoch) log.append(row(epoch));
  }
  {
    TrainingLog log(path_, 2);
    EXPECT_THAT(log.rows(), ElementsAre(row(1), row(2)));
    log.append(row(3, 20.0));
    EXPECT_THAT(log.rows(), ElementsAre(row(1), row(2), row(3, 20.0)));
  }
  EXPECT_THAT(lines(), ElementsAre(StartsWith("epoch\t"), StartsWith("1\t"), StartsWith("2\t"),
                                   StartsWith("3\t")));
  TrainingLog(path_, 0);
  EXPECT_EQ(lines().size(), 1U);
}

TEST_F(TrainingLogTest, ReadsLogsWithOtherColumns) {
  std::ofstream(path_) << "epoch\ttrain_loss\tmood\n1\t0.5\tgood\n2\t0.4\tbad\n3\t0.3\tcut o";
  const TrainingLog log(path_, 5);
  ASSERT_EQ(log.rows().size(), 2U);
  EXPECT_EQ(log.rows()[1].epoch, 2);
  EXPECT_EQ(log.rows()[1].train_loss, 0.4);
  EXPECT_FALSE(log.rows()[1].dev_word_error_rate.has_value());
}

TEST_F(TrainingLogTest, ErrorsNameTheFileAndLine) {
  EXPECT_THROW(TrainingLog(directory_.path() / "no/folder/log.tsv", 0), std::runtime_error);
  for (const char* bad : {"1\n", "1\thigh\n", "one\t0.5\n", "\n"}) {
    std::ofstream(path_) << "epoch\ttrain_loss\n1\t0.5\n" << bad;
    EXPECT_THAT([&] { TrainingLog(path_, 3); },
                ThrowsMessage<std::runtime_error>(HasSubstr("log.tsv:3: not a row")))
        << bad;
  }
}

}  // namespace
}  // namespace harpy

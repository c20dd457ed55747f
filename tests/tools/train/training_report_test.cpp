#include "tools/train/training_report.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class TrainReport : public ::testing::Test {
 protected:
  std::string report(const std::vector<TrainingLogRow>& rows) const {
    const TrainingReportFacts facts{"Training of <a & b>",
                                    {{"Parameters", "4.5 million"}},
                                    "{\"epochs\": 20, \"note\": \"<x>\"}",
                                    "log.tsv"};
    write_training_report(path_, facts, rows);
    std::ifstream stream(path_);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  static TrainingLogRow row(std::int64_t epoch, double error_rate) {
    TrainingLogRow made;
    made.epoch = epoch;
    made.step = 50 * epoch;
    made.train_loss = 1.0 / static_cast<double>(epoch);
    made.dev_loss = 1.5 / static_cast<double>(epoch);
    made.dev_error_rate = error_rate;
    made.elapsed_s = 90.0 * static_cast<double>(epoch);
    return made;
  }

  harpy::testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "report.html";
};

TEST_F(TrainReport, ShowsTheBestEpochTheCurvesAndAllEpochs) {
  const std::string page = report({row(1, 0.5), row(2, 0.21), row(3, 0.25)});
  EXPECT_THAT(page, HasSubstr("Best network: epoch 2 of 3 done, with 21.00 % label errors on"));
  EXPECT_THAT(page, HasSubstr("Parameters</dt><dd>4.5 million"));
  for (const char* curve : {"Loss per output frame", "Label errors on the development set",
                            "Learning rate", "Gradient norm", "development at 3: 0.5"}) {
    EXPECT_THAT(page, HasSubstr(curve));
  }
  EXPECT_THAT(page, HasSubstr("<tr class=\"best-row\"><td>2</td><td>100</td>"));
  EXPECT_THAT(page, HasSubstr("<td>4:30</td></tr>"));
  EXPECT_THAT(page, HasSubstr("href=\"log.tsv\""));
  EXPECT_FALSE(harpy::testing::holds_unfinished_file(path_.parent_path()));
}

TEST_F(TrainReport, EscapesWhatItIsGivenAndNeedsNothingFromOutside) {
  const std::string page = report({row(1, 0.5)});
  EXPECT_THAT(page, HasSubstr("Training of &lt;a &amp; b&gt;"));
  EXPECT_THAT(page, HasSubstr("&quot;note&quot;: &quot;&lt;x&gt;&quot;"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("src=")));
}

TEST_F(TrainReport, ShowsWordErrorsWhereTheyWereMeasured) {
  std::vector<TrainingLogRow> rows{row(1, 0.5), row(2, 0.25), row(3, 0.2)};
  EXPECT_THAT(report(rows), Not(HasSubstr("words at")));
  rows[2].dev_word_error_rate = 0.125;
  const std::string page = report(rows);
  EXPECT_THAT(page, HasSubstr("words at 3: 12.5"));
  EXPECT_THAT(page, HasSubstr("20.00 % label errors and 12.50 % word errors"));
  EXPECT_THAT(page, HasSubstr("<td>25.00 %</td><td>–</td>"));
}

TEST_F(TrainReport, IsWholeBeforeTheFirstEpoch) {
  EXPECT_THAT(report({}), HasSubstr("No epoch is done yet"));
}

TEST_F(TrainReport, SaysWhereItCannotBeWritten) {
  EXPECT_THROW(write_training_report(directory_.path() / "no/folder", {}, {}), std::runtime_error);
}

}  // namespace
}  // namespace harpy::tools

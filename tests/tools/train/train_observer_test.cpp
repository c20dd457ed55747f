#include "tools/train/train_observer.hpp"

#include <csignal>

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "acoustic/backend/backend.hpp"
#include "models/files/checksum.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tools/terminal/stop_signal.hpp"
#include "tools/train/trained_package.hpp"

namespace harpy::tools {
namespace {

namespace fs = std::filesystem;

boost::json::object observed_network() {
  return boost::json::parse(R"({"input_dim": 3, "trunk": [],
                                "heads": {"ctc": [{"type": "linear", "output_dim": 2}]}})")
      .as_object();
}

class TrainObserverTest : public ::testing::Test {
 protected:
  TrainObserverTest() {
    model_.name = "observed";
    model_.network = observed_network();
    model_.head = "ctc";
    model_.units = {"<blk>", "A"};
    model_.acoustic_file = "acoustic.safetensors";
    model_.graph_file = "graph.harpy";
  }

  std::string stored_checksum() const {
    return read_model_description(directory_.path() / "model.json").acoustic_checksum;
  }

  harpy::testing::TemporaryDirectory directory_;
  std::unique_ptr<Backend> backend_ = create_backend({});
  Network network_{*backend_, observed_network(), 1};
  ModelDescription model_;
};

TEST_F(TrainObserverTest, KeepsThePackageOfTheBestEpoch) {
  TrainObserver observer({.folder = directory_.path(), .model = model_}, *backend_, network_);
  observer.epoch_done({.epoch = 1, .is_best = false});
  EXPECT_TRUE(has_trained_package(directory_.path(), model_))
      << "the first one is better than none";
  const std::string first = stored_checksum();
  EXPECT_EQ(first, file_checksum(directory_.path() / "acoustic.safetensors"));

  network_ = Network(*backend_, observed_network(), 2);
  observer.epoch_done({.epoch = 2, .is_best = false});
  EXPECT_EQ(stored_checksum(), first) << "a worse epoch changes nothing";
  observer.epoch_done({.epoch = 3, .is_best = true});
  EXPECT_NE(stored_checksum(), first);
  EXPECT_EQ(stored_checksum(), file_checksum(directory_.path() / "acoustic.safetensors"));
}

TEST_F(TrainObserverTest, LogsAndReportsEveryEpoch) {
  TrainObserver observer(
      {.folder = directory_.path(), .model = model_, .report = {.title = "Observed"}}, *backend_,
      network_);
  observer.epoch_done({.epoch = 1, .is_best = true});
  observer.epoch_done({.epoch = 2, .is_best = false});
  EXPECT_EQ(TrainingLog(directory_.path() / "log.tsv", 9).rows().size(), 2U);
  EXPECT_TRUE(fs::exists(directory_.path() / "report.html"));
}

TEST_F(TrainObserverTest, StopsAfterTheStepInWhichASignalComes) {
  TrainObserver observer({.folder = directory_.path(), .model = model_}, *backend_, network_);
  const StepReport step{.epoch = 1, .epochs = 1, .step = 1, .total_steps = 2};
  EXPECT_TRUE(observer.step_done(step));
  note_stop_signals();
  std::raise(SIGTERM);
  EXPECT_FALSE(observer.step_done(step));
}

TEST(WordErrorValidation, IsDueAtItsIntervalAndAtTheEnd) {
  const WordErrorValidation words{.interval_epochs = 3, .last_epoch = 7};
  EXPECT_FALSE(words.is_due(2));
  EXPECT_TRUE(words.is_due(3));
  EXPECT_TRUE(words.is_due(6));
  EXPECT_TRUE(words.is_due(7));
}

}  // namespace
}  // namespace harpy::tools

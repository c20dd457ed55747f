#include "acoustic/training/checkpoint.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "acoustic/training/checked_file.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;

class CheckpointTest : public ::testing::Test {
 protected:
  CheckpointTest()
      : backend_(create_backend({})),
        weight_(backend_->from_host({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6})),
        bias_(backend_->from_host({2}, std::vector<float>{-1, 0.1F})) {
    progress_ = {5, 77, 20, 3, 14, 159, 26.535, 8979, 3, 2.5, 2, 0.125};
  }

  std::vector<NamedTensor> tensors() { return {{"weight", &weight_}, {"bias", &bias_}}; }
  std::filesystem::path path() const { return directory_.path() / "checkpoint"; }
  std::string error_of(const std::vector<NamedTensor>& into) {
    try {
      read_checkpoint(path(), *backend_, into);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "no error";
  }

  testing::TemporaryDirectory directory_;
  std::unique_ptr<Backend> backend_;
  Tensor weight_;
  Tensor bias_;
  TrainingProgress progress_;
};

TEST_F(CheckpointTest, ComesBackAsItWasWritten) {
  write_checkpoint(path(), *backend_, progress_, tensors());
  Tensor weight = backend_->zeros({2, 3});
  Tensor bias = backend_->zeros({2});
  const std::vector<NamedTensor> into{{"weight", &weight}, {"bias", &bias}};
  EXPECT_EQ(read_checkpoint(path(), *backend_, into), progress_);
  EXPECT_EQ(backend_->to_host(weight), backend_->to_host(weight_));
  EXPECT_EQ(backend_->to_host(bias), backend_->to_host(bias_));
  EXPECT_FALSE(testing::holds_unfinished_file(path().parent_path()));
}

TEST_F(CheckpointTest, ReadsTheFirstVersionWhichKnowsNoBestEpoch) {
  {
    CheckedFileWriter writer(path());
    writer.write("HFPCKPT1", 8);
    writer.write(&progress_, offsetof(TrainingProgress, best_epoch));
    for (const NamedTensor& named : tensors()) {
      const std::vector<float> values = backend_->to_host(*named.tensor);
      const std::array<std::uint64_t, 2> sizes{named.name.size(), values.size()};
      writer.write(sizes.data(), sizeof(sizes));
      writer.write(named.name.data(), named.name.size());
      writer.write(values.data(), values.size() * sizeof(float));
    }
    writer.commit();
  }
  Tensor weight = backend_->zeros({2, 3});
  Tensor bias = backend_->zeros({2});
  const std::vector<NamedTensor> into{{"weight", &weight}, {"bias", &bias}};
  TrainingProgress expected = progress_;
  expected.best_epoch = 0;
  expected.best_error_rate = 0.0;
  EXPECT_EQ(read_checkpoint(path(), *backend_, into), expected);
  EXPECT_EQ(backend_->to_host(weight), backend_->to_host(weight_));
}

TEST_F(CheckpointTest, RefusesOtherTensors) {
  write_checkpoint(path(), *backend_, progress_, tensors());
  Tensor other = backend_->zeros({3, 3});
  EXPECT_THAT(error_of({{"weight", &other}, {"bias", &bias_}}),
              HasSubstr("expected weight [3, 3]"));
  EXPECT_THAT(error_of({{"height", &weight_}, {"bias", &bias_}}), HasSubstr("found weight"));
  EXPECT_THAT(error_of({{"weight", &weight_}}), HasSubstr("another network"));
  EXPECT_NE(error_of({{"weight", &weight_}, {"bias", &bias_}, {"more", &bias_}}), "no error");
}

TEST_F(CheckpointTest, RefusesEveryTruncationAndAlteredByteAndChangesNothing) {
  write_checkpoint(path(), *backend_, progress_, tensors());
  std::ifstream in(path(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  Tensor weight = backend_->zeros({2, 3});
  Tensor bias = backend_->zeros({2});
  const std::vector<NamedTensor> into{{"weight", &weight}, {"bias", &bias}};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::ofstream(path(), std::ios::binary) << bytes.substr(0, i);
    EXPECT_NE(error_of(into), "no error") << i;
    std::string altered = bytes;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    std::ofstream(path(), std::ios::binary) << altered;
    EXPECT_NE(error_of(into), "no error") << i;
  }
  EXPECT_THAT(backend_->to_host(weight), ::testing::Each(0.0F));
}

TEST_F(CheckpointTest, SaysWhereItCannotBeWritten) {
  EXPECT_THROW(write_checkpoint(directory_.path() / "no/folder", *backend_, progress_, tensors()),
               std::runtime_error);
}

}  // namespace
}  // namespace harpy

// Every truncation of each file of a model, and many changes of its bytes, end in one clear error
// or in a package that loads.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include <unistd.h>

#include "kaldi/conversion.hpp"
#include "service/recognizer/model_package.hpp"
#include "tests/kaldi/tiny_kaldi_model.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {
namespace {

namespace fs = std::filesystem;

class MalformedKaldiModels : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    write_tiny_kaldi_model(folder_);
    path_ = folder_ / GetParam();
    const std::string name = path_.filename();
    std::ofstream(folder_ / "am/global_cmvn.stats", std::ios::binary) << mean_file_bytes(true);
    if (name == "HCLr.fst" || name == "Gr.fst" || name == "disambig_tid.int") {
      fs::remove(folder_ / "graph/HCLG.fst");
      add_graph_parts(folder_);
    } else {
      add_second_pass(folder_);
    }
    std::ifstream stream(path_, std::ios::binary);
    bytes_ = {std::istreambuf_iterator<char>(stream), {}};
    ASSERT_NO_THROW(kaldi::convert_model(folder_, package_));
  }

  /// Converts the model with other bytes in the place of the file's.
  void expect_error_or_package(const std::string& bytes) {
    fs::remove(path_);  // a new file is faster than one that is cut to nothing
    std::ofstream(path_, std::ios::binary) << bytes;
    try {
      kaldi::convert_model(folder_, package_);
      ++package_count_;
    } catch (const std::runtime_error& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with(folder_.string())) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      ++error_count_;
      return;
    }
    EXPECT_NO_THROW(ModelPackage::load(*backend_, package_));
  }

  /// Thousands of packages are written and synced: into memory, where it has a place for files.
  const bool is_in_memory_ =
      ::access("/dev/shm", W_OK) == 0 && ::setenv("TMPDIR", "/dev/shm", 0) == 0;
  const TemporaryDirectory directory_;
  const fs::path folder_ = directory_.path() / "model";
  const fs::path package_ = directory_.path() / "package";
  const std::unique_ptr<Backend> backend_ = create_backend({});
  fs::path path_;
  std::string bytes_;
  int package_count_ = 0;
  int error_count_ = 0;
};

TEST_P(MalformedKaldiModels, EveryTruncation) {
  for (std::size_t length = 0; length < bytes_.size() && !HasFailure(); ++length) {
    SCOPED_TRACE(length);
    expect_error_or_package(bytes_.substr(0, length));
  }
}

TEST_P(MalformedKaldiModels, ChangesOfBytes) {
  std::mt19937 random(17);
  for (int round = 0; round < 2000 && !HasFailure(); ++round) {
    SCOPED_TRACE(round);
    std::string bytes = bytes_;
    for (auto changes = 1 + random() % 3; changes > 0 && !bytes.empty(); --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    expect_error_or_package(bytes);
  }
}

INSTANTIATE_TEST_SUITE_P(
    OfEveryFile, MalformedKaldiModels,
    ::testing::Values("am/final.mdl", "am/global_cmvn.stats", "conf/mfcc.conf", "conf/model.conf",
                      "graph/HCLG.fst", "graph/HCLr.fst", "graph/Gr.fst", "graph/disambig_tid.int",
                      "graph/words.txt", "graph/phones.txt", "graph/phones/word_boundary.int",
                      "ivector/splice.conf", "ivector/online_cmvn.conf", "ivector/final.dubm",
                      "ivector/final.ie", "ivector/final.mat", "ivector/global_cmvn.stats",
                      "rescore/G.carpa", "rescore/G.fst"),
    [](const auto& file) {
      std::string name = file.param;
      for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
      return name;
    });

}  // namespace
}  // namespace harpy::testing

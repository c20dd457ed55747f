// Changed and cut files of Kaldi's models: one error that names the file, or a valid result.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "kaldi/acoustic_file.hpp"
#include "kaldi/conversion.hpp"
#include "kaldi/ivector_files.hpp"
#include "tests/fuzz/malformed_files.hpp"
#include "tests/kaldi/network_outputs.hpp"
#include "tests/kaldi/tiny_kaldi_model.hpp"

namespace harpy {
namespace {

namespace fs = std::filesystem;

/// Files of one kind, of which every cut and many changes are read.
class MalformedKaldi : public testing::MalformedFiles {
 protected:
  void read_cut_and_changed(const std::vector<std::string>& samples,
                            const std::function<void(const fs::path&)>& read) {
    for (const std::string& sample : samples) {
      for (std::size_t size = 0; size < sample.size(); ++size) {
        fs::remove(path_);
        std::ofstream(path_, std::ios::binary) << sample.substr(0, size);
        try {
          read(path_);
        } catch (const std::runtime_error& error) {
          EXPECT_EQ(std::string(error.what()).rfind(path_.string() + ":", 0), 0U) << error.what();
        }
      }
    }
    run(samples, read);
  }

  /// The same of a file of the folder of i-vectors.
  void read_changed_ivector_file(const char* name, const std::string& binary,
                                 const std::string& text) {
    const fs::path model = directory_.path() / "model";
    testing::write_tiny_kaldi_model(model);
    path_ = model / "ivector" / name;
    read_cut_and_changed({binary, text}, [&](const fs::path&) {
      // Faults of two files that do not fit may be told of either.
      try {
        kaldi::read_ivector_files(model / "ivector");
      } catch (const std::runtime_error& error) {
        const std::string message = error.what();
        const std::string folder = (model / "ivector").string();
        ASSERT_EQ(message.rfind(folder, 0), 0U) << message;
        throw std::runtime_error(path_.string() + ": " + message.substr(folder.size()));
      }
    });
  }
};

TEST_F(MalformedKaldi, AcousticModelsAreReadOrRefused) {
  read_cut_and_changed({testing::acoustic_file_bytes(true), testing::acoustic_file_bytes(false)},
                       [](const fs::path& path) {
                         const kaldi::AcousticFile file = kaldi::read_acoustic_file(path);
                         const auto backend = create_backend({});
                         try {
                           kaldi::make_network(*backend, file.nnet, 3,
                                               testing::all_outputs(file.nnet));
                         } catch (const std::runtime_error& error) {
                           throw std::runtime_error(path.string() + ": " + error.what());
                         }
                       });
}

TEST_F(MalformedKaldi, MixturesAreReadOrRefused) {
  read_changed_ivector_file("final.dubm", testing::mixture_file_bytes(true),
                            testing::mixture_file_bytes(false));
}

TEST_F(MalformedKaldi, ExtractorsAreReadOrRefused) {
  read_changed_ivector_file("final.ie", testing::extractor_file_bytes(true),
                            testing::extractor_file_bytes(false));
}

TEST_F(MalformedKaldi, ProjectionsAreReadOrRefused) {
  read_changed_ivector_file("final.mat", testing::projection_file_bytes(true),
                            testing::projection_file_bytes(false));
}

TEST_F(MalformedKaldi, MeansAreReadOrRefused) {
  read_changed_ivector_file("global_cmvn.stats", testing::mean_file_bytes(true),
                            testing::mean_file_bytes(false));
}

}  // namespace
}  // namespace harpy

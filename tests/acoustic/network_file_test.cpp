#include "acoustic/network_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/acoustic/random_values.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class NetworkFile : public ::testing::Test {
 protected:
  std::unique_ptr<Backend> backend_ = create_backend({});
  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "network.safetensors";
  std::mt19937 random_{1};
  Tensor a_ = random_tensor(*backend_, {2, 3}, random_);
  Tensor b_ = random_tensor(*backend_, {4}, random_);
  std::vector<NamedTensor> tensors_{{"trunk.0.weight", &a_}, {"trunk.0.bias", &b_}};

  void write_bytes(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary).write(bytes.data(), std::ssize(bytes));
  }
  std::string read_bytes() {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  /// A file of the given header and 40 bytes of values.
  void write_header(const std::string& header, std::uint64_t length) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(length >> (8 * i));
    write_bytes(bytes + header + std::string(40, '\0'));
  }
  void expect_refused(const std::string& part) {
    try {
      read_network_file(path_, *backend_, tensors_);
      ADD_FAILURE() << "accepted: " << part;
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr(path_.string()), HasSubstr(part)));
    }
  }
};

constexpr char kWeight[] =
    R"("trunk.0.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]})";
constexpr char kBias[] =
    R"("trunk.0.bias": {"dtype": "F32", "shape": [4], "data_offsets": [24, 40]})";

TEST_F(NetworkFile, GivesBackWhatWasWritten) {
  const std::vector<float> a = backend_->to_host(a_), b = backend_->to_host(b_);
  write_network_file(path_, *backend_, tensors_, {{"version", "1"}, {"note", "\"quoted\"\n"}});
  const std::string bytes = read_bytes();
  EXPECT_EQ(bytes.size() % 8, 0U);
  backend_->fill(0.0F, a_);
  backend_->fill(0.0F, b_);
  const FileMetadata metadata = read_network_file(path_, *backend_, tensors_);
  EXPECT_EQ(metadata, (FileMetadata{{"version", "1"}, {"note", "\"quoted\"\n"}}));
  EXPECT_EQ(backend_->to_host(a_), a);
  EXPECT_EQ(backend_->to_host(b_), b);
  write_network_file(path_, *backend_, tensors_, metadata);
  EXPECT_EQ(read_bytes(), bytes);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 1);
}

TEST_F(NetworkFile, MayHoldHalfPrecisionNumbers) {
  std::string bytes(8, '\0');
  const std::string header =
      R"({"trunk.0.weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},)"
      R"( "trunk.0.bias": {"dtype": "F16", "shape": [4], "data_offsets": [24, 32]}})";
  bytes[0] = static_cast<char>(header.size());
  bytes += header + std::string(24, '\0');
  bytes += std::string("\x00\x3C\x00\xC1\xFF\x7B\x01\x80", 8);  // little-endian
  write_bytes(bytes);
  read_network_file(path_, *backend_, tensors_);
  EXPECT_THAT(backend_->to_host(a_), ::testing::Each(0.0F));
  EXPECT_THAT(backend_->to_host(b_), ::testing::ElementsAre(1.0F, -2.5F, 65504.0F, -0x1p-24F));
  write_bytes(bytes.substr(0, bytes.size() - 1));
  expect_refused("expected a range within 31 bytes");
}

TEST_F(NetworkFile, OfAnotherWriterIsReadInAnyOrder) {
  const std::string header =
      std::string("{") +
      R"("trunk.0.bias": {"shape": [4], "dtype": "F32", "data_offsets": [0, 16]},
      "trunk.0.weight": {"data_offsets": [16, 40], "dtype": "F32", "shape": [2, 3]}})";
  write_header(header, header.size());
  EXPECT_TRUE(read_network_file(path_, *backend_, tensors_).empty());
  EXPECT_THAT(backend_->to_host(a_), ::testing::Each(0.0F));
}

TEST_F(NetworkFile, WithAnImpossibleHeaderIsRefusedByFileAndTensor) {
  struct Case {
    std::string header, part;
  };
  const std::string weight = kWeight, bias = kBias;
  for (
      const auto& [header, part] : {
          Case{"{" + weight + "}", "\"trunk.0.bias\": missing"},
          Case{"{" + weight + "," + bias +
                   R"(, "x": {"dtype": "F32", "shape": [0], "data_offsets": [40, 40]}})",
               "\"x\": unexpected"},
          Case{"[]", "no JSON object"},
          Case{"{" + weight, "no JSON"},
          Case{"{" + weight + R"(, "trunk.0.bias": 3})", "trunk.0.bias"},
          Case{"{" + weight +
                   R"(, "trunk.0.bias": {"dtype": "I16", "shape": [4], "data_offsets": [24, 40]}})",
               "expected dtype F32 or F16, got I16"},
          Case{
              "{" + weight +
                  R"(, "trunk.0.bias": {"dtype": "F32", "shape": [2, 2], "data_offsets": [24, 40]}})",
              "expected shape [4], got [2,2]"},
          Case{"{" + weight +
                   R"(, "trunk.0.bias": {"dtype": "F32", "shape": [4], "data_offsets": [20, 36]}})",
               "begins at byte 20"},
          Case{"{" + weight +
                   R"(, "trunk.0.bias": {"dtype": "F32", "shape": [4], "data_offsets": [28, 44]}})",
               "trunk.0.bias"},
          Case{"{" + weight +
                   R"(, "trunk.0.bias": {"dtype": "F32", "shape": [4], "data_offsets": [40, 24]}})",
               "trunk.0.bias"},
          Case{"{" + weight +
                   R"(, "trunk.0.bias": {"dtype": "F32", "shape": [4], "data_offsets": [-16, 0]}})",
               "trunk.0.bias"},
          Case{"{" + weight +
                   R"(, "trunk.0.bias": {"dtype": "F32", "shape": [4], "data_offsets": [24]}})",
               "trunk.0.bias"},
          Case{"{" + weight + R"(, "trunk.0.bias": {"dtype": "F32", "shape": [4]}})",
               "data_offsets"},
          Case{R"({"__metadata__": 3})", "__metadata__"},
          Case{R"({"__metadata__": {"a": 3}})", "\"a\" is no text"},
      }) {
    write_header(header, header.size());
    expect_refused(part);
  }
  const std::string good = "{" + weight + "," + bias + "}";
  write_header(good, ~std::uint64_t{0});
  expect_refused("does not fit");
  write_header(good, good.size() + 41);
  expect_refused("does not fit");
  write_header(std::string(8, '['), 8);
  expect_refused("no JSON");
  write_bytes("");
  expect_refused("truncated");
}

TEST_F(NetworkFile, CutAnywhereIsRefused) {
  write_network_file(path_, *backend_, tensors_);
  const std::string bytes = read_bytes();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    write_bytes(bytes.substr(0, length));
    EXPECT_THROW(read_network_file(path_, *backend_, tensors_), std::runtime_error) << length;
  }
  write_bytes(bytes + "x");
  expect_refused("bytes of values");
}

TEST_F(NetworkFile, WithAnyHeaderByteAlteredIsRefusedOrRead) {
  write_network_file(path_, *backend_, tensors_, {{"k", "v"}});
  const std::string bytes = read_bytes();
  const std::size_t header_end = bytes.size() - 40;
  for (std::size_t i = 0; i < header_end; ++i) {
    for (const int flip : {0x01, 0x08, 0x80, 0xFF}) {
      std::string altered = bytes;
      altered[i] = static_cast<char>(altered[i] ^ flip);
      write_bytes(altered);
      try {
        read_network_file(path_, *backend_, tensors_);
      } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr(path_.string()));
      }
    }
  }
}

TEST_F(NetworkFile, ThatIsRefusedChangesNoTensor) {
  write_network_file(path_, *backend_, tensors_);
  const std::vector<float> a = backend_->to_host(a_);
  backend_->fill(7.0F, a_);
  Tensor other = backend_->zeros({5});
  EXPECT_THROW(read_network_file(
                   path_, *backend_,
                   std::vector<NamedTensor>{{"trunk.0.weight", &a_}, {"trunk.0.bias", &other}}),
               std::runtime_error);
  EXPECT_THAT(backend_->to_host(a_), ::testing::Each(7.0F));
}

TEST_F(NetworkFile, ThatCannotBeReadOrWrittenIsNamed) {
  expect_refused("cannot be read");
  EXPECT_THROW(read_network_file(directory_.path(), *backend_, tensors_), std::runtime_error);
  path_ = directory_.path() / "missing" / "file";
  EXPECT_THROW(write_network_file(path_, *backend_, tensors_), std::runtime_error);
}

}  // namespace
}  // namespace harpy::testing

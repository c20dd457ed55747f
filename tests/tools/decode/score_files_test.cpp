#include "tools/decode/score_files.hpp"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "tests/support/temporary_directory.hpp"
#include "tests/tools/decode/score_samples.hpp"

namespace harpy::tools {
namespace {

namespace fs = std::filesystem;
using harpy::testing::ark_matrix;
using harpy::testing::bytes_of;
using harpy::testing::npy_file;
using harpy::testing::npy_matrix;
using harpy::testing::raw_floats;
using harpy::testing::sized_integer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

fs::path kinds() { return harpy::testing::scores_dir() / "kinds"; }

/// Every utterance of a file by its id, and the errors.
struct ReadFile {
  std::map<std::string, ScoreMatrix> utterances;
  std::vector<std::string> errors;
};

ReadFile read_all(const fs::path& path) {
  ReadFile read;
  const auto file = open_score_file(path);
  for (;;) {
    try {
      std::optional<ScoredUtterance> next = file->next();
      if (!next) return read;
      read.utterances.emplace(next->id, std::move(next->scores));
    } catch (const std::runtime_error& error) {
      read.errors.emplace_back(error.what());
    }
  }
}

void expect_rows(const ScoreMatrix& matrix, const boost::json::array& rows) {
  ASSERT_EQ(matrix.frame_count, static_cast<std::int64_t>(rows.size()));
  std::vector<float> expected;
  for (const boost::json::value& row : rows) {
    ASSERT_EQ(matrix.column_count, static_cast<std::int64_t>(row.as_array().size()));
    for (const boost::json::value& value : row.as_array()) {
      expected.push_back(value.to_number<float>());
    }
  }
  EXPECT_EQ(matrix.values, expected);
}

TEST(ScoreFiles, OfEveryKindGiveWhatPythonWrote) {
  const boost::json::object values =
      boost::json::parse(bytes_of(kinds() / "values.json")).as_object();
  EXPECT_GE(values.size(), 15U);
  for (const auto& [name, utterances] : values) {
    SCOPED_TRACE(std::string(name));
    const ReadFile read = read_all(kinds() / std::string(name));
    EXPECT_THAT(read.errors, ::testing::IsEmpty());
    ASSERT_EQ(read.utterances.size(), utterances.as_object().size());
    for (const auto& [id, rows] : utterances.as_object()) {
      SCOPED_TRACE(std::string(id));
      ASSERT_TRUE(read.utterances.contains(std::string(id)));
      expect_rows(read.utterances.at(std::string(id)), rows.as_array());
    }
  }
}

class ScoreFileTest : public ::testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& bytes) const {
    const fs::path path = directory_.path() / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  /// The only error of a file that holds no whole utterance.
  std::string error_of(const std::string& name, const std::string& bytes) const {
    const fs::path path = write(name, bytes);
    std::vector<std::string> errors;
    try {
      const ReadFile read = read_all(path);
      errors = read.errors;
      EXPECT_TRUE(read.utterances.empty());
    } catch (const std::runtime_error& error) {
      errors.emplace_back(error.what());
    }
    EXPECT_EQ(errors.size(), 1U) << name;
    if (errors.size() != 1) return {};
    EXPECT_THAT(errors[0], StartsWith(path.string() + ": "));
    return errors[0].substr(path.string().size() + 2);
  }

  const harpy::testing::TemporaryDirectory directory_;
};

TEST_F(ScoreFileTest, AListNamesPlacesInArchives) {
  const fs::path archive = kinds() / "binary.ark";
  const std::string bytes = bytes_of(archive);
  const std::string text = bytes_of(kinds() / "text.ark");
  const auto place = [](const fs::path& file, const std::string& content, const std::string& key) {
    return file.string() + ":" + std::to_string(content.find(key + " ") + key.size() + 1);
  };
  const fs::path alone = write("alone.mat", ark_matrix("", 1, 2, {-1.0F, -2.0F}).substr(1));
  const fs::path list = write("list.scp", "d " + place(archive, bytes, "double") + "\n\n" +   //
                                              "f " + place(archive, bytes, "float") + "\n" +  //
                                              "t  " + place(kinds() / "text.ark", text, "one") +
                                              "\na " + alone.string() + "\n");
  const ReadFile read = read_all(list);
  EXPECT_THAT(read.errors, ::testing::IsEmpty());
  ASSERT_EQ(read.utterances.size(), 4U);
  const ReadFile whole = read_all(archive);
  EXPECT_EQ(read.utterances.at("d").values, whole.utterances.at("double").values);
  EXPECT_EQ(read.utterances.at("f").values, whole.utterances.at("float").values);
  EXPECT_EQ(read.utterances.at("t").frame_count, 1);
  EXPECT_THAT(read.utterances.at("a").values, ::testing::ElementsAre(-1.0F, -2.0F));
}

TEST_F(ScoreFileTest, FaultyLinesOfAListAreNamedAndTheOthersRead) {
  const fs::path archive = kinds() / "binary.ark";
  const std::string bytes = bytes_of(archive);
  const fs::path list =
      write("list.scp", "a gunzip -c x.ark.gz |\nb " + archive.string() + ":6[0:3]\nc\nd " +
                            archive.string() + ":999999\ne missing.ark:5\nf " + archive.string() +
                            ":1\ng " + archive.string() + ":6\n");
  const ReadFile read = read_all(list);
  ASSERT_EQ(read.errors.size(), 6U);
  const std::string place = list.string() + ":";
  EXPECT_THAT(read.errors[0], StartsWith(place + "1: a: the output of a command"));
  EXPECT_THAT(read.errors[1], StartsWith(place + "2: b: a part of a matrix"));
  EXPECT_THAT(read.errors[2], StartsWith(place + "3: c: expected FILE:BYTE"));
  EXPECT_THAT(read.errors[3], StartsWith(place + "4: d: " + archive.string() + " has only " +
                                         std::to_string(bytes.size()) + " bytes"));
  EXPECT_THAT(read.errors[4], StartsWith(place + "5: e: missing.ark: No such file"));
  EXPECT_THAT(read.errors[5], StartsWith(place + "6: f: " + archive.string() + ": byte 1: "));
  EXPECT_EQ(read.utterances.size(), 1U);
}

TEST_F(ScoreFileTest, HeadersOfNumpyAreReadInAnyOrder) {
  const fs::path path =
      write("a.npy", npy_file(R"({"shape":(2,1) , 'fortran_order' : False,'descr':'=f4'})"
                              "\n",
                              raw_floats({-1.0F, -2.5F})));
  EXPECT_THAT(read_all(path).utterances.at("a").values, ::testing::ElementsAre(-1.0F, -2.5F));
}

TEST_F(ScoreFileTest, ArraysThatAreNoScoresAreRefused) {
  const auto npy = [&](const std::string& descr, const std::string& shape, std::size_t bytes = 8) {
    return error_of("a.npy", npy_file("{'descr': " + descr +
                                          ", 'fortran_order': False, 'shape': " + shape + ", }",
                                      std::string(bytes, '\0')));
  };
  EXPECT_EQ(npy("'<i8'", "(1, 1)"),
            "header: an array of the type \"<i8\"; expected float16, float32 or float64");
  EXPECT_EQ(npy("'|O'", "(1, 1)"),
            "header: an array of the type \"|O\"; expected float16, float32 or float64");
  EXPECT_THAT(npy("[('a', '<f4')]", "(1, 1)"), HasSubstr("an array of structures"));
  EXPECT_EQ(npy("'<f4'", "(2,)"), "expected an array [frames, tokens], got one of shape [2]");
  EXPECT_EQ(npy("'<f4'", "(2, 1, 1)"),
            "expected an array [frames, tokens], got one of shape [2, 1, 1]; each utterance must "
            "be an array of its own");
  EXPECT_EQ(npy("'<f4'", "(3, 1)"), "truncated: an array [3, 1] takes 12 bytes, got 8");
  EXPECT_EQ(npy("'<f4'", "(1, 1)"), "4 bytes follow the array; expected one array a file");
  EXPECT_EQ(npy("'<f4'", "(4294967296, 4294967296)"),
            "an array [4294967296, 4294967296] is too large");
  EXPECT_EQ(npy("'<f4'", "(2, -1)"), "header: expected a shape of whole numbers");
  EXPECT_EQ(npy("'<f4'", "(2, 1), 'x': 1"), "header: the key \"x\" is unknown");
  EXPECT_EQ(error_of("a.npy", npy_file("{'descr': '<f4', 'shape': (1, 1)}", "")),
            "header: expected descr, fortran_order and shape, once each");
  EXPECT_EQ(error_of("a.npy", std::string("\x93NUMPY\x07\x00", 8)),
            "header: version 7 of the format; expected 1, 2 or 3");
  EXPECT_EQ(error_of("a.npy", ""), "is empty");
}

TEST_F(ScoreFileTest, ArchivesThatAreNoScoresAreRefused) {
  EXPECT_EQ(error_of("a.ark", "utt " + std::string("\0B", 2) + "FV " + sized_integer(1) + "abcd"),
            "utt: byte 6: expected FM, got \"FV\"");
  EXPECT_EQ(error_of("a.ark", "utt 1 2 3\n"), "utt: byte 4: expected [, got \"1\"");
  EXPECT_EQ(error_of("a.ark", "utt [ 1 2\n 3 ]\n"), "utt: byte 12: rows of different lengths");
  EXPECT_EQ(error_of("a.ark", "utt [ 1 x ]\n"), "utt: byte 7: expected a number, got \"x\"");
  EXPECT_EQ(error_of("a.ark", "utt [ 1 2\n"), "utt: byte 9: the file ends too early");
  EXPECT_EQ(error_of("a.ark", "RIFF"),
            "byte 0: expected the key of a matrix with a blank behind it");
  EXPECT_EQ(error_of("a.ark",
                     "utt " + std::string("\0B", 2) + "FM " + sized_integer(-1) + sized_integer(1)),
            "utt: byte 19: a matrix of negative size");
  EXPECT_EQ(error_of("a.ark", ark_matrix("utt", 3, 2, {-1.0F})),
            "utt: byte 19: a size of 6 is more than the file holds");
}

TEST_F(ScoreFileTest, AFaultInOneArrayLeavesTheOthers) {
  std::string archive = bytes_of(kinds() / "stored.npz");
  archive[archive.find("second.npy") + 170] ^= 1;  // within its values
  const ReadFile zipped = read_all(write("a.npz", archive));
  EXPECT_TRUE(zipped.utterances.contains("first"));
  ASSERT_EQ(zipped.errors.size(), 1U);
  EXPECT_THAT(zipped.errors[0], HasSubstr("a.npz: second: damaged: CRC error"));

  std::string tensors = bytes_of(kinds() / "all.safetensors");
  tensors.replace(tensors.find("\"BF16\""), 6, "\"I16\" ");
  const ReadFile read = read_all(write("a.safetensors", tensors));
  EXPECT_EQ(read.utterances.size(), 4U);
  ASSERT_EQ(read.errors.size(), 1U);
  EXPECT_THAT(read.errors[0],
              HasSubstr("bf16: values of the type I16; expected F16, BF16, F32 or F64"));
}

TEST_F(ScoreFileTest, EveryTruncationIsTold) {
  for (const char* name : {"float32.npy", "fortran-half.npy", "stored.npz", "deflated.npz",
                           "all.safetensors", "binary.ark", "text.ark"}) {
    SCOPED_TRACE(name);
    const std::string bytes = bytes_of(kinds() / name);
    const std::map<std::string, ScoreMatrix> whole = read_all(kinds() / name).utterances;
    const fs::path path = write(name, bytes);
    for (std::size_t length = bytes.size() - 1; length < bytes.size(); --length) {
      fs::resize_file(path, length);
      ReadFile read;
      try {
        read = read_all(path);
      } catch (const std::runtime_error& error) {
        read.errors.emplace_back(error.what());
      }
      // An archive may end between two utterances, or lack its last line's end.
      const bool is_archive = std::string_view(name).ends_with(".ark");
      EXPECT_TRUE(is_archive || !read.errors.empty()) << length;
      EXPECT_LE(read.errors.size(), is_archive ? 1U : 5U);
      for (const auto& [id, matrix] : read.utterances) {
        EXPECT_EQ(matrix.values, whole.at(id).values) << length;
      }
    }
  }
}

}  // namespace
}  // namespace harpy::tools

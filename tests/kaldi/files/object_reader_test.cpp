#include "kaldi/files/object_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kaldi/kaldi_writer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {
namespace {

using kaldi::Matrix;
using kaldi::ObjectReader;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class KaldiObjects : public ::testing::TestWithParam<bool> {
 protected:
  ObjectReader reader(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary) << bytes;
    return ObjectReader(path_);
  }
  ObjectReader reader(const KaldiWriter& writer) const { return reader(writer.bytes()); }

  template <typename Read>
  std::string error_of(const std::string& bytes, const Read& read) const {
    try {
      ObjectReader opened = reader(bytes);
      read(opened);
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), ::testing::StartsWith(path_.string() + ": byte "));
      return error.what();
    }
    return "no error";
  }

  const TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "object";
};
INSTANTIATE_TEST_SUITE_P(Forms, KaldiObjects, ::testing::Values(true, false),
                         [](const auto& form) { return form.param ? "Binary" : "Text"; });

TEST_P(KaldiObjects, AreReadInBothForms) {
  KaldiWriter writer(GetParam());
  writer.token("<A>").integer(-7).number(0.5F).double_number(0.25).boolean(true).boolean(false);
  writer.integers({3, -1, 2}).integers({}).pairs({{1, -2}, {3, 4}});
  writer.vector(std::vector<float>{1, 2})
      .vector(std::vector<double>{0.5})
      .vector(std::vector<float>{});
  writer.matrix(3, std::vector<float>{1, 2, 3, 4, 5, 6}).matrix(0, std::vector<double>{});
  writer.packed(2, {1, 2, 3}).token("</A>");
  ObjectReader objects = reader(writer);
  EXPECT_EQ(objects.is_binary(), GetParam());
  EXPECT_EQ(objects.next_token(), "<A>");
  EXPECT_FALSE(objects.take("<B>"));
  objects.expect("<A>");
  EXPECT_EQ(objects.integer(), -7);
  EXPECT_EQ(objects.number(), 0.5);
  EXPECT_EQ(objects.number(), 0.25);
  EXPECT_TRUE(objects.boolean());
  EXPECT_FALSE(objects.boolean());
  EXPECT_THAT(objects.integers(), ElementsAre(3, -1, 2));
  EXPECT_THAT(objects.integers(), IsEmpty());
  EXPECT_THAT(objects.integer_pairs(), ElementsAre(Pair(1, -2), Pair(3, 4)));
  EXPECT_THAT(objects.vector<float>(), ElementsAre(1, 2));
  EXPECT_THAT(objects.vector<float>(), ElementsAre(0.5F));
  EXPECT_THAT(objects.vector<double>(), IsEmpty());
  const Matrix<double> matrix = objects.matrix<double>();
  EXPECT_EQ(matrix.rows, 2);
  EXPECT_EQ(matrix.columns, 3);
  EXPECT_THAT(matrix.values, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(matrix.at(1, 0), 4);
  EXPECT_EQ(objects.matrix<float>().rows, 0);
  EXPECT_THAT(objects.packed_matrix<double>(), ElementsAre(1, 2, 3));
  EXPECT_EQ(objects.token(), "</A>");
  EXPECT_EQ(objects.next_token(), "");
}

TEST_P(KaldiObjects, EveryTruncationIsOneErrorThatNamesTheByte) {
  KaldiWriter writer(GetParam());
  writer.token("<A>").integer(7).number(0.5F).boolean(true).integers({3, -1});
  writer.matrix(2, std::vector<float>{1, 2, 3, 4}).vector(std::vector<float>{5, 6}).token("</A>");
  const auto read = [](ObjectReader& objects) {
    objects.expect("<A>");
    objects.integer();
    objects.number();
    objects.boolean();
    objects.integers();
    objects.matrix<float>();
    objects.vector<float>();
    objects.expect("</A>");
  };
  const std::string& bytes = writer.bytes();
  EXPECT_EQ(error_of(bytes, read), "no error");
  for (std::size_t size = 0; size + 1 < bytes.size(); ++size) {
    EXPECT_NE(error_of(bytes.substr(0, size), read), "no error") << size;
  }
}

TEST_F(KaldiObjects, WhatIsNotThereIsRefusedWithItsPlace) {
  const std::string mark("\0B", 2);
  const auto matrix = [](ObjectReader& objects) { objects.matrix<float>(); };
  EXPECT_THAT(error_of("", [](ObjectReader&) {}), HasSubstr("byte 0: the file is empty"));
  EXPECT_THAT(error_of(mark + "<B> ", [](ObjectReader& objects) { objects.expect("<A>"); }),
              HasSubstr("byte 2: expected <A>, got \"<B>\""));
  EXPECT_THAT(error_of(mark + std::string("\10\1\0\0\0", 5),
                       [](ObjectReader& objects) { objects.integer(); }),
              HasSubstr("byte 2: expected a value of 4 bytes, got one of 8"));
  EXPECT_THAT(
      error_of(mark + std::string("\4\1\0", 3), [](ObjectReader& objects) { objects.integer(); }),
      HasSubstr("the file ends too early"));
  EXPECT_THAT(error_of(mark + "X", [](ObjectReader& objects) { objects.boolean(); }),
              HasSubstr("byte 2: expected T or F"));
  // A billion rows in a file of some bytes.
  EXPECT_THAT(error_of(mark + "FM " + std::string("\4\0\0\0\100\4\0\0\0\100", 10), matrix),
              HasSubstr("is more than the file holds"));
  EXPECT_THAT(error_of(mark + "FM " + std::string("\4\377\377\377\377\4\1\0\0\0", 10), matrix),
              HasSubstr("a matrix of negative size"));
  EXPECT_THAT(error_of(mark + "CM2 ", matrix), HasSubstr("byte 6: the file ends too early"));
  EXPECT_THAT(
      error_of(mark + "CM2 " + std::string("\0\0\0\0\0\0\0\0\0\0\0\100\0\0\0\100", 16), matrix),
      HasSubstr("is more than the file holds"));
  EXPECT_THAT(error_of(mark + "FV " + std::string("\4\1\0\0\0\0\0\300\177", 9),
                       [](ObjectReader& objects) { objects.vector<float>(); }),
              HasSubstr("byte 10: a value that is no finite number"));
  EXPECT_THAT(error_of(" [\n 1 2\n 3 ]\n", matrix), HasSubstr("rows of different lengths"));
  EXPECT_THAT(error_of(" [ 1 x ]\n", matrix), HasSubstr("expected a number, got \"x\""));
}

}  // namespace
}  // namespace harpy::testing

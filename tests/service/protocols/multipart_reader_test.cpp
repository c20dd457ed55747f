#include "service/protocols/multipart_reader.hpp"

#include <random>
#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kFormType = "multipart/form-data; boundary=xyz";

struct ReadPart {
  std::string name;
  std::string filename;
  std::string content;
  bool has_ended = false;

  bool operator==(const ReadPart&) const = default;
};

std::ostream& operator<<(std::ostream& out, const ReadPart& part) {
  return out << part.name << " (" << part.filename << "): \"" << part.content << "\""
             << (part.has_ended ? "" : " without an end");
}

/// Reads a form that is cut into pieces of a length.
std::vector<ReadPart> read_form(const std::string& body, std::size_t piece_bytes,
                                const std::string& type = kFormType) {
  std::vector<ReadPart> parts;
  MultipartReader reader(type,
                         {.begin =
                              [&](const FormPart& part) {
                                parts.push_back({part.name, part.filename, "", false});
                              },
                          .take = [&](std::string_view bytes) { parts.back().content += bytes; },
                          .end = [&] { parts.back().has_ended = true; }});
  for (std::size_t begin = 0; begin < body.size(); begin += piece_bytes) {
    reader.take(std::string_view(body).substr(begin, piece_bytes));
  }
  reader.finish();
  return parts;
}

std::string fault_of_form(const std::string& body, const std::string& type = kFormType) {
  try {
    read_form(body, body.size() + 1, type);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

std::string part(const std::string& disposition, const std::string& content) {
  return "--xyz\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n";
}

TEST(MultipartReader, ReadsPartsHoweverTheyAreCut) {
  const std::string whole = part("name=\"empty\"", "") +
                            part("name=\"file\"; filename=\"a \\\"b\\\" \\\\c\\x.wav\"",
                                 std::string("\r\n--xy\r\n-\0\r", 12)) +
                            "--xyz--\r\nbehind it";
  for (std::size_t piece = 1; piece <= whole.size(); ++piece) {
    ASSERT_THAT(read_form(whole, piece),
                ElementsAre(ReadPart{"empty", "", "", true},
                            ReadPart{"file", "a \"b\" \\c\\x.wav",
                                     std::string("\r\n--xy\r\n-\0\r", 12), true}))
        << piece;
  }
}

TEST(MultipartReader, NamesMayStandInAnyOrderAndWithoutQuotes) {
  const std::string body =
      "a preamble\r\n--xyz  \r\ncontent-type: audio/wav\r\n"
      "CONTENT-DISPOSITION: form-data; filename=a.wav ; Name = file\r\n\r\nsound\r\n--xyz--";
  EXPECT_THAT(read_form(body, 7), ElementsAre(ReadPart{"file", "a.wav", "sound", true}));
}

TEST(MultipartReader, AFormMayBeEmptyAndItsBoundaryInQuotes) {
  EXPECT_THAT(read_form("--a; b--\r\n", 3, "Multipart/Form-Data; charset=utf-8; boundary=\"a; b\""),
              IsEmpty());
}

TEST(MultipartReader, AnyContentComesOutAsItWent) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<ReadPart> expected;
    std::string body;
    for (std::size_t count = random() % 4; count > 0; --count) {
      // Of the letters that a boundary consists of.
      std::string content(random() % 40, '\0');
      for (char& letter : content) letter = "\r\n-xyz\0"[random() % 7];
      if (("\r\n" + content + "\r\n").find("\r\n--xyz") != std::string::npos) continue;
      expected.push_back({"p", "", content, true});
      body += part("name=\"p\"", content);
    }
    body += "--xyz--\r\n";
    ASSERT_EQ(read_form(body, 1 + random() % 20), expected) << body;
  }
}

TEST(MultipartReader, SaysWhatIsWrong) {
  EXPECT_THAT(fault_of_form("", "application/json"), HasSubstr("type multipart/form-data"));
  EXPECT_THAT(fault_of_form("", "multipart/form-data"), HasSubstr("needs a boundary"));
  EXPECT_THAT(fault_of_form("", "multipart/form-data; boundary=" + std::string(71, 'x')),
              HasSubstr("needs a boundary"));
  EXPECT_THAT(fault_of_form(part("name=a", "b")), HasSubstr("last boundary is missing"));
  EXPECT_THAT(fault_of_form(part("filename=a", "b")), HasSubstr("names its field"));
  EXPECT_THAT(fault_of_form("--xyz here\r\n"), HasSubstr("something else behind a boundary"));
  EXPECT_THAT(fault_of_form("--xyz\r\nno colon\r\n\r\n"), HasSubstr("no colon"));
  EXPECT_THAT(fault_of_form("--xyz" + std::string(100, ' ')), HasSubstr("without a line end"));
  EXPECT_THAT(fault_of_form("--xyz\r\nx: " + std::string(9000, 'x')), HasSubstr("too long"));
  std::string many = "--xyz\r\n";
  for (int line = 0; line < 1000; ++line) many += "x: 0123456789\r\n";
  EXPECT_THAT(fault_of_form(many), HasSubstr("too long"));
}

TEST(MultipartReader, FaultsOfTheCallsComeThrough) {
  MultipartReader reader(
      kFormType,
      {.begin = [](const FormPart&) { throw std::logic_error("no"); }, .take = {}, .end = {}});
  EXPECT_THROW(reader.take(part("name=a", "b")), std::logic_error);
}

}  // namespace
}  // namespace harpy

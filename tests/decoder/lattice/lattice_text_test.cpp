#include "decoder/lattice/lattice_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

#include "decoder/lattice/determinize.hpp"
#include "tests/decoder/lattice/random_lattice.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using testing::all_paths;
using ::testing::EndsWith;
using testing::EnumeratedPath;
using ::testing::HasSubstr;
using testing::TemporaryDirectory;

SymbolTable three_words() {
  return SymbolTable(std::vector<std::string>{"<eps>", "ONE", "TWO", "THREE"});
}

CompactLattice written_lattice() {
  return {{{}, {}, {0, {0.5, 0.25, 3, 4}}},
          {{0, 1, 1, {1.0, 2.5, 0, 1}}, {0, 2, 2, {4.0, 1.0, 1, 3}}, {1, 2, 0, {0.0, -1.0, 0, 1}}},
          {11, 2, 3, 4}};
}

class LatticeText : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& text) {
    const auto path = directory_.path() / "lattices";
    std::ofstream(path) << text;
    return path;
  }
  std::string fault(const std::string& text) {
    try {
      LatticeArchive archive{TextLines(write(text))};
      while (archive.next()) {
      }
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "no fault";
  }

  TemporaryDirectory directory_;
};

TEST_F(LatticeText, IsKaldisForm) {
  EXPECT_EQ(lattice_text("a b", written_lattice(), three_words()),
            "a_b\n"
            "0 1 ONE 1,2.5,11\n"
            "0 2 TWO 4,1,2_3\n"
            "1 2 <eps> 0,-1,11\n"
            "2 0.5,0.25,4\n"
            "\n");
  const Lattice raw({{0}, {1, 0, 0.5F}}, {{0, 1, 7, 2, 1.0F, 0.25F}});
  EXPECT_EQ(lattice_text("x", raw, three_words()), "x\n0 1 7 TWO 1,0.25\n1 0.5,0\n\n");
  EXPECT_EQ(lattice_text("x", CompactLattice(), three_words()), "x\n\n");
}

TEST_F(LatticeText, IsReadAsItWasWritten) {
  std::mt19937 random(1);
  std::string text;
  std::vector<CompactLattice> lattices;
  std::vector<Lattice> raws;
  for (int i = 0; i < 50; ++i) {
    raws.push_back(testing::random_raw_lattice(random));
    lattices.push_back(determinize(raws.back(), {.beam = 1000.0}));
    text += lattice_text("u" + std::to_string(i), lattices.back(), three_words());
  }
  LatticeArchive archive{TextLines(write(text))};
  for (std::size_t i = 0; i < lattices.size(); ++i) {
    const std::optional<ArchivedLattice> read = archive.next();
    ASSERT_TRUE(read);
    EXPECT_EQ(read->id, "u" + std::to_string(i));
    EXPECT_EQ(lattice_text(read->id, read->lattice, archive.words()),
              lattice_text(read->id, lattices[i], three_words()));
    EXPECT_FALSE(read->raw);
  }
  EXPECT_FALSE(archive.next());
}

TEST_F(LatticeText, OfRawLatticesIsDeterminised) {
  const Lattice raw(
      {{0}, {1}, {2, 0, 0.0F}},
      {{0, 1, 7, 0, 1.0F, 0.0F}, {0, 1, 8, 0, 0.5F, 0.25F}, {1, 2, 7, 2, 1.0F, 0.0F}});
  LatticeArchive archive{TextLines(write(lattice_text("x", raw, three_words())))};
  const std::optional<ArchivedLattice> read = archive.next();
  ASSERT_TRUE(read && read->raw);
  EXPECT_EQ(read->raw->arcs().size(), 3U);
  const std::vector<EnumeratedPath> paths = all_paths(read->lattice);
  ASSERT_EQ(paths.size(), 1U);
  EXPECT_EQ(paths[0].cost, 1.75);
  EXPECT_THAT(paths[0].labels, ::testing::ElementsAre(8, 7));
}

TEST_F(LatticeText, TakesStatesInAnyOrder) {
  LatticeArchive archive{
      TextLines(write("x\n5 3 ONE 1,0,7\n3 0 TWO 1,0,8\n0\n4 5 A 1\n1 0 B 1\n2 1 C 0\n\n"))};
  const std::optional<ArchivedLattice> read = archive.next();
  ASSERT_TRUE(read);
  EXPECT_EQ(lattice_text("x", read->lattice, archive.words()),
            "x\n0 1 ONE 1,0,7\n1 2 TWO 1,0,8\n2 0,0,\n\n");
}

TEST_F(LatticeText, DamagedGivesALatticeOrOneError) {
  std::mt19937 random(7);
  std::string whole;
  while (whole.size() < 400) {
    const CompactLattice lattice = determinize(testing::random_raw_lattice(random));
    whole += lattice_text("u", lattice, three_words());
  }
  constexpr std::string_view kLetters = "0123456789 ,_\n.-eTx";
  for (int round = 0; round < 3000; ++round) {
    std::string text = whole;
    for (int change = 0; change < 3; ++change) {
      text[random() % text.size()] = kLetters[random() % kLetters.size()];
    }
    if (round % 3 == 0) text.resize(random() % text.size());
    const std::string message = fault(text);
    if (message != "no fault") {
      EXPECT_THAT(message, HasSubstr("lattices:"));
    }
  }
}

TEST_F(LatticeText, NamesFileAndLineOfFaults) {
  EXPECT_THAT(fault("x\n0 1 A 1,2,3\n1 0,0,"), HasSubstr("lattices:3: the file ends within"));
  EXPECT_THAT(fault("x\n0 1 A 1,2,3\n\n"),
              HasSubstr(":3: the lattice before this line has no end"));
  EXPECT_THAT(fault("x\n0 1 A 1,b,3\n1\n\n"), HasSubstr(":2: \"1,b,3\" is not a weight"));
  EXPECT_THAT(fault("x\n0 1 A 1,nan,3\n1\n\n"), HasSubstr(":2: "));
  EXPECT_THAT(fault("x\n0 1 A 1,2,3_-4\n1\n\n"),
              HasSubstr(":2: \"-4\" is not the number of a label"));
  EXPECT_THAT(fault("x\n0 q A 1,2,3\n1\n\n"), HasSubstr(":2: \"q\" is not the number of a state"));
  EXPECT_THAT(fault("x\n0 1 A 1\n1 0 B 1\n1 2 C 1\n2\n\n"), HasSubstr(":6: the lattice before"));
  EXPECT_THAT(fault("x\n0 1 A 1\n1 0 B 1\n1 2 C 1\n2\n\n"), HasSubstr("cycle"));
  EXPECT_THAT(fault("x\n0 900000000 A 1\n900000000\n\n"), HasSubstr("names fewer states"));
  EXPECT_THAT(fault("x\n0 1 A 1,0,1\n0 1 B 1,0,1_2\n1\n\n"), HasSubstr("frames"));
  EXPECT_THAT(fault("x\n0 1 A 1,0\n0 1 5 B 1,0\n1\n\n"), HasSubstr(":3: a raw and a compact"));
  EXPECT_THAT(fault("x y\n0\n\n"), HasSubstr(":1: expected the id"));
  EXPECT_EQ(fault("\n\nx\n\ny\n0\n\n"), "no fault");
  EXPECT_EQ(fault(""), "no fault");
}

}  // namespace
}  // namespace harpy

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>

#include <boost/json.hpp>

#include "decoder/lattice/determinize.hpp"
#include "decoder/lattice/lattice_text.hpp"
#include "frontend/audio/limited_process.hpp"
#include "models/files/text_lines.hpp"
#include "service/json/json_text.hpp"
#include "tests/decoder/lattice/random_lattice.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/unigram_file.hpp"
#include "tools/lattice/lattice_drawing.hpp"
#include "tools/lattice/lattice_file.hpp"
#include "tools/lattice/lattice_json.hpp"
#include "tools/lattice/lattice_report.hpp"
#include "tools/program.hpp"

namespace harpy::tools {
namespace {

using harpy::testing::TemporaryDirectory;
using ::testing::HasSubstr;

constexpr const char* kArchive =
    "u1\n"
    "0 1 A 1,0.5,7\n"
    "0 1 B 1,1.5,8\n"
    "1 2 C 2,0,\n"
    "1 2 D 2,2,\n"
    "2 0.5,0,9\n"
    "\n"
    "u2\n"
    "0 1 A 1,0,7\n"
    "1 0,0,\n"
    "\n";

class LatticeTools : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& text) {
    const auto path = directory_.path() / "lattices";
    std::ofstream(path) << text;
    return path;
  }
  std::string fault(const std::string& text) {
    try {
      read_lattices(write(text));
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "no fault";
  }

  TemporaryDirectory directory_;
};

TEST_F(LatticeTools, JsonIsReadAsItWasWritten) {
  const SymbolTable words(std::vector<std::string>{"<eps>", "ONE", "TWO"});
  std::mt19937 random(1);
  std::string json;
  std::string text;
  for (int i = 0; i < 50; ++i) {
    const std::string id = "u" + std::to_string(i);
    const CompactLattice lattice =
        determinize(harpy::testing::random_raw_lattice(random), {.beam = 1000.0});
    json += json_line(lattice_json(id, lattice, words)) + "\n";
    text += lattice_text(id, lattice, words);
  }
  const LatticeFile file = read_lattices(write(json));
  std::string again;
  for (const NamedLattice& named : file.lattices) {
    again += lattice_text(named.id, named.lattice, file.words);
  }
  EXPECT_EQ(again, text);
}

TEST_F(LatticeTools, JsonHasArcsAndEnds) {
  const LatticeFile file = read_lattices(write(kArchive));
  EXPECT_EQ(json_line(lattice_json("u2", file.lattices[1].lattice, file.words)),
            R"({"id": "u2", "arcs": [{"from": 0, "to": 1, "word": "A", "graph_cost": 1, )"
            R"("acoustic_cost": 0, "labels": [7]}], "ends": [{"state": 1, "graph_cost": 0, )"
            R"("acoustic_cost": 0, "labels": []}]})");
}

TEST_F(LatticeTools, FaultsInJsonNameFileAndLine) {
  EXPECT_THAT(fault("{\"id\": \"x\""), HasSubstr("lattices:1: the line is no JSON"));
  EXPECT_THAT(fault("{\"arcs\": []}"), HasSubstr("lattices:1: field \"ends\" is missing"));
  EXPECT_THAT(fault(R"({"arcs": [{"from": -1}], "ends": []})"), HasSubstr("\"from\" must hold"));
  EXPECT_THAT(fault(R"({"arcs": [], "ends": [{"state": 0, "graph_cost": "x"}]})"),
              HasSubstr("\"graph_cost\" must be a number"));
  EXPECT_THAT(fault(R"({"arcs": [{"from": 0, "to": 0, "word": "A", "graph_cost": 1, )"
                    R"("acoustic_cost": 0, "labels": []}], "ends": [{"state": 0, )"
                    R"("graph_cost": 0, "acoustic_cost": 0, "labels": []}]})"),
              HasSubstr("cycle"));
}

TEST_F(LatticeTools, ReportsSayWhatIsThere) {
  const LatticeFile file = read_lattices(write(kArchive));
  EXPECT_EQ(summary_text(file),
            "u1 states 3 arcs 4 cost 4.000 A C\n"
            "u2 states 2 arcs 1 cost 1.000 A\n"
            "2 lattices, 5 states, 5 arcs, 1.00 arcs over a frame\n");
  EXPECT_EQ(n_best_text(file, 2), "u1-1 4.0000 A C\nu1-2 5.0000 B C\nu2-1 1.0000 A\n");
  EXPECT_EQ(words_text(file, {.posterior_scale = 1.0}),
            "u1 A 0.731059 C 0.880797\nu2 A 0.999999\n");
  EXPECT_EQ(least_risk_text(file, 1.0), "u1 A C\nu2 A\n");
  EXPECT_THAT(confusion_text(file, 1.0), HasSubstr("u1 0.0 1.0 A 0.7311 B 0.2689\n"));
  EXPECT_THAT(confusion_text(file, 1.0), HasSubstr("u2 0.0 1.0 A 1.0000\n"));
}

TEST_F(LatticeTools, OracleErrorsAreThoseOfTheNearestPaths) {
  const LatticeFile file = read_lattices(write(kArchive));
  std::map<std::string, ScoredText> texts{
      {"u1", {"B D E", ""}}, {"u2", {"A", ""}}, {"u3", {"X Y", ""}}};
  const OracleErrors errors = oracle_errors(file, texts, 0);
  EXPECT_EQ(errors.utterances, 3);
  EXPECT_EQ(errors.missing, 1);
  EXPECT_EQ(errors.reference_words, 6);
  EXPECT_EQ(errors.errors, 1 + 0 + 2);
  EXPECT_EQ(errors.error_rate_percent(), 50.0);
  EXPECT_EQ(oracle_errors(file, texts, 1).errors, 3 + 0 + 2);
  EXPECT_EQ(oracle_errors(file, texts, 2).errors, 2 + 0 + 2);
  texts.erase("u1");
  EXPECT_THROW(oracle_errors(file, texts, 0), std::runtime_error);
}

TEST_F(LatticeTools, TheCommandChangesAndConvertsWhatItReads) {
  const std::string file = write(kArchive).string();
  const std::string output = (directory_.path() / "output").string();
  const auto result_of = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"lattice", file, "--output", output});
    run_command(options);
    return read_text(output);
  };
  EXPECT_EQ(result_of({}), kArchive);
  EXPECT_EQ(result_of({"--utterance", "u1", "--prune", "0", "--acoustic-scale", "2"}),
            "u1\n0 1 A 1,1,7\n1 2 C 2,0,\n2 0.5,0,9\n\n");
  EXPECT_EQ(result_of({"--format", "n-best", "--count", "1"}), "u1-1 4.0000 A C\nu2-1 1.0000 A\n");
  result_of({"--format", "json"});
  const LatticeFile again = read_lattices(output);
  ASSERT_EQ(again.lattices.size(), 2U);
  EXPECT_EQ(again.lattices[0].lattice.arcs().size(), 4U);

  EXPECT_THROW(result_of({"--utterance", "u3"}), std::runtime_error);
  EXPECT_THROW(result_of({"--format", "svg"}), std::runtime_error);  // of two utterances
  EXPECT_THROW(result_of({"--format", "png"}), UsageError);
  EXPECT_THROW(result_of({"--prune", "-1"}), UsageError);
}

TEST_F(LatticeTools, TheCommandRescores) {
  const std::string file = write(kArchive).string();
  const std::string graph = (directory_.path() / "graph.ngram").string();
  const std::string larger = (directory_.path() / "larger.ngram").string();
  const std::filesystem::path output = directory_.path() / "output";
  harpy::testing::write_unigrams(graph, {{"A", 1.0F}, {"B", 1.0F}, {"C", 2.0F}, {"D", 2.0F}});
  harpy::testing::write_unigrams(larger, {{"A", 1.5F}, {"B", 0.25F}, {"C", 3.0F}});
  const auto run = [&](const std::vector<std::string>& options) {
    std::vector<std::string> arguments{"lattice",       file,       "--output",
                                       output.string(), "--format", "n-best"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    run_command(arguments);
    return read_text(output);
  };
  EXPECT_EQ(run({"--rescore", larger, "--rescore-graph-model", graph}),
            "u1-1 5.2500 B C\nu1-2 5.5000 A C\nu1-3 6.2500 B D\nu1-4 6.5000 A D\nu2-1 1.5000 A\n");
  EXPECT_EQ(run({"--rescore", larger, "--rescore-graph-model", graph, "--rescore-scale", "0.5",
                 "--count", "1"}),
            "u1-1 4.7500 A C\nu2-1 1.2500 A\n");
  EXPECT_THROW(run({"--rescore", larger}), UsageError);
  EXPECT_THROW(run({"--rescore-graph-model", graph}), UsageError);
  EXPECT_THROW(run({"--rescore", file, "--rescore-graph-model", graph}), std::runtime_error);
}

TEST_F(LatticeTools, OracleErrorsAreTold) {
  const std::string file = write(kArchive).string();
  const std::filesystem::path output = directory_.path() / "output";
  const std::filesystem::path texts = directory_.path() / "texts";
  std::ofstream(texts) << "u1 B D E\nu2 A\n";
  run_command({"lattice", file, "--oracle", texts.string(), "--output", output.string()});
  EXPECT_EQ(read_text(output), "oracle WER 25 %, 1 errors in 4 words of 2 utterances\n");
}

TEST_F(LatticeTools, DrawingsShowTheBestPathInBold) {
  const LatticeFile file = read_lattices(write(kArchive));
  EXPECT_EQ(lattice_dot("a \"b\"", file.lattices[1].lattice, file.words),
            "digraph \"a \\\"b\\\"\" {\n"
            "  rankdir = LR;\n"
            "  label = \"a \\\"b\\\"\";\n"
            "  node [shape = circle];\n"
            "  0 [label = \"0\"];\n"
            "  1 [label = \"1\", shape = doublecircle];\n"
            "  0 -> 1 [label = \"A 1.00\", style = bold];\n"
            "}\n");
}

TEST_F(LatticeTools, GraphvizMakesAPictureOfADrawing) {
  if (!find_program("dot")) GTEST_SKIP() << "needs dot";
  EXPECT_THAT(svg_of_dot("digraph u1 { 0 -> 1 [label = \"ONE 1.50\"]; }\n"),
              ::testing::AllOf(HasSubstr("<svg "), HasSubstr("ONE 1.50"), HasSubstr("</svg>")));
  EXPECT_THAT([] { svg_of_dot("digraph {"); },
              ::testing::ThrowsMessage<std::runtime_error>(HasSubstr("did not do its work")));
}

}  // namespace
}  // namespace harpy::tools

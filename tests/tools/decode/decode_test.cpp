#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

#include "decoder/graph/graph_file.hpp"
#include "decoder/search/make_beam_search.hpp"
#include "tests/decoder/search/golden_search.hpp"
#include "tests/decoder/search/random_search.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/tools/decode/score_samples.hpp"
#include "tools/program.hpp"

namespace harpy::tools {
namespace {

namespace fs = std::filesystem;
using harpy::testing::ark_matrix;
using harpy::testing::bytes_of;
using harpy::testing::npy_matrix;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::ThrowsMessage;
using Arguments = std::vector<std::string>;

class DecodeCommand : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return (directory_.path() / name).string(); }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  static std::string data(const std::string& name) {
    return (harpy::testing::scores_dir() / name).string();
  }

  /// What the command prints; its messages are in errors().
  std::string run(const std::string& command, const Arguments& arguments) {
    Arguments all{command};
    all.insert(all.end(), arguments.begin(), arguments.end());
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    try {
      run_command(all);
    } catch (...) {
      printed_ = ::testing::internal::GetCapturedStdout();
      errors_ = ::testing::internal::GetCapturedStderr();
      throw;
    }
    errors_ = ::testing::internal::GetCapturedStderr();
    return ::testing::internal::GetCapturedStdout();
  }
  std::string decode(const Arguments& graph, const Arguments& others) {
    Arguments all = graph;
    all.insert(all.end(), others.begin(), others.end());
    return run("decode", all);
  }
  void expect_refused(const Arguments& graph, const Arguments& others, const std::string& what) {
    EXPECT_THAT([&] { decode(graph, others); }, ThrowsMessage<std::runtime_error>(HasSubstr(what)));
  }

  static Arguments letters() {
    return {"--tokens", data("letters/tokens.txt"), "--language-model", data("letters/lm.arpa")};
  }
  static Arguments pieces() {
    return {"--tokens", data("pieces/tokens.txt"), "--blank",
            "behind",   "--language-model",        data("pieces/lm.arpa")};
  }
  static Arguments phones() {
    return {"--tokens",         data("phones/tokens.txt"),
            "--lexicon",        data("phones/lexicon.txt"),
            "--topology",       "one-state",
            "--language-model", data("phones/lm.arpa")};
  }

  const harpy::testing::TemporaryDirectory directory_;
  std::string printed_;
  std::string errors_;
};

/// The lines of a text.
std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_F(DecodeCommand, FindsWhatTryingEverySequenceFinds) {
  for (const auto& [folder, graph] :
       {std::pair(std::string("letters"), letters()), std::pair(std::string("pieces"), pieces()),
        std::pair(std::string("phones"), phones())}) {
    SCOPED_TRACE(folder);
    const boost::json::object answers =
        boost::json::parse(bytes_of(data(folder + "/answers.json"))).as_object();
    const std::vector<std::string> lines =
        lines_of(decode(graph, {data(folder + "/scores.npz"), "--format", "jsonl", "--alternatives",
                                "12", "--beam", "100"}));
    ASSERT_EQ(lines.size(), answers.size());
    for (const std::string& line : lines) {
      const boost::json::object got = boost::json::parse(line).as_object();
      SCOPED_TRACE(std::string(got.at("id").as_string()));
      const boost::json::array& expected = answers.at(got.at("id").as_string()).as_array();
      EXPECT_EQ(got.at("text"), expected[0].at("text"));
      const boost::json::array& alternatives =
          got.at("utterances").at(0).at("alternatives").as_array();
      // Those of more words than were tried stand between them.
      auto place = alternatives.begin();
      for (const boost::json::value& answer : expected) {
        place = std::find_if(place, alternatives.end(), [&](const boost::json::value& found) {
          return found.at("text") == answer.at("text");
        });
        const double cost = answer.at("cost").to_number<double>();
        if (cost > expected[0].at("cost").to_number<double>() + 7.9) break;  // the lattice's beam
        ASSERT_NE(place, alternatives.end()) << answer;
        EXPECT_NEAR(-place->at("score").to_number<double>(), cost, 1e-4) << answer;
      }
    }
  }
}

TEST_F(DecodeCommand, AGraphFileGivesWhatItsSourcesGive) {
  const std::string scores = data("pieces/scores.npz");
  Arguments arguments = pieces();
  arguments.insert(arguments.end(), {"--output", path("graph.harpy"), "--check", "50"});
  run("graph", arguments);
  EXPECT_THAT(errors_, HasSubstr("costs agree"));
  const Arguments graph{"--graph", path("graph.harpy"), "--blank", "last"};
  for (const Arguments& how :
       {Arguments{}, Arguments{"--format", "ctm", "--confidences"},
        Arguments{"--format", "lattice"}, Arguments{"--format", "raw-lattice"},
        Arguments{"--format", "jsonl", "--phones", "--alternatives", "3"},
        Arguments{"--jobs", "4", "--frame-ms", "10", "--times"}}) {
    Arguments others{scores};
    others.insert(others.end(), how.begin(), how.end());
    const std::string from_graph = decode(graph, others);
    EXPECT_EQ(from_graph, decode(pieces(), others));
    EXPECT_THAT(from_graph, HasSubstr("tacs"));
  }
}

TEST_F(DecodeCommand, TimesFollowTheLengthOfFrames) {
  const std::string archive =
      write("a.ark", ark_matrix("u", 5, 6, {-9, -9, 0,  -9, -9, -9, 0,  -9, -9, -9, -9, -9,  //
                                            -9, -9, -9, -9, -9, 0,  -9, -9, -9, -9, -9, 0,   //
                                            0,  -9, -9, -9, -9, -9}));
  EXPECT_EQ(decode(letters(), {archive, "--format", "ctm", "--frame-ms", "100"}),
            "u 1 0.000 0.400 at\n");
  EXPECT_EQ(decode(letters(), {archive, "--format", "jsonl", "--phones"}),
            R"({"id": "u", "duration_s": 0.2, "text": "at", "words": [{"word": "at", "start": 0, )"
            R"("end": 0.16, "phones": [{"phone": "a", "start": 0, "end": 0.04}, )"
            R"({"phone": "t", "start": 0.08, "end": 0.16}]}], )"
            R"("utterances": [{"start": 0, "end": 0.16, "text": "at"}]})"
            "\n");
}

TEST_F(DecodeCommand, WordsAreSteered) {
  const std::string hot = write("hot.txt", "cats\t6\n");
  const std::string phrases = write("phrases.txt", "act\ntacs\n");
  EXPECT_THAT(decode(pieces(), {data("pieces/scores.npz")}), HasSubstr("u0\tcat\n"));
  EXPECT_THAT(decode(pieces(), {data("pieces/scores.npz"), "--hot-phrases", hot}),
              HasSubstr("u0\tcats\n"));
  const std::string closed = decode(pieces(), {data("pieces/scores.npz"), "--phrases", phrases});
  EXPECT_THAT(closed, AllOf(HasSubstr("tacs"), HasSubstr("act"), Not(HasSubstr("cat\n")),
                            Not(HasSubstr("cats"))));
  const std::string stat = write("stat.txt", "stat\n");
  EXPECT_THAT(
      [&] {
        decode(letters(), {data("letters/scores.npz"), "--new-words", stat});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("the model has a separator")));
  const std::string acts = write("acts.txt", "acts\n");
  EXPECT_THAT(
      decode(pieces(), {data("pieces/scores.npz"), "--new-words", acts, "--new-word-cost", "0"}),
      HasSubstr("acts"));
  const std::string words = write("words.txt", "act\ncats\n");
  EXPECT_THAT(decode(pieces(), {data("pieces/scores.npz"), "--words", words}),
              HasSubstr("u0\tcats\n"));
}

TEST_F(DecodeCommand, AFolderHasAFileForEachUtteranceAndFormat) {
  decode(letters(), {data("letters/scores.npz"), "--output", path("out"), "--format", "text,srt"});
  EXPECT_EQ(bytes_of(path("out/u1.txt")), "at act\n");
  EXPECT_THAT(bytes_of(path("out/u2.srt")), HasSubstr("tacs cat act"));
}

TEST_F(DecodeCommand, WordsAreWrittenByTheRulesOfAFolder) {
  const std::string written = (fs::path(HARPY_SOURCE_DIR) / "models/written/en").string();
  EXPECT_THAT(decode(letters(), {data("letters/scores.npz"), "--written", written}),
              HasSubstr("u1\tAt act.\n"));
}

TEST_F(DecodeCommand, NamesFileAndUtteranceOfWhatItRefuses) {
  const std::vector<float> row{-2, -2, -2, -2, -2, -2};
  const auto changed = [&](float value) {
    std::vector<float> values = row;
    values[3] = value;
    return write("a.npy", npy_matrix(1, 6, values));
  };
  expect_refused(letters(), {changed(std::nanf(""))}, "a.npy: at [0, 3], the label \"c\": NaN");
  expect_refused(letters(), {changed(3.5F)}, "a.npy: at [0, 3], the label \"c\": 3.5; expected");
  EXPECT_EQ(decode(letters(), {changed(3.5F), "--log-likelihoods"}), "a\t\n");
  expect_refused(letters(), {write("a.npy", npy_matrix(1, 5, {-1, -1, -1, -1, -1}))},
                 "a.npy: expected 6 columns");
  expect_refused(letters(), {write("a.npy", npy_matrix(1, 6, {0.5, 0.1, 0.1, 0.1, 0.1, 0.1}))},
                 "a.npy: frame 0 has probabilities");
  expect_refused(letters(), {path("missing.npy")}, "missing.npy: No such file");
  expect_refused(letters(), {write("empty.npz", std::string("PK\5\6") + std::string(18, '\0'))},
                 "the files hold no utterance");
}

TEST_F(DecodeCommand, WhatIsWholeIsDecodedBesideWhatIsNot) {
  const std::string archive =
      ark_matrix("good", 2, 6, {-9, -9, 0, -9, -9, -9, -9, -9, -9, -9, -9, 0});
  const std::string cut =
      write("cut.ark", archive + ark_matrix("cut", 2, 6, {-1, -1, -1, -1, -1, -1}));
  const std::string again = write("again.ark", archive);
  EXPECT_THAT(
      [&] {
        decode(letters(), {cut, again});
      },
      ThrowsMessage<std::runtime_error>("2 of 3 utterances could not be decoded"));
  EXPECT_EQ(printed_, "good\tat\n");
  EXPECT_THAT(errors_, AllOf(HasSubstr("harpy: error: " + cut + ": cut: byte "),
                             HasSubstr("more than the file holds"),
                             HasSubstr("harpy: error: " + again +
                                       ": good: an utterance before has the same id, \"good\"")));
}

TEST_F(DecodeCommand, WrongUsageIsToldBeforeAnythingIsRead) {
  const Arguments scores{data("letters/scores.npz")};
  EXPECT_THROW(decode({}, scores), UsageError);
  EXPECT_THROW(decode({"--tokens", data("letters/tokens.txt")}, scores), UsageError);
  EXPECT_THROW(decode(letters(), {}), UsageError);
  EXPECT_THROW(decode(letters(), {scores[0], "--format", "srt"}), UsageError);
  EXPECT_THROW(decode(letters(), {scores[0], "--blank", "first"}), UsageError);
  EXPECT_THROW(decode(letters(), {scores[0], "--rescore", scores[0]}), UsageError);
  EXPECT_THAT(
      [&] {
        decode(letters(), {scores[0], "--blank", "none"});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("blank none: the graph has blanks")));
}

/// Labels are columns, which no graph of Harpy's own compiler would have it.
GraphPackage package_of(const harpy::testing::GoldenCorpus& corpus) {
  GraphPackage package{.graph = *corpus.graph,
                       .frame_labels = {.topology = Topology::kOneState},
                       .words = SymbolTable(corpus.words),
                       .labels = {},
                       .pronunciations = {}};
  for (std::int32_t pdf = 0; pdf < corpus.graph->view().pdf_count; ++pdf) {
    package.labels.add(pdf == 0 ? "<blank>" : "p" + std::to_string(pdf));
  }
  for (std::int32_t word = 0; word < package.words.size(); ++word) {
    package.pronunciations.add_word({});
  }
  return package;
}

class DecodeGolden : public DecodeCommand, public ::testing::WithParamInterface<const char*> {};

TEST_P(DecodeGolden, GivesTheWordsOfTheSearchFromArraysAndArchives) {
  if (!harpy::testing::has_golden_search(GetParam())) {
    GTEST_SKIP() << "needs the golden decodings beside the checkout";
  }
  const harpy::testing::GoldenCorpus corpus = harpy::testing::load_golden_search(GetParam());
  write_graph_package(path("graph.harpy"), package_of(corpus));
  const auto search = make_cpu_beam_search(corpus.graph, {});
  std::string expected;
  std::string archive;
  Arguments arrays;
  for (const auto& [id, utterance] : corpus.utterances) {
    const auto stream = harpy::testing::run_search(*search, utterance.scores, 16);
    const BestPath best = search->best_path(*stream, true);
    expected +=
        id + "\t" + harpy::testing::words_of(harpy::testing::outputs_of(best), corpus.words) + "\n";
    std::vector<float> values;
    for (const auto& frame : utterance.scores)
      values.insert(values.end(), frame.begin(), frame.end());
    const std::size_t columns = utterance.scores[0].size();
    archive += ark_matrix(id, static_cast<std::int32_t>(utterance.scores.size()),
                          static_cast<std::int32_t>(columns), values);
    arrays.push_back(write(id + ".npy", npy_matrix(utterance.scores.size(), columns, values)));
  }
  const Arguments graph{"--graph", path("graph.harpy"), "--blank", "0"};
  EXPECT_EQ(decode(graph, arrays), expected);
  EXPECT_EQ(decode(graph, {write("all.ark", archive), "--jobs", "3"}), expected);
}

INSTANTIATE_TEST_SUITE_P(Corpora, DecodeGolden,
                         ::testing::Values("tiny", "small", "mono", "biphone"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace harpy::tools

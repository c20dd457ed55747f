#include "decoder/graph/compiler/graph_compiler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <random>

#include "tests/decoder/graph/compiler/arpa_text.hpp"
#include "tests/decoder/graph/compiler/brute_force.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

// Homophones (RED, READ), a variant (READ), words that begin others (A, AD, ADD), repeated phones
// within a word (ADD) and between words (AD D).
constexpr const char* kLexicon =
    "a A\n"
    "ad A D\n"
    "add A D D\n"
    "d D\n"
    "red E D\n"
    "read E D\n"
    "read(2) E A D\n"
    "unused A E\n";

class GraphCompiler : public ::testing::Test {
 protected:
  Lexicon lexicon(const std::string& text, const LexiconOptions& options = {}) const {
    const auto path = directory_.path() / "lexicon.dict";
    std::ofstream(path) << text;
    return Lexicon::read(path, options);
  }
  static NgramModel model(const std::string& text) { return testing::model_of(text); }

  /// Whether a sequence of frames may go on with a pdf; of three-state frames only what some path
  /// consumes, or they would be too many.
  static bool may_follow(const std::vector<std::int32_t>& frames, std::int32_t pdf,
                         Topology topology) {
    if (topology != Topology::kThreeState) return true;
    if (pdf < 3) return false;
    if (frames.empty()) return pdf % 3 == 0;
    if (pdf == frames.back()) return true;
    return pdf % 3 == 0 ? frames.back() % 3 == 2 : pdf == frames.back() + 1;
  }

  /// Compares the compiled graph with enumeration for every sequence of up to `most` frames.
  static void expect_exact(const Lexicon& lexicon, const NgramModel& model, std::size_t most,
                           const GraphCompilerOptions& options = {}) {
    const CompiledGraph compiled = compile_graph(lexicon, model, options);
    const GraphView& graph = compiled.package.graph.view();
    EXPECT_EQ(compiled.package.frame_labels.topology, options.topology);
    std::size_t accepted = 0;
    std::vector<std::int32_t> frames;
    const std::function<void()> visit = [&] {
      const auto expected = testing::expected_costs(lexicon, model, frames, options.topology,
                                                    options.fillers, options.contexts);
      const auto found = testing::graph_costs(graph, compiled.package.words, frames);
      ASSERT_EQ(found.size(), expected.size()) << ::testing::PrintToString(frames);
      for (const auto& [words, cost] : expected) {
        ASSERT_TRUE(found.contains(words)) << ::testing::PrintToString(frames);
        ASSERT_NEAR(found.at(words), cost, 2e-6 * (1.0 + cost)) << ::testing::PrintToString(words);
      }
      accepted += expected.size();
      if (frames.size() == most) return;
      for (std::int32_t pdf = 0; pdf < graph.pdf_count; ++pdf) {
        if (!may_follow(frames, pdf, options.topology)) continue;
        frames.push_back(pdf);
        visit();
        frames.pop_back();
      }
    };
    visit();
    EXPECT_GT(accepted, 100U);
  }

  /// The lexicon with a noise word of two pronunciations and a phone of silence.
  Lexicon noisy_lexicon() const {
    return lexicon(std::string(kLexicon) + "[noise] N\n[noise](2) N A\n[laugh] N\n",
                   {.phones = {"A", "D", "E", "N", "SIL"}});
  }
  static FillerOptions noisy_fillers() {
    return {.silence = "SIL",
            .silence_probability = 0.3,
            .noise_words = {"[NOISE]", "[LAUGH]"},
            .noise_probability = 0.2};
  }

  const testing::TemporaryDirectory directory_;
};

TEST_F(GraphCompiler, GivesEveryFrameSequenceTheCostsOfEnumeration) {
  expect_exact(lexicon(kLexicon), model(testing::kTrigrams), 5);
}

TEST_F(GraphCompiler, EachWordPaysTheWordCost) {
  const Lexicon words = lexicon(kLexicon);
  const NgramModel trigrams = model(testing::kTrigrams);
  const CompiledGraph free = compile_graph(words, trigrams);
  const CompiledGraph dear = compile_graph(words, trigrams, {.word_cost = 0.75F});
  const std::vector<std::int32_t> frames{1, 2, 0, 2, 3, 2, 0, 2};
  const auto before = testing::graph_costs(free.package.graph.view(), free.package.words, frames);
  const auto behind = testing::graph_costs(dear.package.graph.view(), dear.package.words, frames);
  ASSERT_FALSE(before.empty());
  ASSERT_EQ(behind.size(), before.size());
  for (const auto& [sentence, cost] : before) {
    const auto word_count = static_cast<double>(sentence.size());
    EXPECT_NEAR(behind.at(sentence), cost + 0.75 * word_count, 1e-4);
  }
  const GraphCheck check =
      check_graph(dear.package, trigrams,
                  {.sentence_count = 50, .pronunciation_costs = dear.pronunciation_costs});
  EXPECT_LT(check.largest_difference, 1e-4);
}

TEST_F(GraphCompiler, IsExactForUnitsOfPairs) {
  const Lexicon three_phones = lexicon(kLexicon);
  const LabelContexts contexts(4, {{1, 2}, {2, 2}, {3, 1}});
  expect_exact(three_phones, model(testing::kTrigrams), 4, {.contexts = contexts});
  const CompiledGraph compiled =
      compile_graph(three_phones, model(testing::kTrigrams), {.contexts = contexts});
  EXPECT_THAT(compiled.package.labels.names(),
              ElementsAre("<blank>", "A", "D", "E", "A-D", "D-D", "E-A"));
  const auto path = directory_.path() / "graph.harpy";
  write_graph_package(path, compiled.package);
  EXPECT_EQ(map_graph_package(path).frame_labels, compiled.package.frame_labels);
}

TEST_F(GraphCompiler, RefusesALabelNamedLikeAPair) {
  const Lexicon hyphens = lexicon("a A\nb B\nc A-B\n", {.phones = {"A", "B", "A-B"}});
  EXPECT_THAT([&] { compile_graph(hyphens, testing::model_of(testing::kTrigrams)); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("named like a pair")));
}

TEST_F(GraphCompiler, IsExactForOneState) {
  expect_exact(lexicon(kLexicon), model(testing::kTrigrams), 5, {.topology = Topology::kOneState});
}

TEST_F(GraphCompiler, IsExactForThreeStates) {
  expect_exact(lexicon(kLexicon), model(testing::kTrigrams), 9,
               {.topology = Topology::kThreeState});
}

TEST_F(GraphCompiler, IsExactWithSilenceAndNoises) {
  expect_exact(noisy_lexicon(), model(testing::kTrigrams), 4, {.fillers = noisy_fillers()});
  expect_exact(noisy_lexicon(), model(testing::kTrigrams), 4,
               {.topology = Topology::kOneState, .fillers = noisy_fillers()});
  expect_exact(noisy_lexicon(), model(testing::kTrigrams), 7,
               {.topology = Topology::kThreeState, .fillers = noisy_fillers()});
}

TEST_F(GraphCompiler, NumbersNoiseWordsAfterTheModelsWords) {
  const GraphPackage package =
      compile_graph(noisy_lexicon(), model(testing::kTrigrams), {.fillers = noisy_fillers()})
          .package;
  EXPECT_EQ(package.words.find("[NOISE]"), 7);
  EXPECT_EQ(package.pronunciations.pronunciation_count(7), 2);
  EXPECT_EQ(package.frame_labels.silence_label, 5);
}

TEST_F(GraphCompiler, RefusesNoiseWordsOfTheModel) {
  EXPECT_THAT(
      [&] {
        compile_graph(lexicon(kLexicon), model(testing::kTrigrams),
                      {.fillers = {.noise_words = {"RED"}}});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("\"RED\" is a word of the language model")));
}

TEST_F(GraphCompiler, NamesTheWordsThatALexiconLacks) {
  const Lexicon few = lexicon("a A\nd D\n");
  EXPECT_THAT(words_without_pronunciation(few, model(testing::kTrigrams)),
              ElementsAre("AD", "ADD", "READ", "RED"));
  EXPECT_THAT(words_without_pronunciation(few, model(testing::kTrigrams), {"A", "RED"}),
              ElementsAre("RED"));
}

TEST_F(GraphCompiler, IsExactForUnigrams) {
  const char* text =
      "\\data\\\nngram 1=4\n\n\\1-grams:\n-99 <s>\n-0.5 </s>\n-0.3 AD\n-0.6 D\n\n\\end\\\n";
  expect_exact(lexicon(kLexicon), model(text), 5);
}

TEST_F(GraphCompiler, IsExactForRandomLexiconsAndModels) {
  std::mt19937 random(17);
  const auto below = [&random](std::uint32_t limit) { return random() % limit; };
  for (int round = 0; round < 10; ++round) {
    const std::vector<std::string> words{"U", "V", "W", "X", "Y"};
    std::string dictionary = "U P\n";
    for (const std::string& word : words) {
      for (std::uint32_t variant = 0; variant <= below(2); ++variant) {
        dictionary += word;
        for (std::uint32_t i = 0; i <= below(3); ++i) dictionary += below(2) != 0 ? " P" : " Q";
        dictionary += "\n";
      }
    }
    const auto number = [&] { return " -" + std::to_string(below(100)) + "e-2"; };
    std::string unigrams = "-99 <s> -0.5\n-0.5 </s>\n";
    std::string bigrams;
    int bigram_count = 0;
    for (const std::string& word : words) {
      unigrams += number() + " " + word + number() + "\n";
      for (const std::string& next : words) {
        if (below(3) != 0) continue;
        bigrams += number() + " " + word + " " + next + "\n";
        ++bigram_count;
      }
    }
    const std::string text = "\\data\\\nngram 1=7\nngram 2=" + std::to_string(bigram_count) +
                             "\n\n\\1-grams:\n" + unigrams + "\n\\2-grams:\n" + bigrams +
                             "\n\\end\\\n";
    expect_exact(lexicon(dictionary), model(text), 5);
  }
}

TEST_F(GraphCompiler, KeepsWordsInTheOrderOfTheModelWithTheirPronunciations) {
  const CompiledGraph compiled = compile_graph(lexicon(kLexicon), model(testing::kTrigrams));
  const GraphPackage& package = compiled.package;
  EXPECT_THAT(package.words.names(), ElementsAre("<eps>", "A", "AD", "ADD", "D", "READ", "RED"));
  EXPECT_THAT(package.labels.names(), ElementsAre("<blank>", "A", "D", "E"));
  EXPECT_EQ(package.graph.view().pdf_count, 4);
  const std::int32_t read = *package.words.find("READ");
  EXPECT_EQ(package.pronunciations.pronunciation_count(read), 2);
  EXPECT_THAT(package.pronunciations.labels(read, 1), ElementsAre(3, 1, 2));
  EXPECT_THAT(compiled.words_without_pronunciation, IsEmpty());
  ASSERT_EQ(compiled.stages.size(), 4U);
  EXPECT_EQ(compiled.stages.back().arc_count, package.graph.view().arc_count());
}

TEST_F(GraphCompiler, LeavesOutAndReportsWordsWithoutPronunciation) {
  const Lexicon few = lexicon("a A\nd D\n");
  const CompiledGraph compiled = compile_graph(few, model(testing::kTrigrams));
  EXPECT_THAT(compiled.package.words.names(), ElementsAre("<eps>", "A", "D"));
  EXPECT_THAT(compiled.words_without_pronunciation, ElementsAre("AD", "ADD", "READ", "RED"));
  expect_exact(few, model(testing::kTrigrams), 6);
}

TEST_F(GraphCompiler, RestrictsTheVocabulary) {
  const Lexicon full = lexicon(kLexicon);
  const CompiledGraph compiled =
      compile_graph(full, model(testing::kTrigrams), {.vocabulary = {"RED", "A"}});
  EXPECT_THAT(compiled.package.words.names(), ElementsAre("<eps>", "A", "RED"));
  EXPECT_THAT([&] { compile_graph(full, model(testing::kTrigrams), {.vocabulary = {"BLUE"}}); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("\"BLUE\" is not in")));
}

TEST_F(GraphCompiler, RefusesALexiconThatKnowsNoWordOfTheModel) {
  EXPECT_THAT([&] { compile_graph(lexicon("blue B L\n"), model(testing::kTrigrams)); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("no word of the language model")));
}

}  // namespace
}  // namespace harpy

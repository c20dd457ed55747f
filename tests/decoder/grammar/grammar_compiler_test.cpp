#include "decoder/grammar/grammar_compiler.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "decoder/grammar/jsgf.hpp"
#include "decoder/search/make_beam_search.hpp"

namespace harpy {
namespace {

/// Words are pronounced by their letters: a, b and c are the phones 1, 2 and 3.
SpokenWord spell(const std::string& word) {
  Lexicon::Pronunciation phones;
  for (const char letter : word) {
    if (letter < 'a' || letter > 'c') throw std::invalid_argument("cannot say " + word);
    phones.push_back(letter - 'a' + 1);
  }
  return {.name = word, .pronunciations = {phones}};
}

GraphPackage compile(const std::string& expansion, float unknown_phone_cost = 0.0F) {
  return compile_grammar(read_jsgf("#JSGF V1.0; grammar test; public <all> = " + expansion + ";"),
                         spell,
                         {.labels = SymbolTable({"<blank>", "a", "b", "c"}),
                          .frame_labels = {},
                          .unknown_phone_cost = unknown_phone_cost});
}

struct Heard {
  std::string words;
  double graph_cost = 0.0;
};

/// What a search finds where each frame can only be what a letter says, - being the blank.
Heard hear(const GraphPackage& package, const std::string& frames) {
  std::vector<float> scores;
  for (const char letter : frames) {
    const std::size_t pdf = letter == '-' ? 0 : static_cast<std::size_t>(letter - 'a' + 1);
    std::vector<float> frame(4, -INFINITY);
    frame[pdf] = 0.0F;
    scores.insert(scores.end(), frame.begin(), frame.end());
  }
  const std::shared_ptr<const DecodingGraph> graph(std::shared_ptr<const void>(), &package.graph);
  const auto search = make_cpu_beam_search(graph, {.beam = 100.0F});
  const auto stream = search->open();
  const SearchInput input{stream.get(),
                          {scores.data(), {static_cast<std::int64_t>(frames.size()), 4}}};
  search->advance({&input, 1});
  const BestPath path = search->best_path(*stream, true);
  if (!path.reached_final) return {.words = "none"};
  Heard heard{.graph_cost = path.graph_cost};
  for (const PathStep& step : path.steps) {
    if (step.output != 0) heard.words += package.words.name(step.output) + " ";
  }
  return heard;
}

TEST(CompiledGrammar, PutsOutTheWordsAtTheGrammarsCosts) {
  const GraphPackage package = compile("/3/ ab c | /1/ ab [b] a");
  const auto expect = [&](const char* frames, const char* words, double probability) {
    const Heard heard = hear(package, frames);
    EXPECT_EQ(heard.words, words) << frames;
    EXPECT_NEAR(heard.graph_cost, -std::log(probability), 1e-5) << frames;
  };
  expect("ab-c", "ab c ", 0.75);
  expect("--aabcc", "ab c ", 0.75);
  expect("aba", "ab a ", 0.125);
  expect("ab-ba", "ab b a ", 0.125);
  EXPECT_EQ(hear(package, "abb").words, "none");
  EXPECT_EQ(hear(package, "c").words, "none");
}

TEST(CompiledGrammar, UnknownWordsAreAnyPhonesAtTheirCost) {
  const GraphPackage package = compile("ab (/3/ ab | /1/ \"[unk]\")", 0.5F);
  EXPECT_EQ(package.pronunciations.pronunciation_count(*package.words.find("[unk]")), 0);
  const Heard known = hear(package, "ab-ab");
  EXPECT_EQ(known.words, "ab ab ");
  EXPECT_NEAR(known.graph_cost, -std::log(0.75), 1e-5);
  const Heard unknown = hear(package, "ab-acc-cb");
  EXPECT_EQ(unknown.words, "ab [unk] ");
  EXPECT_NEAR(unknown.graph_cost, -std::log(0.25) + 4 * 0.5, 1e-5);
  EXPECT_EQ(hear(package, "ab").words, "none");
}

TEST(CompiledGrammar, WordsThatAreOneToTheLookupAreOne) {
  const WordGrammar grammar = read_jsgf("#JSGF V1.0; grammar test; public <all> = ab | AB | Ab;");
  const GraphPackage package =
      compile_grammar(grammar, [](const std::string&) { return spell("ab"); },
                      {.labels = SymbolTable({"<blank>", "a", "b", "c"}), .frame_labels = {}});
  EXPECT_EQ(package.words.names(), (std::vector<std::string>{"<eps>", "ab"}));
  EXPECT_EQ(hear(package, "ab").words, "ab ");
}

TEST(CompiledGrammar, FaultsAreTold) {
  EXPECT_THROW(compile("xyz"), std::invalid_argument);
  EXPECT_THROW(compile("ab <VOID>"), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

// Graphs in two parts, written by OpenFst, against the plain product of what they were made of.
#include "kaldi/graph_composition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <random>

#include "decoder/graph/compiler/graph_check.hpp"
#include "decoder/graph/openfst_file.hpp"
#include "tests/kaldi/openfst_parts.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::int32_t kWords = 6;
constexpr std::int32_t kPhones = 3;
constexpr std::int32_t kTransitions = 2 * kPhones;
/// The word that stands for a back-off, and inputs that keep words apart.
constexpr std::int32_t kBackoffWord = kWords + 1;
constexpr std::int32_t kDisambiguation = kTransitions + 1;

/// A graph that grows state by state.
struct GrowingGraph {
  GraphDescription graph;

  std::int32_t add_state(float final_cost = kInfiniteCost) {
    graph.final_costs.push_back(final_cost);
    return static_cast<std::int32_t>(graph.final_costs.size()) - 1;
  }
  void add(std::int32_t source, const Arc& arc) {
    graph.pdf_count = std::max(graph.pdf_count, arc.input);
    graph.arcs.push_back({source, arc});
  }
};

class GraphParts : public ::testing::TestWithParam<bool> {
 protected:
  bool is_ngram() const { return GetParam(); }

  float cost() { return std::uniform_real_distribution<float>(0.1F, 3.0F)(random_); }
  std::int32_t below(std::int32_t count) {
    return std::uniform_int_distribution<std::int32_t>(0, count - 1)(random_);
  }

  /// Words as sequences of phones, each a transition and a loop of its own, behind which an input
  /// that is none keeps those of one sound apart; some share their beginnings as in a tree. The
  /// word is put out at its end, as determinization does it.
  GraphDescription make_lexicon() {
    GrowingGraph lexicon;
    const std::int32_t root = lexicon.add_state(0.25F);
    if (!is_ngram()) {
      lexicon.add(root, {.target = root, .input = kDisambiguation, .output = kBackoffWord});
    }
    std::map<std::pair<std::int32_t, std::int32_t>, std::int32_t> children;
    for (std::int32_t word = 1; word <= kWords; ++word) {
      std::int32_t node = root;
      const std::int32_t length = 1 + below(3);
      for (std::int32_t i = 0; i < length; ++i) {
        const std::int32_t phone = 1 + below(kPhones);
        const auto [child, is_new] = children.try_emplace({node, phone}, 0);
        if (is_new) {
          child->second = lexicon.add_state();
          lexicon.add(node, {.target = child->second, .input = 2 * phone, .cost = cost()});
          lexicon.add(child->second,
                      {.target = child->second, .input = 2 * phone - 1, .cost = cost()});
        }
        node = child->second;
      }
      lexicon.add(
          node, {.target = root, .input = kDisambiguation + word, .output = word, .cost = cost()});
    }
    return lexicon.graph;
  }

  /// A bigram model: state 0 behind no word, the start, one behind each word.
  GraphDescription make_bigrams() {
    GrowingGraph grammar;
    const std::int32_t empty = grammar.add_state(cost());
    const std::int32_t start = grammar.add_state();
    grammar.graph.start = start;
    for (std::int32_t word = 1; word <= kWords; ++word) grammar.add_state();
    const auto add_word = [&](std::int32_t from, std::int32_t word) {
      grammar.add(from, {.target = start + word, .input = word, .output = word, .cost = cost()});
    };
    const std::int32_t backoff = is_ngram() ? 0 : kBackoffWord;
    for (std::int32_t state = 0; state <= start + kWords; ++state) {
      for (std::int32_t word = 1; word <= kWords; ++word) {
        if (state == empty || below(3) == 0) add_word(state, word);
      }
      if (state == empty) continue;
      grammar.add(state, {.target = empty, .input = backoff, .output = 0, .cost = cost()});
      if (below(2) == 0) grammar.graph.final_costs[static_cast<std::size_t>(state)] = cost();
    }
    return grammar.graph;
  }

  /// Every pair of paths, state pair by state pair.
  static GraphDescription product(const GraphDescription& lexicon,
                                  const GraphDescription& grammar) {
    const auto grammar_states = static_cast<std::int32_t>(grammar.final_costs.size());
    const auto pair = [&](std::int32_t a, std::int32_t b) { return a * grammar_states + b; };
    GraphDescription result{.start = pair(lexicon.start, grammar.start), .pdf_count = kTransitions};
    for (const float a : lexicon.final_costs) {
      for (const float b : grammar.final_costs) result.final_costs.push_back(a + b);
    }
    const auto input = [](std::int32_t label) { return label > kTransitions ? 0 : label; };
    for (const SourcedArc& a : lexicon.arcs) {
      for (std::int32_t b = 0; a.arc.output == 0 && b < grammar_states; ++b) {
        result.arcs.push_back(
            {pair(a.source, b),
             {.target = pair(a.arc.target, b), .input = input(a.arc.input), .cost = a.arc.cost}});
      }
      for (const SourcedArc& b : grammar.arcs) {
        if (a.arc.output == 0 || a.arc.output != b.arc.input) continue;
        result.arcs.push_back({pair(a.source, b.source),
                               {.target = pair(a.arc.target, b.arc.target),
                                .input = input(a.arc.input),
                                .output = b.arc.output,
                                .cost = a.arc.cost + b.arc.cost}});
      }
    }
    for (const SourcedArc& b : grammar.arcs) {
      if (b.arc.input != 0) continue;
      for (std::size_t a = 0; a < lexicon.final_costs.size(); ++a) {
        const auto state = static_cast<std::int32_t>(a);
        result.arcs.push_back(
            {pair(state, b.source), {.target = pair(state, b.arc.target), .cost = b.arc.cost}});
      }
    }
    return result;
  }

  /// Frames and words of a path that is drawn at random.
  std::pair<std::vector<std::int32_t>, std::vector<std::int32_t>> draw(const GraphView& graph) {
    std::pair<std::vector<std::int32_t>, std::vector<std::int32_t>> drawn;
    std::int32_t state = graph.start;
    // Loops may lead nowhere: a path is given up then.
    while ((graph.final_cost[state] == kInfiniteCost || below(3) > 0) && drawn.first.size() < 30) {
      const std::uint32_t begin = graph.arc_begin[state];
      const auto count = static_cast<std::int32_t>(graph.arc_begin[state + 1] - begin);
      if (count == 0) return drawn;
      const Arc& arc = graph.arcs[begin + static_cast<std::uint32_t>(below(count))];
      if (arc.input != 0) drawn.first.push_back(arc.input - 1);
      if (arc.output != 0) drawn.second.push_back(arc.output);
      state = arc.target;
    }
    return drawn;
  }

  kaldi::ModelFolder write(const GraphDescription& lexicon, const GraphDescription& grammar,
                           const LabelNames& symbols = {}) {
    kaldi::ModelFolder files{.folder = directory_.path()};
    files.lexicon_graph = directory_.path() / "HCLr.fst";
    files.grammar_graph = directory_.path() / "Gr.fst";
    files.disambiguation = directory_.path() / "disambig_tid.int";
    numbers_ = write_graph_parts(lexicon, grammar, is_ngram(), symbols, files.lexicon_graph,
                                 files.grammar_graph);
    std::ofstream ids(files.disambiguation);
    for (std::int32_t word = 0; word <= kWords; ++word) ids << kDisambiguation + word << "\n";
    return files;
  }

  std::mt19937 random_{7};
  const TemporaryDirectory directory_;
  std::map<std::int32_t, std::int32_t> numbers_;
};

TEST_P(GraphParts, ComposedHaveThePathsOfTheirProductAtTheSameCost) {
  int possible = 0;
  for (int round = 0; round < 10; ++round) {
    const GraphDescription lexicon = make_lexicon();
    const GraphDescription grammar = make_bigrams();
    const kaldi::ModelFolder files = write(lexicon, grammar);
    const DecodingGraph composed(
        kaldi::compose_graph(kaldi::read_graph_parts(files), files, 100'000));
    const DecodingGraph expected(product(lexicon, grammar));
    for (int sequence = 0; sequence < 100; ++sequence) {
      auto [frames, words] = draw(expected.view());
      if (sequence % 4 == 0) words.push_back(1 + below(kWords));
      std::vector<std::int32_t> numbered = words;
      for (std::int32_t& word : numbered) word = is_ngram() ? numbers_.at(word) : word;
      const double cost = accepted_cost(expected.view(), frames, words);
      const double found = accepted_cost(composed.view(), frames, numbered);
      ASSERT_EQ(std::isinf(cost), std::isinf(found)) << round << " " << sequence;
      if (std::isinf(cost)) continue;
      EXPECT_NEAR(found, cost, 1e-4) << round << " " << sequence;
      ++possible;
    }
  }
  EXPECT_GT(possible, 300);
}

TEST_P(GraphParts, AreComposedUpToAnyNumberOfArcs) {
  const kaldi::ModelFolder files = write(make_lexicon(), make_bigrams());
  const ::harpy::kaldi::GraphParts parts = kaldi::read_graph_parts(files);
  const std::size_t arcs = kaldi::compose_graph(parts, files, 100'000).arcs.size();
  EXPECT_THAT([&] { kaldi::compose_graph(parts, files, arcs / 2); },
              ThrowsMessage<std::runtime_error>(
                  HasSubstr("HCLr.fst: composed with Gr.fst it would have more than " +
                            std::to_string(arcs / 2) + " arcs")));
}

TEST_P(GraphParts, NameTheirWords) {
  const LabelNames names{{0, "<eps>"}, {1, "one"}, {2, "two"}};
  const kaldi::ModelFolder files = write(make_lexicon(), make_bigrams(), names);
  const LabelNames found = read_openfst_outputs(files.grammar_graph);
  EXPECT_EQ(found.at(is_ngram() ? numbers_.at(2) : 2), "two");
  EXPECT_TRUE(read_openfst_outputs(files.lexicon_graph).empty());
}

INSTANTIATE_TEST_SUITE_P(OfBothKinds, GraphParts, ::testing::Bool(),
                         [](const auto& kind) { return kind.param ? "NgramModel" : "Grammar"; });

}  // namespace
}  // namespace harpy::testing

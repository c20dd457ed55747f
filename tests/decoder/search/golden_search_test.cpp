#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>

#include "decoder/lattice/n_best.hpp"
#include "decoder/search/make_beam_search.hpp"
#include "tests/decoder/search/golden_search.hpp"
#include "tests/decoder/search/random_search.hpp"

// Real graphs, simulated scores, answers of an exhaustive integer search and of Kaldi.

namespace harpy {
namespace {

using testing::ExactAnswer;
using testing::GoldenCorpus;
using testing::GoldenUtterance;
using testing::has_golden_search;
using testing::labels_of;
using testing::load_golden_search;
using testing::outputs_of;
using testing::run_search;
using testing::words_of;

/// Whether every utterance of a corpus can be searched without pruning.
bool is_small(const std::string& corpus) { return corpus == "tiny" || corpus == "small"; }
/// Longest utterance that is searched without pruning on the larger graphs.
constexpr std::size_t kLongestUnpruned = 145;
/// Longest utterance of which n-best lists are compared on the larger graphs.
constexpr std::size_t kLongestListed = 60;

BestPath search_golden(const GoldenCorpus& corpus, const GoldenUtterance& utterance,
                       const BeamSearchOptions& options) {
  const auto search = make_cpu_beam_search(corpus.graph, options);
  const auto stream = run_search(*search, utterance.scores, 16);
  return search->best_path(*stream, true);
}

void expect_exact(const BestPath& path, const ExactAnswer& exact, const GoldenCorpus& corpus) {
  EXPECT_TRUE(path.reached_final);
  EXPECT_EQ(path.cost, exact.cost);
  const std::vector<std::int32_t> labels = labels_of(path);
  ASSERT_EQ(labels.size(), exact.labels.size());
  for (std::size_t frame = 0; frame < labels.size(); ++frame) {
    EXPECT_THAT(exact.labels[frame], ::testing::Contains(labels[frame])) << "frame " << frame;
  }
  std::vector<std::string> best_words;
  for (const auto& [cost, words] : exact.n_best) {
    if (cost == exact.cost) best_words.push_back(words);
  }
  EXPECT_THAT(best_words, ::testing::Contains(words_of(outputs_of(path), corpus.words)));
}

class ExactSearch : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!has_golden_search(GetParam())) {
      GTEST_SKIP() << "needs the folder ../shared";
    }
  }
};
/// Corpora with Kaldi's answers.
class GoldenSearch : public ExactSearch {};

TEST_P(ExactSearch, FindsTheExactAnswersWhenNothingIsPruned) {
  const GoldenCorpus corpus = load_golden_search(GetParam());
  for (const auto& [id, utterance] : corpus.utterances) {
    if (utterance.scores.size() > kLongestUnpruned && !is_small(GetParam())) continue;
    for (const auto& [scale, exact] : utterance.exact) {
      SCOPED_TRACE(id + " at scale " + scale);
      const BeamSearchOptions options{.beam = std::numeric_limits<float>::infinity(),
                                      .max_active = std::numeric_limits<std::int32_t>::max(),
                                      .min_active = 0,
                                      .acoustic_scale = std::stof(scale)};
      expect_exact(search_golden(corpus, utterance, options), exact, corpus);
    }
  }
}

/// How the answers of a search with pruning compare with the exact ones.
struct Misses {
  int answers = 0;
  int missed = 0;       ///< a path of higher cost was found
  int not_final = 0;    ///< no final state was reached
  int below_exact = 0;  ///< impossible
};

TEST_P(GoldenSearch, MissesTheBestCostNoMoreOftenThanKaldi) {
  const GoldenCorpus corpus = load_golden_search(GetParam());
  for (const std::string setting : {"wide", "narrow", "tight"}) {
    SCOPED_TRACE(setting);
    Misses ours;
    Misses kaldi;
    const auto count = [](Misses& misses, bool reached_final, double cost, double exact_cost) {
      ++misses.answers;
      if (!reached_final) ++misses.not_final;
      if (reached_final && cost > exact_cost) ++misses.missed;
      if (reached_final && cost < exact_cost) ++misses.below_exact;
    };
    for (const auto& [id, utterance] : corpus.utterances) {
      for (const auto& [scale, exact] : utterance.exact) {
        const std::string name = setting + ("/" + scale);
        const BestPath path = search_golden(corpus, utterance, corpus.settings.at(name));
        const auto& answer = utterance.kaldi.at(name);
        count(ours, path.reached_final, path.cost, exact.cost);
        count(kaldi, answer.reached_final, answer.cost, exact.cost);
      }
    }
    EXPECT_EQ(ours.below_exact, 0);
    EXPECT_LE(ours.missed, kaldi.missed);
    EXPECT_LE(ours.not_final, kaldi.not_final);
    RecordProperty(setting + "_missed", ours.missed);
    RecordProperty(setting + "_not_final", ours.not_final);
  }
}

TEST_P(ExactSearch, ListsTheNBestWordSequencesWithinTheLatticeBeam) {
  const GoldenCorpus corpus = load_golden_search(GetParam());
  for (const auto& [id, utterance] : corpus.utterances) {
    if (utterance.scores.size() > kLongestListed && !is_small(GetParam())) continue;
    for (const auto& [scale, exact] : utterance.exact) {
      SCOPED_TRACE(id + " at scale " + scale);
      BeamSearchOptions options = corpus.settings.at("exact/" + scale);
      options.keep_lattice = true;
      const auto search = make_cpu_beam_search(corpus.graph, options);
      const auto stream = run_search(*search, utterance.scores, 16);
      const Lattice lattice = search->lattice(*stream);
      std::multimap<double, std::string> expected;
      for (const auto& [cost, words] : exact.n_best) {
        if (cost <= exact.cost + options.lattice_beam) expected.emplace(cost, words);
      }
      std::multimap<double, std::string> got;
      for (const LatticePath& path : n_best(lattice, expected.size())) {
        got.emplace(path.cost, words_of(path.words, corpus.words));
      }
      ASSERT_EQ(got.size(), expected.size());
      // Among equal costs any order will do, and at the end of the list any choice.
      for (auto entry = expected.begin(), place = got.begin(); entry != expected.end();
           ++entry, ++place) {
        EXPECT_EQ(place->first, entry->first);
        if (entry->first == expected.rbegin()->first) continue;
        EXPECT_EQ(expected.count(entry->first), got.count(entry->first));
        const auto [from, to] = got.equal_range(entry->first);
        EXPECT_TRUE(std::any_of(from, to, [&](const auto& same) {
          return same.second == entry->second;
        })) << entry->second;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Corpora, ExactSearch,
                         ::testing::Values("tiny", "small", "mono", "biphone"),
                         [](const auto& parameter) { return parameter.param; });
INSTANTIATE_TEST_SUITE_P(Corpora, GoldenSearch, ::testing::Values("small", "mono", "biphone"),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace harpy

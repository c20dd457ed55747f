#include "decoder/search/cpu/lattice_window.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "decoder/search/make_beam_search.hpp"
#include "decoder/search/search_stream.hpp"
#include "tests/decoder/search/random_search.hpp"

namespace harpy {
namespace {

using testing::Scores;
using token_passing::LatticeStore;

constexpr std::int64_t kWindowBlockFrames = 4;
constexpr std::size_t kWindowFrames = 300;
constexpr std::int32_t kWindowPdfs = 5;

BeamSearchOptions window_options(float lattice_beam) {
  return {.beam = 8.0F, .lattice_beam = lattice_beam, .min_active = 0, .keep_lattice = true};
}

/// Lets a stream consume all scores in blocks and looks at its lattice after each.
template <typename Look>
void search_in_blocks(BeamSearch& search, SearchStream& stream, const Scores& scores,
                      const Look& look) {
  for (std::size_t begin = 0; begin < scores.size(); begin += kWindowBlockFrames) {
    std::vector<float> block;
    for (std::size_t frame = begin; frame < begin + kWindowBlockFrames; ++frame) {
      block.insert(block.end(), scores[frame].begin(), scores[frame].end());
    }
    const SearchInput input{&stream, {block.data(), Shape{kWindowBlockFrames, kWindowPdfs}}};
    search.advance({&input, 1});
    look(dynamic_cast<token_passing::RestingStream&>(stream).past);
  }
}

TEST(LatticeWindow, ALatticeThatComesInWindowsIsThatOfTheWholeSearch) {
  int unsettled_count = 0;
  for (std::uint32_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto graph = testing::random_graph(random, {.state_count = 60,
                                                      .pdf_count = kWindowPdfs,
                                                      .arcs_per_state = 5,
                                                      .coarse_costs = seed % 2 == 1});
    const Scores scores = testing::random_scores(random, kWindowFrames, kWindowPdfs, seed % 2 == 1);
    const auto search = make_cpu_beam_search(graph, window_options(static_cast<float>(seed % 6)));
    const Lattice whole = search->lattice(*testing::run_search(*search, scores, kWindowFrames));
    EXPECT_FALSE(whole.empty());
    const auto stream = search->open();
    search_in_blocks(*search, *stream, scores, [&](const LatticeStore& past) {
      unsettled_count += past.pruned_frame_count < past.frame_count() ? 1 : 0;
    });
    testing::expect_same_lattice(search->lattice(*stream), whole);
  }
  EXPECT_GT(unsettled_count, 0) << "no pruning has come to the beginning of its window";
}

TEST(LatticeWindow, AStreamHoldsItsLatticeAndLittleMore) {
  std::mt19937 random(7);
  const auto graph = testing::random_graph(
      random, {.state_count = 60, .pdf_count = kWindowPdfs, .arcs_per_state = 5});
  const Scores scores = testing::random_scores(random, kWindowFrames, kWindowPdfs, false);
  const auto search = make_cpu_beam_search(graph, window_options(2.0F));
  const auto stream = search->open();
  std::uint32_t longest_window = 0;
  search_in_blocks(*search, *stream, scores, [&](const LatticeStore& past) {
    const auto expect_tight = [](const auto& values) {
      EXPECT_LE(values.capacity(), values.size() + values.size() / 4);
    };
    expect_tight(past.history);
    expect_tight(past.states);
    expect_tight(past.extras);
    expect_tight(past.token_begins);
    expect_tight(past.links);
    expect_tight(past.link_ends);
    longest_window = std::max(longest_window, past.frame_count() - past.window_begin);
  });
  EXPECT_LT(longest_window, kWindowFrames / 2);
}

}  // namespace
}  // namespace harpy

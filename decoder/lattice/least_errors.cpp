#include "decoder/lattice/least_errors.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "decoder/lattice/confusion_network.hpp"
#include "decoder/lattice/oracle.hpp"

namespace harpy {

namespace {

constexpr std::size_t kMostWork = std::size_t{1} << 25;  // arcs times words

LeastErrors all_of(LatticePath path) {
  LeastErrors result;
  for (std::size_t i = 0; i < path.words.size(); ++i) {
    result.words.push_back(
        {.word = path.words[i], .share = 1.0, .path_word = static_cast<std::int32_t>(i)});
  }
  result.path = std::move(path);
  return result;
}

/// A word with its frames, of which the lattice has `frame_count`.
LikelyWord likely_word(const ConfusedWord& entry, std::int32_t frame_count) {
  const auto end = static_cast<std::int32_t>(entry.end_frame);
  const auto begin = static_cast<std::int32_t>(entry.begin_frame);
  const std::int32_t within = std::clamp(end, 1, std::max(frame_count, 1));
  return {.word = entry.word,
          .share = entry.probability,
          .begin_frame = std::min(begin, within - 1),
          .end_frame = within};
}

std::int32_t frame_count_of(const CompactLattice& lattice) {
  std::int32_t count = 0;
  for (const CompactLatticeState& state : lattice.states()) {
    count = std::max(count, static_cast<std::int32_t>(state.frame));
  }
  return count;
}

}  // namespace

LeastErrors least_errors(const CompactLattice& lattice, double scale) {
  LatticePath best = best_path(lattice);
  if (lattice.arcs().size() * (best.words.size() + 1) > kMostWork) return all_of(std::move(best));
  const ConfusionNetwork network = minimum_bayes_risk(lattice, best.words, scale);
  OraclePath nearest = oracle_path(lattice, network.words);
  const std::int32_t frame_count = frame_count_of(lattice);
  LeastErrors result;
  for (std::size_t i = 0; i < network.words.size(); ++i) {
    result.words.push_back(likely_word(network.entry_of(i), frame_count));
  }
  for (std::size_t i = 0; i < nearest.counterparts.size(); ++i) {
    const std::int32_t counterpart = nearest.counterparts[i];
    if (counterpart < 0) continue;
    result.words[static_cast<std::size_t>(counterpart)].path_word = static_cast<std::int32_t>(i);
  }
  result.path = std::move(nearest.path);
  return result;
}

}  // namespace harpy

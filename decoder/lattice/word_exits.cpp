#include "decoder/lattice/word_exits.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <tuple>

#include "decoder/lattice/path_costs.hpp"

namespace harpy {

namespace {

constexpr double kNoWay = std::numeric_limits<double>::infinity();
constexpr std::uint32_t kWordBits = 64;
constexpr std::uint32_t kNoState = std::numeric_limits<std::uint32_t>::max();

}  // namespace

WordExits::WordExits(const Lattice& lattice, double beam)
    : lattice_(lattice),
      from_start_(least_costs_from_start(lattice)),
      to_end_(costs_to_end(lattice)),
      limit_(to_end_.empty() ? kNoWay : to_end_[0] + beam + kCostRounding),
      ranges_(to_end_.size()),
      is_found_(to_end_.size()),
      arrivals_(to_end_.size()),
      reached_((to_end_.size() + kWordBits - 1) / kWordBits) {}

std::span<const WordExit> WordExits::from(std::uint32_t state) {
  if (!is_found_[state]) find(state);
  const Range& range = ranges_[state];
  return std::span(exits_).subspan(range.begin, range.end - range.begin);
}

void WordExits::find(std::uint32_t start) {
  found_.clear();
  arrivals_[start] = {};
  reached_[start / kWordBits] |= std::uint64_t{1} << (start % kWordBits);
  for (std::uint32_t state = take_next(start); state != kNoState; state = take_next(state)) {
    leave(start, state);
  }
  std::ranges::stable_sort(found_, {}, [](const WordExit& exit) {
    return std::tuple(exit.word, exit.target, exit.cost());
  });
  const auto goes_equally = [](const WordExit& one, const WordExit& other) {
    return one.word == other.word && one.target == other.target;
  };
  found_.erase(std::unique(found_.begin(), found_.end(), goes_equally), found_.end());
  ranges_[start].begin = static_cast<std::uint32_t>(exits_.size());
  exits_.insert(exits_.end(), found_.begin(), found_.end());
  ranges_[start].end = static_cast<std::uint32_t>(exits_.size());
  is_found_[start] = true;
}

/// Takes the lowest state that is reached, not below `from`, off the list of these. Arcs lead to
/// higher states, so its arrival is final.
std::uint32_t WordExits::take_next(std::uint32_t from) {
  for (std::size_t i = from / kWordBits; i < reached_.size(); ++i) {
    if (reached_[i] == 0) continue;
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(reached_[i]));
    reached_[i] &= reached_[i] - 1;
    return static_cast<std::uint32_t>(i) * kWordBits + bit;
  }
  return kNoState;
}

void WordExits::leave(std::uint32_t start, std::uint32_t state) {
  const Arrival here = arrivals_[state];
  const double paid = from_start_[start] + here.cost();
  const float final_cost = lattice_.states()[state].final_cost;
  if (paid + final_cost <= limit_) {
    add(start, {0, state, here.graph_cost + final_cost, here.acoustic_cost}, state, 0);
  }
  for (std::uint32_t i = lattice_.arc_begin(state); i < lattice_.arc_begin(state + 1); ++i) {
    const LatticeArc& arc = lattice_.arcs()[i];
    if (!(paid + arc.cost() + to_end_[arc.target] <= limit_)) continue;
    const Arrival next{here.graph_cost + arc.graph_cost, here.acoustic_cost + arc.acoustic_cost, i};
    if (arc.output == 0) {
      reach(arc.target, next);
    } else {
      add(start, {arc.output, arc.target, next.graph_cost, next.acoustic_cost}, state, arc.input);
    }
  }
}

void WordExits::reach(std::uint32_t state, const Arrival& arrival) {
  std::uint64_t& word = reached_[state / kWordBits];
  const std::uint64_t bit = std::uint64_t{1} << (state % kWordBits);
  if ((word & bit) != 0 && arrivals_[state].cost() <= arrival.cost()) return;
  word |= bit;
  arrivals_[state] = arrival;
}

/// Adds an exit that leaves from `state`, with the labels on the way there and that of its arc.
void WordExits::add(std::uint32_t start, WordExit exit, std::uint32_t state,
                    std::int32_t last_label) {
  exit.labels_begin = static_cast<std::uint32_t>(labels_.size());
  if (last_label != 0) labels_.push_back(last_label);
  while (state != start) {
    const LatticeArc& arc = lattice_.arcs()[arrivals_[state].arc];
    if (arc.input != 0) labels_.push_back(arc.input);
    state = arc.source;
  }
  std::reverse(labels_.begin() + exit.labels_begin, labels_.end());
  exit.labels_end = static_cast<std::uint32_t>(labels_.size());
  found_.push_back(exit);
}

}  // namespace harpy

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "decoder/lattice/lattice.hpp"

namespace harpy {

/// The best of the ways from a state of a raw lattice to a place behind the next word, or to an
/// end.
struct WordExit {
  std::int32_t word = 0;     ///< 0: the path ends at `target`
  std::uint32_t target = 0;  ///< the state that the word's arc leads to
  double graph_cost = 0.0;   ///< of the arcs on the way, and of the final cost at an end
  double acoustic_cost = 0.0;
  std::uint32_t labels_begin = 0;  ///< the labels of the frames on the way: in WordExits::labels
  std::uint32_t labels_end = 0;

  double cost() const { return graph_cost + acoustic_cost; }
};

/// The ways from states of a raw lattice to the next words, each state's found once, when it is
/// first asked for: the removal of the lattice's epsilons as far as a determinisation needs it.
///
/// Ways that are on no path within the beam of the lattice's best one are left out.
class WordExits {
 public:
  /// The lattice outlives the object.
  WordExits(const Lattice& lattice, double beam);

  /// Sorted by word, then by target; a word and target come once. Of ways of equal cost the one
  /// that was found first, which depends on the lattice alone. Valid until the next call.
  std::span<const WordExit> from(std::uint32_t state);

  std::span<const std::int32_t> labels(const WordExit& exit) const {
    return std::span(labels_).subspan(exit.labels_begin, exit.labels_end - exit.labels_begin);
  }
  /// Least cost from each state to an end.
  const std::vector<double>& to_end() const { return to_end_; }
  /// What a path may cost at most; infinite if the lattice has none.
  double limit() const { return limit_; }

 private:
  /// How a state was reached from the one whose ways are being found.
  struct Arrival {
    double graph_cost = 0.0;
    double acoustic_cost = 0.0;
    std::uint32_t arc = 0;  ///< the last one

    double cost() const { return graph_cost + acoustic_cost; }
  };
  struct Range {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  void find(std::uint32_t start);
  void leave(std::uint32_t start, std::uint32_t state);
  void add(std::uint32_t start, WordExit exit, std::uint32_t state, std::int32_t last_label);
  void reach(std::uint32_t state, const Arrival& arrival);
  std::uint32_t take_next(std::uint32_t from);

  const Lattice& lattice_;
  std::vector<double> from_start_;
  std::vector<double> to_end_;
  double limit_;
  std::vector<Range> ranges_;  ///< [states], in exits_
  std::vector<bool> is_found_;
  std::vector<WordExit> exits_;
  std::vector<std::int32_t> labels_;
  // Of the search for one state's ways.
  std::vector<Arrival> arrivals_;       ///< [states]
  std::vector<std::uint64_t> reached_;  ///< a bit a state: reached and not left yet
  std::vector<WordExit> found_;
};

}  // namespace harpy

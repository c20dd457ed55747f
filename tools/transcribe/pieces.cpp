#include "tools/transcribe/pieces.hpp"

#include <cstddef>
#include <limits>

namespace harpy::tools {

namespace {

constexpr double kPause_s = 0.25;

/// A place where an utterance may begin, be cut or end.
struct CutPlace {
  std::size_t first_word;  ///< behind it
  double time_s;
};

std::vector<CutPlace> cut_places(const SessionEvent& utterance) {
  const std::vector<RecognizedWord>& words = utterance.words;
  std::vector<CutPlace> places{{0, utterance.start_s}};
  for (std::size_t i = 1; i < words.size(); ++i) {
    const double end_s = words[i - 1].end_s;
    const double pause_s = words[i].start_s - end_s;
    if (pause_s >= kPause_s) places.push_back({i, end_s + pause_s / 2.0});
  }
  places.push_back({words.size(), utterance.end_s});
  return places;
}

/// The places of the best cuts, the first and the last of all included.
std::vector<std::size_t> best_cuts(const std::vector<CutPlace>& places, double length_s) {
  std::vector<double> least(places.size(), std::numeric_limits<double>::infinity());
  std::vector<std::size_t> former(places.size(), 0);
  least[0] = 0.0;
  for (std::size_t to = 1; to < places.size(); ++to) {
    for (std::size_t from = 0; from < to; ++from) {
      const double off_s = places[to].time_s - places[from].time_s - length_s;
      const double sum = least[from] + off_s * off_s;
      if (sum >= least[to]) continue;
      least[to] = sum;
      former[to] = from;
    }
  }
  std::vector<std::size_t> cuts{places.size() - 1};
  while (cuts.back() != 0) cuts.push_back(former[cuts.back()]);
  return {cuts.rbegin(), cuts.rend()};
}

}  // namespace

std::vector<SessionEvent> cut_at_pauses(const SessionEvent& utterance, double length_s) {
  const std::vector<CutPlace> places = cut_places(utterance);
  if (places.size() == 2) return {utterance};
  const std::vector<std::size_t> cuts = best_cuts(places, length_s);
  std::vector<SessionEvent> pieces;
  for (std::size_t i = 1; i < cuts.size(); ++i) {
    const CutPlace& begin = places[cuts[i - 1]];
    const CutPlace& end = places[cuts[i]];
    SessionEvent piece;
    piece.kind = utterance.kind;
    piece.start_s = begin.time_s;
    piece.end_s = end.time_s;
    const auto words = utterance.words.begin();
    piece.words.assign(words + static_cast<std::ptrdiff_t>(begin.first_word),
                       words + static_cast<std::ptrdiff_t>(end.first_word));
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

}  // namespace harpy::tools

#include "decoder/search/stream_lattice.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <vector>

#include "decoder/search/program/cost.hpp"

namespace harpy::token_passing {

namespace {

/// By how much the best path through each token costs more than the best path of all, where the
/// final costs of the ends count.
class EndCosts {
 public:
  EndCosts(const RestingStream& stream, const Searched& searched)
      : extras_(stream.past.history.size(), kInfiniteCost),
        final_costs_(stream.past.history.size(), kInfiniteCost) {
    float best = kInfiniteCost;
    for (const ActiveToken& token : stream.active) {
      reached_final_ =
          reached_final_ || searched.final_cost(token.state, token.context) < kInfiniteCost;
    }
    for (const ActiveToken& token : stream.active) {
      const float cost = reached_final_ ? searched.final_cost(token.state, token.context) : 0.0F;
      final_costs_[token.history] = cost;
      extras_[token.history] = token.cost + cost;
      best = std::min(best, extras_[token.history]);
    }
    for (const ActiveToken& token : stream.active) extras_[token.history] -= best;
    const std::vector<LatticeLink>& links = stream.past.links;
    // NOLINTNEXTLINE(modernize-loop-convert): clang 14 cannot read libstdc++'s views.
    for (auto link = links.rbegin(); link != links.rend(); ++link) {
      extras_[link->source] = std::min(extras_[link->source], extra(*link));
    }
  }

  float extra(std::uint32_t token) const { return extras_[token]; }
  float extra(const LatticeLink& link) const { return link.delta + extras_[link.target]; }
  float final_cost(std::uint32_t token) const { return final_costs_[token]; }

 private:
  std::vector<float> extras_;
  std::vector<float> final_costs_;
  bool reached_final_ = false;
};

/// The search states of the tokens.
std::vector<SearchState> token_states(const LatticeStore& past, const Searched& searched) {
  if (!past.states.empty()) return past.states;
  std::vector<SearchState> states;
  states.reserve(past.history.size());
  for (const HistoryToken& token : past.history) {
    const std::int32_t state =
        token.arc == kNone ? searched.graph.start : searched.arc(token.arc).target;
    states.push_back(search_state(static_cast<std::uint32_t>(state), 0));
  }
  return states;
}

}  // namespace

Lattice make_lattice(const RestingStream& stream, float lattice_beam) {
  const Searched searched = stream.searched();
  const LatticeStore& past = stream.past;
  if (stream.active.empty()) return {};
  const EndCosts ends(stream, searched);
  const std::vector<SearchState> search_states = token_states(past, searched);

  // Tokens of a frame stand in any order; states are sorted by frame, epsilon level, graph state
  // and context.
  const auto token_count = static_cast<std::uint32_t>(past.history.size());
  std::vector<std::uint32_t> frame_of(token_count);
  for (std::uint32_t frame = 0; frame < past.frame_count(); ++frame) {
    std::fill(frame_of.begin() + past.token_begins[frame],
              frame_of.begin() + past.token_begins[frame + 1], frame);
  }
  std::vector<std::uint32_t> tokens;
  for (std::uint32_t token = 0; token < token_count; ++token) {
    if (ends.extra(token) <= lattice_beam) tokens.push_back(token);
  }
  const auto place = [&](std::uint32_t token) {
    const SearchState state = search_states[token];
    return std::tuple(frame_of[token], searched.epsilon_level(graph_state(state)),
                      graph_state(state), context_of(state));
  };
  std::sort(tokens.begin(), tokens.end(),
            [&](std::uint32_t a, std::uint32_t b) { return place(a) < place(b); });

  std::vector<std::uint32_t> state_of(token_count, kNone);
  std::vector<LatticeState> states;
  for (const std::uint32_t token : tokens) {
    state_of[token] = static_cast<std::uint32_t>(states.size());
    states.push_back({static_cast<std::int32_t>(frame_of[token]),
                      static_cast<std::int32_t>(graph_state(search_states[token])),
                      ends.final_cost(token)});
  }
  std::vector<LatticeLink> links;
  for (const LatticeLink& link : past.links) {
    if (ends.extra(link) <= lattice_beam) links.push_back(link);
  }
  std::sort(links.begin(), links.end(), [&](const LatticeLink& a, const LatticeLink& b) {
    return std::pair(state_of[a.source], a.arc) < std::pair(state_of[b.source], b.arc);
  });
  std::vector<LatticeArc> arcs;
  for (const LatticeLink& link : links) {
    const Arc& arc = searched.arc(link.arc);
    arcs.push_back({state_of[link.source], state_of[link.target], arc.input, arc.output,
                    searched.step(arc, context_of(search_states[link.source])).cost,
                    link.acoustic_cost});
  }
  return {std::move(states), std::move(arcs)};
}

}  // namespace harpy::token_passing

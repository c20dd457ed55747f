#include "tests/decoder/search/reference_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "decoder/search/search_stream.hpp"

namespace harpy::testing {

namespace {

struct Past {
  std::shared_ptr<const Past> before;
  std::uint32_t arc = 0;
};

/// A token; compares as the definition says: by cost, then by the arc that led to it.
struct Token {
  float cost = 0.0F;
  std::uint32_t arc = 0;
  std::shared_ptr<const Past> past;

  bool better_than(const Token& other) const {
    return std::pair(cost, arc) < std::pair(other.cost, other.arc);
  }
};

/// A graph state and a context.
using Place = std::pair<std::uint32_t, std::uint32_t>;
using Frontier = std::map<Place, Token>;

/// Where an arc leads from a context.
Place behind(const Steered& steered, const Arc& arc, std::uint32_t context) {
  return {static_cast<std::uint32_t>(arc.target), steered.step(arc, context).node};
}

void offer(Frontier& tokens, const Place& state, const Token& token, float limit) {
  if (!(token.cost <= limit) || std::isinf(token.cost)) return;
  const auto [place, added] = tokens.try_emplace(state, token);
  if (!added && token.better_than(place->second)) place->second = token;
}

/// Epsilon arcs, then the best max_active tokens relative to the best of them.
Frontier settle(const Steered& steered, Frontier tokens, float limit,
                const BeamSearchOptions& options, double& offset) {
  for (std::uint32_t level = 0;
       level < static_cast<std::uint32_t>(steered.graph.epsilon_level_count); ++level) {
    for (const auto& [place, token] : Frontier(tokens)) {
      const auto [state, context] = place;
      if (steered.epsilon_level(state) != level) continue;
      const token_passing::ArcRange arcs = steered.epsilon_arcs<true>(state);
      for (std::uint32_t i = arcs.begin; i < arcs.end; ++i) {
        const Arc& arc = steered.arc(i);
        offer(tokens, behind(steered, arc, context),
              {token.cost + steered.step(arc, context).cost, i,
               std::make_shared<Past>(token.past, i)},
              limit);
      }
    }
  }
  std::vector<std::pair<float, Place>> order;
  for (const auto& [place, token] : tokens) order.emplace_back(token.cost, place);
  std::sort(order.begin(), order.end());
  if (order.size() > static_cast<std::size_t>(options.max_active)) {
    order.resize(static_cast<std::size_t>(options.max_active));
  }
  Frontier active;
  for (const auto& [cost, place] : order) {
    active[place] = tokens[place];
    active[place].cost -= order.front().first;
  }
  offset += order.empty() ? kInfiniteCost : order.front().first;
  return active;
}

Frontier advance(const Steered& steered, const Frontier& active, const std::vector<float>& scores,
                 const BeamSearchOptions& options, double& offset) {
  std::vector<float> costs;
  std::vector<std::pair<Place, Token>> candidates;
  for (const auto& [place, token] : active) {
    const auto [state, context] = place;
    const token_passing::ArcRange arcs = steered.emitting_arcs<true>(state);
    for (std::uint32_t i = arcs.begin; i < arcs.end; ++i) {
      const Arc& arc = steered.arc(i);
      const float scaled =
          -(options.acoustic_scale * scores[static_cast<std::size_t>(arc.input - 1)]);
      const float acoustic = std::isfinite(scaled) ? scaled : kInfiniteCost;
      costs.push_back((token.cost + arc.cost) + acoustic);
      const float cost = (token.cost + steered.step(arc, context).cost) + acoustic;
      candidates.push_back(
          {behind(steered, arc, context), {cost, i, std::make_shared<Past>(token.past, i)}});
    }
  }
  const std::vector<float> plain_costs = costs;
  std::sort(costs.begin(), costs.end());
  const auto min_active = static_cast<std::size_t>(options.min_active);
  float limit = costs.empty() ? 0.0F : costs.front() + options.beam;
  if (min_active > costs.size())
    limit = kInfiniteCost;
  else if (min_active > 0)
    limit = std::max(limit, costs[min_active - 1]);
  const float plain_limit = limit + steered.reach_of_phrases(options.beam);
  Frontier tokens;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto& [place, token] = candidates[i];
    if (plain_costs[i] <= plain_limit) offer(tokens, place, token, limit);
  }
  return settle(steered, tokens, limit, options, offset);
}

}  // namespace

Steered::Steered(const GraphView& searched, const StreamSteering& steering)
    : Searched(token_passing::make_searched(
          searched, steering.phrases ? steering.phrases->view() : PhraseView{},
          steering.added_words ? steering.added_words->view() : AddedWordsView{})) {}

BestPath reference_best_path(const Steered& steered, const Scores& scores,
                             const BeamSearchOptions& options, bool final) {
  double offset = 0.0;
  const Token start{0.0F, std::numeric_limits<std::uint32_t>::max(), nullptr};
  Frontier active = settle(steered, {{{static_cast<std::uint32_t>(steered.graph.start), 0}, start}},
                           options.min_active > 1 ? kInfiniteCost : options.beam, options, offset);
  for (const auto& frame : scores) active = advance(steered, active, frame, options, offset);

  BestPath path;
  path.cost = kInfiniteCost;
  std::optional<Token> best;
  for (const bool with_final : {true, false}) {
    if (with_final && !final) continue;
    for (auto [place, token] : active) {
      token.arc = 0;  // the lower state, then the lower context wins
      const float final_cost = steered.final_cost(place.first, place.second);
      if (with_final) token.cost += final_cost;
      if (std::isinf(token.cost) || (best && !token.better_than(*best))) continue;
      best = token;
      path.reached_final = with_final;
      path.graph_cost = with_final ? final_cost : 0.0;
    }
    if (best) break;
  }
  if (!best) return path;
  path.cost = offset + best->cost;
  std::vector<std::uint32_t> arcs;
  for (auto past = best->past; past != nullptr; past = past->before) arcs.push_back(past->arc);
  std::int32_t frame = -1;
  std::uint32_t context = 0;
  for (auto arc = arcs.rbegin(); arc != arcs.rend(); ++arc) {
    const Arc& taken = steered.arc(*arc);
    const PhraseStep step = steered.step(taken, context);
    path.graph_cost += step.cost;
    context = step.node;
    if (taken.input != 0) ++frame;
    if (taken.input != 0 || taken.output != 0) {
      path.steps.push_back({std::max(frame, 0), taken.input, taken.output});
    }
  }
  return path;
}

namespace {

double walk(const Steered& steered, const Scores& scores, float scale, bool final,
            const Place& place, std::size_t frame) {
  const auto [state, context] = place;
  double best = kInfiniteCost;
  if (frame == scores.size()) best = final ? steered.final_cost(state, context) : 0.0;
  std::vector<Arc> arcs;
  for (const token_passing::ArcRange& range :
       {steered.emitting_arcs<true>(state), steered.epsilon_arcs<true>(state)}) {
    for (std::uint32_t i = range.begin; i < range.end; ++i) arcs.push_back(steered.arc(i));
  }
  for (const Arc& arc : arcs) {
    if (arc.input != 0 && frame == scores.size()) continue;
    const double acoustic =
        arc.input == 0 ? 0.0 : -scale * scores[frame][static_cast<std::size_t>(arc.input - 1)];
    best = std::min(best, steered.step(arc, context).cost + acoustic +
                              walk(steered, scores, scale, final, behind(steered, arc, context),
                                   frame + (arc.input != 0 ? 1 : 0)));
  }
  return best;
}

}  // namespace

double brute_force_cost(const Steered& steered, const Scores& scores, float acoustic_scale,
                        bool final) {
  return walk(steered, scores, acoustic_scale, final,
              {static_cast<std::uint32_t>(steered.graph.start), 0}, 0);
}

}  // namespace harpy::testing

#include "decoder/search/search_stream.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "decoder/search/program/cost.hpp"

namespace harpy::token_passing {

namespace {

/// The live token where a path ends, and its key.
struct LiveEnd {
  std::uint64_t key = kNoPathEnd;
  const ActiveToken* token = nullptr;

  bool is_behind(std::uint64_t other_key, std::uint32_t other_context) const {
    return other_key < key ||
           (other_key == key && token != nullptr && other_context < token->context);
  }
};

/// The end of the path of least cost, where `cost_at` gives the cost of a path that ends at a
/// token.
template <typename CostAt>
LiveEnd find_end(const std::vector<ActiveToken>& active, const CostAt& cost_at) {
  LiveEnd end;
  for (const ActiveToken& token : active) {
    const std::uint64_t key = path_end_key(cost_at(token), token.state);
    if (end.is_behind(key, token.context)) end = {key, &token};
  }
  return end;
}

/// The stream as one of this graph, const or not.
template <typename Resting, typename Stream>
Resting& checked(Stream& stream, const DecodingGraph& graph) {
  auto* const resting = dynamic_cast<Resting*>(&stream);
  if (resting == nullptr || resting->search_graph.get() != &graph) {
    throw std::invalid_argument(
        "BeamSearch: expected a stream that a search over this graph opened");
  }
  return *resting;
}

}  // namespace

Searched RestingStream::searched() const {
  return make_searched(graph->view(), steered.phrases ? steered.phrases->view() : PhraseView{},
                       steered.added_words ? steered.added_words->view() : AddedWordsView{});
}

void append_steps(const Searched& searched, std::span<const std::uint32_t> arcs,
                  std::vector<PathStep>& steps, PathPlace& place) {
  for (const std::uint32_t index : arcs) {
    const Arc& arc = searched.arc(index);
    const PhraseStep step = searched.step(arc, place.context);
    place.graph_cost += step.cost;
    place.context = step.node;
    if (arc.input != 0) ++place.frames;
    if (arc.input != 0 || arc.output != 0) {
      steps.push_back({std::max(place.frames - 1, 0), arc.input, arc.output});
    }
  }
}

void RestingStream::settle(std::span<const std::uint32_t> arcs) {
  append_steps(searched(), arcs, decided_steps, decided_place);
}

BestPath trace_best_end(const RestingStream& stream, bool final) {
  const Searched searched = stream.searched();
  LiveEnd end;
  if (final) {
    end = find_end(stream.active, [&](const ActiveToken& token) {
      return token.cost + searched.final_cost(token.state, token.context);
    });
  }
  BestPath path;
  path.reached_final = end.token != nullptr;
  if (!path.reached_final) {
    end = find_end(stream.active, [](const ActiveToken& token) { return token.cost; });
  }
  if (end.token == nullptr) {
    path.cost = stream.frames == 0 ? 0.0 : kInfiniteCost;
    return path;
  }
  path.cost = stream.cost_offset + key_cost(end.key);
  std::vector<std::uint32_t> arcs;
  for (std::uint32_t token = end.token->history; token != stream.history_root;
       token = stream.past.history[token].previous) {
    arcs.push_back(stream.past.history[token].arc);
  }
  std::reverse(arcs.begin(), arcs.end());
  PathPlace place = stream.decided_place;
  append_steps(searched, arcs, path.steps, place);
  path.graph_cost = place.graph_cost;
  if (path.reached_final) {
    path.graph_cost += searched.final_cost(end.token->state, end.token->context);
  }
  return path;
}

const RestingStream& checked_stream(const SearchStream& stream, const DecodingGraph& graph) {
  return checked<const RestingStream>(stream, graph);
}

RestingStream& checked_stream(SearchStream& stream, const DecodingGraph& graph) {
  return checked<RestingStream>(stream, graph);
}

void check_batch(std::span<const SearchInput> batch, const DecodingGraph& graph) {
  std::vector<const SearchStream*> streams;
  for (const SearchInput& input : batch) {
    if (input.stream == nullptr) throw std::invalid_argument("BeamSearch::advance: no stream");
    streams.push_back(input.stream);
    const Shape& shape = input.log_likelihoods.shape;
    if (shape.rank() != 2 || shape.dim() != graph.view().pdf_count) {
      throw std::invalid_argument("BeamSearch::advance: expected log-likelihoods [frames, " +
                                  std::to_string(graph.view().pdf_count) + "], got " +
                                  to_string(shape));
    }
  }
  std::sort(streams.begin(), streams.end());
  if (std::adjacent_find(streams.begin(), streams.end()) != streams.end()) {
    throw std::invalid_argument("BeamSearch::advance: a stream stands in the batch twice");
  }
}

std::vector<RestingStream*> checked_streams(std::span<const SearchInput> batch,
                                            const DecodingGraph& graph) {
  check_batch(batch, graph);
  std::vector<RestingStream*> streams;
  for (const SearchInput& input : batch) {
    streams.push_back(&checked_stream(*input.stream, graph));
  }
  return streams;
}

Searched make_searched(const GraphView& graph, const PhraseView& phrases,
                       const AddedWordsView& added) {
  Searched searched{.graph = graph, .phrases = phrases, .added = added};
  if (added.entries != nullptr) ++searched.graph.epsilon_level_count;
  return searched;
}

StreamSteering checked_steering(StreamSteering steering, const DecodingGraph& graph) {
  const std::int32_t expected = graph.view().pdf_count;
  if (steering.graph && steering.graph->view().pdf_count != expected) {
    throw std::invalid_argument("BeamSearch::open: expected a graph of " +
                                std::to_string(expected) + " pdfs, got one of " +
                                std::to_string(steering.graph->view().pdf_count));
  }
  if (steering.added_words && !steering.phrases) {
    static const auto kNoPhrases =
        std::make_shared<const PhraseAutomaton>(std::span<const BoostedPhrase>());
    steering.phrases = kNoPhrases;
  }
  return steering;
}

void check_options(const BeamSearchOptions& options) {
  const auto refuse = [](const std::string& what, double got) {
    throw std::invalid_argument("BeamSearch: expected " + what + ", got " + std::to_string(got));
  };
  if (!(options.beam > 0.0F)) refuse("a beam above 0", options.beam);
  if (!(options.lattice_beam >= 0.0F)) refuse("a lattice_beam of at least 0", options.lattice_beam);
  if (options.max_active < 1) refuse("a max_active of at least 1", options.max_active);
  if (options.min_active < 0 || options.min_active > options.max_active) {
    refuse("a min_active of 0 to max_active", options.min_active);
  }
  if (!(options.acoustic_scale > 0.0F && std::isfinite(options.acoustic_scale))) {
    refuse("a finite acoustic_scale above 0", options.acoustic_scale);
  }
}

void check_keeps_lattice(bool keeps_lattice) {
  if (!keeps_lattice) {
    throw std::invalid_argument("BeamSearch::lattice: the stream keeps none (keep_lattice)");
  }
}

Lane make_lane(const GraphView& graph, const BeamSearchOptions& options) {
  Lane lane;
  lane.graph = graph;
  lane.beam = options.beam;
  lane.min_active = static_cast<std::uint32_t>(options.min_active);
  lane.max_active = static_cast<std::uint32_t>(options.max_active);
  lane.lattice_beam = options.lattice_beam;
  return lane;
}

}  // namespace harpy::token_passing

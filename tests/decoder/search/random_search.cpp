#include "tests/decoder/search/random_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace harpy::testing {

namespace {

std::int32_t uniform(std::mt19937& random, std::int32_t low, std::int32_t high) {
  return std::uniform_int_distribution<std::int32_t>(low, high)(random);
}

bool chance(std::mt19937& random, double probability) {
  return std::bernoulli_distribution(probability)(random);
}

}  // namespace

std::shared_ptr<const DecodingGraph> random_graph(std::mt19937& random,
                                                  const RandomGraphOptions& options) {
  GraphDescription graph;
  graph.pdf_count = options.pdf_count;
  const auto cost = [&] {
    if (options.coarse_costs) return static_cast<float>(uniform(random, 0, 3)) * 0.5F;
    return std::uniform_real_distribution<float>(0.0F, 4.0F)(random);
  };
  std::vector<std::int32_t> order(static_cast<std::size_t>(options.state_count));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
  std::shuffle(order.begin(), order.end(), random);
  graph.start = order[0];
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::int32_t arc_count = uniform(random, 1, options.arcs_per_state);
    for (std::int32_t arc = 0; arc < arc_count; ++arc) {
      const std::int32_t output = chance(random, 0.3) ? uniform(random, 1, 9) : 0;
      const std::int32_t target = uniform(random, 0, options.state_count - 1);
      graph.arcs.push_back(
          {order[i], {target, uniform(random, 1, options.pdf_count), output, cost()}});
    }
    const auto last = static_cast<std::int32_t>(order.size()) - 1;
    while (static_cast<std::int32_t>(i) < last && chance(random, options.epsilon_probability)) {
      const std::int32_t target =
          order[static_cast<std::size_t>(uniform(random, static_cast<std::int32_t>(i) + 1, last))];
      const std::int32_t output = chance(random, 0.3) ? uniform(random, 1, 9) : 0;
      graph.arcs.push_back({order[i], {target, 0, output, cost()}});
    }
  }
  for (std::int32_t state = 0; state < options.state_count; ++state) {
    graph.final_costs.push_back(chance(random, options.final_probability) ? cost() : kInfiniteCost);
  }
  return std::make_shared<DecodingGraph>(graph);
}

Scores random_scores(std::mt19937& random, std::size_t frame_count, std::int32_t pdf_count,
                     bool coarse) {
  std::normal_distribution<float> draw(0.0F, 2.0F);
  Scores scores(frame_count, std::vector<float>(static_cast<std::size_t>(pdf_count)));
  for (auto& frame : scores) {
    for (float& score : frame) {
      score = draw(random);
      if (coarse) score = std::round(score) * 0.5F;
    }
  }
  return scores;
}

RandomCase::RandomCase(std::uint32_t seed) {
  std::mt19937 random(seed);
  shape.state_count = uniform(random, 2, 12);
  shape.arcs_per_state = uniform(random, 1, 4);
  shape.epsilon_probability = 0.2 * uniform(random, 0, 3);
  shape.coarse_costs = chance(random, 0.5);
  graph = random_graph(random, shape);
  scores = random_scores(random, static_cast<std::size_t>(uniform(random, 1, 6)), shape.pdf_count,
                         shape.coarse_costs);
  options.beam = static_cast<float>(uniform(random, 1, 12)) * 0.5F;
  options.max_active = uniform(random, 1, 8);
  options.min_active = uniform(random, 0, options.max_active);
  options.acoustic_scale = chance(random, 0.5) ? 1.0F : 0.5F;
}

std::shared_ptr<const PhraseAutomaton> random_phrases(std::mt19937& random) {
  std::vector<BoostedPhrase> phrases;
  for (std::int32_t count = uniform(random, 1, 6); count > 0; --count) {
    BoostedPhrase& phrase = phrases.emplace_back();
    phrase.boost = static_cast<float>(uniform(random, -2, 8)) * 1.5F;
    for (std::int32_t length = uniform(random, 1, 3); length > 0; --length) {
      phrase.words.push_back(uniform(random, 1, 4));
    }
  }
  return std::make_shared<PhraseAutomaton>(phrases);
}

StreamSteering random_steering(std::mt19937& random, const DecodingGraph& graph) {
  const GraphView& view = graph.view();
  WordBoundary boundary{.blank = static_cast<std::uint32_t>(view.start), .final_cost = 1.0F};
  for (std::uint32_t state = 0; state < static_cast<std::uint32_t>(view.state_count); ++state) {
    if (view.epsilon_begin[state] != view.arc_begin[state + 1]) continue;
    boundary.places.push_back({state, uniform(random, 0, view.pdf_count - 1)});
  }
  std::vector<AddedWord> words;
  for (std::int32_t word = 1; word <= 4; word += uniform(random, 1, 3)) {
    AddedWord& added = words.emplace_back();
    added.output = word;
    for (std::int32_t count = uniform(random, 1, 2); count > 0; --count) {
      std::vector<std::int32_t>& labels = added.pronunciations.emplace_back();
      for (std::int32_t length = uniform(random, 1, 3); length > 0; --length) {
        labels.push_back(uniform(random, 1, view.pdf_count - 1));
      }
    }
  }
  const float cost = static_cast<float>(uniform(random, 0, 4)) * 0.5F;
  StreamSteering steering{.phrases = random_phrases(random)};
  if (!boundary.places.empty()) {
    steering.added_words = std::make_shared<AddedWords>(view, boundary, words, cost);
  }
  return steering;
}

std::unique_ptr<SearchStream> run_search(BeamSearch& search, const Scores& scores,
                                         std::size_t block_frames, const StreamSteering& steering) {
  std::unique_ptr<SearchStream> stream = search.open(steering);
  for (std::size_t begin = 0; begin < scores.size(); begin += block_frames) {
    const std::size_t end = std::min(scores.size(), begin + block_frames);
    std::vector<float> block;
    for (std::size_t frame = begin; frame < end; ++frame) {
      block.insert(block.end(), scores[frame].begin(), scores[frame].end());
    }
    const Shape shape{static_cast<std::int64_t>(end - begin),
                      static_cast<std::int64_t>(scores[begin].size())};
    const SearchInput input{stream.get(), {block.data(), shape}};
    search.advance({&input, 1});
  }
  return stream;
}

void expect_same_path(const BestPath& got, const BestPath& expected) {
  EXPECT_EQ(got.reached_final, expected.reached_final);
  EXPECT_EQ(got.cost, expected.cost);
  EXPECT_EQ(got.steps.size(), expected.steps.size());
  for (std::size_t i = 0; i < std::min(got.steps.size(), expected.steps.size()); ++i) {
    EXPECT_EQ(got.steps[i].frame, expected.steps[i].frame) << "step " << i;
    EXPECT_EQ(got.steps[i].input, expected.steps[i].input) << "step " << i;
    EXPECT_EQ(got.steps[i].output, expected.steps[i].output) << "step " << i;
  }
}

void expect_same_lattice(const Lattice& got, const Lattice& expected) {
  ASSERT_EQ(got.states().size(), expected.states().size());
  ASSERT_EQ(got.arcs().size(), expected.arcs().size());
  for (std::size_t i = 0; i < got.states().size(); ++i) {
    EXPECT_EQ(got.states()[i].frame, expected.states()[i].frame);
    EXPECT_EQ(got.states()[i].graph_state, expected.states()[i].graph_state);
    EXPECT_EQ(got.states()[i].final_cost, expected.states()[i].final_cost);
  }
  for (std::size_t i = 0; i < got.arcs().size(); ++i) {
    EXPECT_EQ(got.arcs()[i].source, expected.arcs()[i].source);
    EXPECT_EQ(got.arcs()[i].target, expected.arcs()[i].target);
    EXPECT_EQ(got.arcs()[i].input, expected.arcs()[i].input);
    EXPECT_EQ(got.arcs()[i].output, expected.arcs()[i].output);
    EXPECT_EQ(got.arcs()[i].graph_cost, expected.arcs()[i].graph_cost);
    EXPECT_EQ(got.arcs()[i].acoustic_cost, expected.arcs()[i].acoustic_cost);
  }
}

}  // namespace harpy::testing

#include "decoder/graph/topology_expansion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/decoder/graph/compiler/brute_force.hpp"
#include "tests/decoder/graph/random_graph.hpp"

namespace harpy {
namespace {

using Labels = std::vector<std::int32_t>;
using OutputCosts = std::map<Labels, double>;

/// Least cost of each output of the paths of a graph whose inputs are `labels`.
OutputCosts path_costs(const GraphView& graph, const Labels& labels) {
  OutputCosts costs;
  Labels output;
  const std::function<void(std::int32_t, std::size_t, double)> walk =
      [&](std::int32_t state, std::size_t done, double cost) {
        if (done == labels.size() && graph.final_cost[state] < kInfiniteCost) {
          const double total = cost + graph.final_cost[state];
          const auto [found, is_new] = costs.emplace(output, total);
          if (!is_new) found->second = std::min(found->second, total);
        }
        for (std::uint32_t i = graph.arc_begin[state]; i < graph.arc_begin[state + 1]; ++i) {
          const Arc& arc = graph.arcs[i];
          if (arc.input != 0 && (done == labels.size() || labels[done] != arc.input)) continue;
          if (arc.output != 0) output.push_back(arc.output);
          walk(arc.target, done + (arc.input != 0), cost + arc.cost);
          if (arc.output != 0) output.pop_back();
        }
      };
  walk(graph.start, 0, 0.0);
  return costs;
}

/// Least cost of each output for frames of pdfs, by enumeration.
OutputCosts expected_costs(const GraphView& labels, const Labels& pdfs, Topology topology,
                           const LabelContexts& contexts = {}) {
  OutputCosts costs;
  for (const Labels& sequence : testing::label_sequences(pdfs, topology, contexts)) {
    for (const auto& [output, cost] : path_costs(labels, sequence)) {
      const auto [found, is_new] = costs.emplace(output, cost);
      if (!is_new) found->second = std::min(found->second, cost);
    }
  }
  return costs;
}

class TopologyExpansion : public ::testing::TestWithParam<Topology> {};

INSTANTIATE_TEST_SUITE_P(All, TopologyExpansion,
                         ::testing::Values(Topology::kCtc, Topology::kOneState,
                                           Topology::kThreeState),
                         [](const auto& each) {
                           std::string name(topology_name(each.param));
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(TopologyExpansion, GivesFramesTheCostsOfTheirLabels) {
  const Topology topology = GetParam();
  const bool three = topology == Topology::kThreeState;
  const std::size_t longest = three ? 7 : 5;
  std::mt19937 random(23);
  std::size_t accepted = 0;
  for (int round = 0; round < 30; ++round) {
    const DecodingGraph labels(
        testing::random_graph({.states = 5, .arcs = three ? 16 : 9, .pdfs = 2}, random));
    const DecodingGraph frames(expand_topology(labels.view(), topology));
    const std::int32_t pdf_count = 3 * pdfs_per_label(topology);
    EXPECT_EQ(frames.view().pdf_count, pdf_count);
    Labels sequence;
    const std::function<void()> visit = [&] {
      Labels inputs = sequence;
      for (std::int32_t& input : inputs) ++input;
      const OutputCosts expected = expected_costs(labels.view(), sequence, topology);
      ASSERT_EQ(path_costs(frames.view(), inputs), expected);  // sums of eighths are exact
      accepted += expected.size();
      if (sequence.size() == longest) return;
      for (std::int32_t pdf = 0; pdf < pdf_count; ++pdf) {
        // Three states: only what a path may go on with, or all sequences would be too many.
        const bool follows =
            !three || (sequence.empty() ? pdf % 3 == 0
                                        : pdf == sequence.back() || pdf == sequence.back() + 1 ||
                                              (pdf % 3 == 0 && pdf > 0));
        if (!follows) continue;
        sequence.push_back(pdf);
        visit();
        sequence.pop_back();
      }
    };
    visit();
  }
  EXPECT_GT(accepted, 1000U);
}

TEST_P(TopologyExpansion, ScoresALabelByItsUnitBehindTheLabelBefore) {
  const Topology topology = GetParam();
  const bool three = topology == Topology::kThreeState;
  const LabelContexts contexts(3, {{1, 2}, {2, 2}});
  const std::int32_t states = pdfs_per_label(topology);
  std::mt19937 random(29);
  std::size_t accepted = 0;
  for (int round = 0; round < 12; ++round) {
    const DecodingGraph labels(
        testing::random_graph({.states = 5, .arcs = three ? 16 : 9, .pdfs = 2}, random));
    const DecodingGraph frames(expand_topology(labels.view(), topology, contexts));
    EXPECT_EQ(frames.view().pdf_count, 5 * states);
    Labels sequence;
    const std::function<void()> visit = [&] {
      Labels inputs = sequence;
      for (std::int32_t& input : inputs) ++input;
      const OutputCosts expected = expected_costs(labels.view(), sequence, topology, contexts);
      ASSERT_EQ(path_costs(frames.view(), inputs), expected) << ::testing::PrintToString(sequence);
      accepted += expected.size();
      if (sequence.size() == (three ? 7U : 5U)) return;
      for (std::int32_t pdf = 0; pdf < 5 * states; ++pdf) {
        const bool begins =
            pdf % 3 == 0 && pdf > 0 && (sequence.empty() || sequence.back() % 3 == 2);
        const bool goes_on =
            !sequence.empty() && (pdf == sequence.back() || pdf == sequence.back() + 1);
        if (three && !begins && !goes_on) continue;
        sequence.push_back(pdf);
        visit();
        sequence.pop_back();
      }
    };
    visit();
  }
  EXPECT_GT(accepted, 500U);
}

/// The labels of a sequence of inputs, if it goes by their table.
std::optional<Labels> labels_of(const Labels& inputs, const std::vector<LabelInputs>& table) {
  Labels labels;
  std::int32_t loop = 0;
  for (const std::int32_t input : inputs) {
    if (input == loop && loop != 0) continue;
    const std::int32_t before = labels.empty() ? 0 : labels.back();
    const auto is_it = [&](const LabelInputs& entry) {
      const auto has_its_own = [&](const LabelInputs& other) {
        return other.before == before && other.label == entry.label;
      };
      return entry.first == input &&
             (entry.before == before ||
              (entry.before == LabelInputs::kAnywhere && std::ranges::none_of(table, has_its_own)));
    };
    const auto found = std::ranges::find_if(table, is_it);
    if (found == table.end()) return std::nullopt;
    labels.push_back(found->label);
    loop = found->loop;
  }
  return labels;
}

TEST(LabelInputExpansion, FirstFramesAndLoopsHaveInputsByTheLabelBefore) {
  constexpr std::int32_t kInputs = 11;
  FrameLabels frame_labels;
  frame_labels.listed.resize(kInputs);
  frame_labels.label_inputs = {{.before = -1, .label = 1, .first = 1, .loop = 2},
                               {.before = -1, .label = 2, .first = 3, .loop = 4},
                               {.before = 0, .label = 1, .first = 5, .loop = 6},
                               {.before = 0, .label = 2, .first = 7, .loop = 8},
                               {.before = 1, .label = 1, .first = 9, .loop = 10},
                               {.before = 1, .label = 2, .first = 11, .loop = 0}};
  std::mt19937 random(31);
  std::size_t accepted = 0;
  for (int round = 0; round < 10; ++round) {
    const DecodingGraph labels(testing::random_graph({.states = 5, .arcs = 9, .pdfs = 2}, random));
    const DecodingGraph frames(expand_label_inputs(labels.view(), frame_labels));
    EXPECT_EQ(frames.view().pdf_count, kInputs);
    Labels sequence;
    const std::function<void()> visit = [&] {
      const std::optional<Labels> spoken = labels_of(sequence, frame_labels.label_inputs);
      const OutputCosts expected = spoken ? path_costs(labels.view(), *spoken) : OutputCosts{};
      ASSERT_EQ(path_costs(frames.view(), sequence), expected)
          << ::testing::PrintToString(sequence);
      accepted += expected.size();
      if (sequence.size() == 4) return;
      for (std::int32_t input = 1; input <= kInputs; ++input) {
        sequence.push_back(input);
        visit();
        sequence.pop_back();
      }
    };
    visit();
  }
  EXPECT_GT(accepted, 300U);

  frame_labels.label_inputs.resize(1);
  const DecodingGraph labels(testing::random_graph({.states = 5, .arcs = 30, .pdfs = 2}, random));
  EXPECT_THROW(expand_label_inputs(labels.view(), frame_labels), std::invalid_argument);
}

TEST_P(TopologyExpansion, EpsilonChainsStayAsShortAsTheyWere) {
  std::mt19937 random(5);
  for (int round = 0; round < 20; ++round) {
    const DecodingGraph labels(testing::random_graph({.states = 12, .arcs = 40}, random));
    const DecodingGraph frames(expand_topology(labels.view(), GetParam()));
    EXPECT_LE(frames.view().epsilon_level_count, labels.view().epsilon_level_count);
  }
}

TEST_P(TopologyExpansion, NumbersStatesBreadthFirst) {
  std::mt19937 random(9);
  const DecodingGraph labels(testing::random_graph({.states = 12, .arcs = 40}, random));
  const DecodingGraph frames(expand_topology(labels.view(), GetParam()));
  const GraphView& graph = frames.view();
  EXPECT_EQ(graph.start, 0);
  std::int32_t highest = 0;
  for (std::uint32_t i = 0; i < graph.arc_count(); ++i) {
    EXPECT_LE(graph.arcs[i].target, highest + 1);
    highest = std::max(highest, graph.arcs[i].target);
  }
  EXPECT_EQ(highest + 1, graph.state_count);
}

TEST(Topology, NamesAreReadBack) {
  for (const std::string_view name : kTopologyNames) {
    EXPECT_EQ(topology_name(parse_topology(name)), name);
  }
  EXPECT_THAT([] { parse_topology("bakis"); },
              ::testing::ThrowsMessage<std::invalid_argument>(
                  ::testing::HasSubstr("\"bakis\": expected ctc, one-state or three-state")));
}

TEST(Topology, InputsStandForStatesOfLabels) {
  const FrameLabels frame_labels{.topology = Topology::kThreeState, .silence_label = 2};
  EXPECT_EQ(frame_labels.label(0), 0);
  EXPECT_EQ(frame_labels.label(1 + 3), 1);
  EXPECT_EQ(frame_labels.state(1 + 5), 2);
  EXPECT_EQ(frame_labels.label(1 + 6), 0);  // silence
  EXPECT_EQ(frame_labels.label(1 + 9), 3);
  const FrameLabels pairs{.topology = Topology::kThreeState, .contexts = {4, {{1, 3}}}};
  EXPECT_EQ(pairs.label(1 + 12), 3);
  EXPECT_EQ(pairs.state(1 + 14), 2);
}

}  // namespace
}  // namespace harpy

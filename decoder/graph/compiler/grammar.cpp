#include "decoder/graph/compiler/grammar.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace harpy {

namespace {

constexpr std::int32_t kNoState = -1;
constexpr std::int32_t kEmptyContext = 0;

class GrammarBuilder {
 public:
  GrammarBuilder(const NgramModel& model, std::span<const std::int32_t> output_of)
      : model_(model), output_of_(output_of) {}

  GraphDescription build() {
    graph_.pdf_count = std::max(1, *std::max_element(output_of_.begin(), output_of_.end()));
    number_contexts();
    for (int order = 1; order <= model_.order(); ++order) add_ngrams(order);
    const WordId first = model_.vocabulary().sentence_start();
    graph_.start = first == kNoWord ? kEmptyContext : states_[0][first];
    return std::move(graph_);
  }

 private:
  struct Destination {
    std::int32_t state = kEmptyContext;
    float cost = 0.0F;
  };

  std::int32_t add_state() {
    graph_.final_costs.push_back(kInfiniteCost);
    return static_cast<std::int32_t>(graph_.final_costs.size()) - 1;
  }

  /// Gives a state to the empty context, to <s>, and to every n-gram that is a context of others.
  void number_contexts() {
    add_state();
    for (int order = 1; order <= std::max(1, model_.order() - 1); ++order) {
      const NgramLevel& level = model_.level(order);
      std::vector<std::int32_t>& states = states_.emplace_back(level.size(), kNoState);
      for (std::size_t i = 0; i < level.size(); ++i) {
        const bool predicts =
            !level.first_child.empty() && level.first_child[i] < level.first_child[i + 1];
        if (predicts || (order == 1 && i == model_.vocabulary().sentence_start())) {
          states[i] = add_state();
        }
      }
    }
  }

  float backoff_cost(std::size_t context_length, std::uint32_t context) const {
    const NgramLevel& level = model_.level(static_cast<int>(context_length));
    return level.log_backoffs.empty() ? 0.0F : -level.log_backoffs[context];
  }

  /// The longest end of a word sequence that has a state, and the back-off weights on the way to
  /// it.
  Destination find_destination(std::span<const WordId> words) const {
    const std::size_t longest = std::min(words.size(), states_.size());
    Destination destination;
    for (std::size_t length = longest; length > 0; --length) {
      const std::optional<std::uint32_t> context = model_.find(words.last(length));
      if (!context) continue;
      if (states_[length - 1][*context] != kNoState) {
        destination.state = states_[length - 1][*context];
        return destination;
      }
      destination.cost += backoff_cost(length, *context);
    }
    return destination;
  }

  /// Whether a path of the graph can lead through these words.
  bool is_possible(std::span<const WordId> context) const {
    for (std::size_t i = 0; i < context.size(); ++i) {
      const bool begins = i == 0 && context[i] == model_.vocabulary().sentence_start();
      if (!begins && output_of_[context[i]] == 0) return false;
    }
    return true;
  }

  void add_ngrams(int order) {
    std::uint32_t context = 0;  // index of the n-gram without its last word
    model_.visit(order, [&](std::span<const WordId> words, std::uint32_t index) {
      if (order > 1) {
        const std::vector<std::uint32_t>& first_child = model_.level(order - 1).first_child;
        while (first_child[context + 1] <= index) ++context;
      }
      const std::span<const WordId> history = words.first(words.size() - 1);
      if (!is_possible(history)) return;
      const std::int32_t source =
          order == 1 ? kEmptyContext : states_[static_cast<std::size_t>(order) - 2][context];
      add_prediction(source, words, -model_.level(order).log_probabilities[index]);
      add_backoff(words, index);
    });
  }

  void add_prediction(std::int32_t source, std::span<const WordId> words, float cost) {
    const WordId word = words.back();
    if (cost == kInfiniteCost) return;
    if (word == model_.vocabulary().sentence_end()) {
      graph_.final_costs[static_cast<std::size_t>(source)] = cost;
    } else if (const std::int32_t output = output_of_[word]; output != 0) {
      const Destination destination = find_destination(words);
      graph_.arcs.push_back({source,
                             {.target = destination.state,
                              .input = output,
                              .output = output,
                              .cost = cost + destination.cost}});
    }
  }

  void add_backoff(std::span<const WordId> context, std::uint32_t index) {
    if (context.size() > states_.size() || !is_possible(context)) return;
    const std::int32_t source = states_[context.size() - 1][index];
    if (source == kNoState) return;
    const Destination destination = find_destination(context.subspan(1));
    const float cost = backoff_cost(context.size(), index) + destination.cost;
    if (cost == kInfiniteCost) return;
    graph_.arcs.push_back(
        {source, {.target = destination.state, .input = 0, .output = 0, .cost = cost}});
  }

  const NgramModel& model_;
  std::span<const std::int32_t> output_of_;
  std::vector<std::vector<std::int32_t>> states_;  ///< of the n-grams of order 1, 2, ...
  GraphDescription graph_;
};

}  // namespace

GraphDescription make_grammar(const NgramModel& model, std::span<const std::int32_t> output_of) {
  if (output_of.size() != model.vocabulary().size()) {
    throw std::invalid_argument("grammar: labels of " + std::to_string(output_of.size()) +
                                " words for a vocabulary of " +
                                std::to_string(model.vocabulary().size()));
  }
  return GrammarBuilder(model, output_of).build();
}

}  // namespace harpy

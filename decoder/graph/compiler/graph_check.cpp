#include "decoder/graph/compiler/graph_check.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <unordered_map>
#include <utility>

#include "decoder/graph/compiler/graph_compiler.hpp"

namespace harpy {

namespace {

constexpr std::size_t kLongestSentence = 40;  // words

/// Least cost of each context that a sentence's beginning can end in.
using ContextCosts = std::map<std::vector<WordId>, double>;

void keep_least(ContextCosts& costs, const std::vector<WordId>& context, double cost) {
  const auto [found, is_new] = costs.emplace(context, cost);
  if (!is_new) found->second = std::min(found->second, cost);
}

/// The costs after one more word, backing off anywhere before it.
ContextCosts predict(const NgramModel& model, const ContextCosts& costs, WordId word) {
  ContextCosts result;
  for (const auto& [longest_context, least_cost] : costs) {
    std::vector<WordId> context = longest_context;
    double cost = least_cost;
    while (true) {
      std::vector<WordId> ngram = context;
      ngram.push_back(word);
      if (const auto index = model.find(ngram)) {
        const double predicted =
            cost - model.level(static_cast<int>(ngram.size())).log_probabilities[*index];
        const bool is_full = ngram.size() == static_cast<std::size_t>(model.order());
        if (is_full) ngram.erase(ngram.begin());
        keep_least(result, ngram, predicted);
      }
      if (context.empty()) break;
      if (const auto index = model.find(context)) {
        cost -= model.level(static_cast<int>(context.size())).log_backoffs[*index];
      }
      context.erase(context.begin());
    }
  }
  return result;
}

/// Draws words from a model: an n-gram of the longest context or, with the mass they leave, one of
/// the next shorter context.
class SentenceSampler {
 public:
  SentenceSampler(const NgramModel& model, std::uint64_t seed) : model_(model), random_(seed) {}

  WordId draw(std::span<const WordId> history) {
    const auto longest = static_cast<std::size_t>(model_.order()) - 1;
    for (std::size_t length = std::min(history.size(), longest); length > 0; --length) {
      const auto context = model_.find(history.last(length));
      if (!context) continue;
      const std::vector<std::uint32_t>& first = model_.level(static_cast<int>(length)).first_child;
      if (const auto word =
              draw(static_cast<int>(length) + 1, first[*context], first[*context + 1])) {
        return *word;
      }
    }
    const auto size = static_cast<std::uint32_t>(model_.level(1).size());
    return draw(1, 0, size).value_or(model_.vocabulary().sentence_end());
  }

  std::size_t below(std::size_t limit) { return random_() % limit; }

 private:
  /// Draws one of the n-grams of an order from begin to end, or none with the mass that they leave.
  std::optional<WordId> draw(int order, std::uint32_t begin, std::uint32_t end) {
    const NgramLevel& level = model_.level(order);
    double left = std::uniform_real_distribution<double>()(random_);
    for (std::uint32_t i = begin; i < end; ++i) {
      left -= std::exp(static_cast<double>(level.log_probabilities[i]));
      if (left < 0.0) return level.words[i];
    }
    return std::nullopt;
  }

  const NgramModel& model_;
  std::mt19937_64 random_;
};

/// Draws a sentence of words that the graph has.
std::vector<WordId> draw_sentence(const NgramModel& model, std::span<const std::int32_t> output_of,
                                  SentenceSampler& sampler) {
  std::vector<WordId> history;
  const WordId start = model.vocabulary().sentence_start();
  if (start != kNoWord) history.push_back(start);
  const std::size_t begin = history.size();
  while (history.size() < begin + kLongestSentence) {
    const WordId word = sampler.draw(history);
    if (word == model.vocabulary().sentence_end()) break;
    if (output_of[word] != 0) history.push_back(word);
  }
  return {history.begin() + static_cast<std::ptrdiff_t>(begin), history.end()};
}

/// A sentence as it may be heard: labels, words with noises between, what the fillers and the
/// pronunciations cost.
struct Utterance {
  std::vector<std::int32_t> labels;
  std::vector<std::int32_t> words;
  double cost = 0.0;
};

/// `is_between`: two words stand around it, not an end of the sentence.
void draw_filler(const Fillers& fillers, bool is_between, SentenceSampler& sampler,
                 Utterance& utterance) {
  if (fillers.separator != 0) {
    const std::size_t count = sampler.below(2) + (is_between ? 1 : 0);
    utterance.labels.insert(utterance.labels.end(), count, fillers.separator);
    return;
  }
  const std::size_t chosen = sampler.below(fillers.list.size() + 1);
  if (chosen == fillers.list.size()) {
    utterance.cost += fillers.none_cost;
    return;
  }
  const Filler& filler = fillers.list[chosen];
  utterance.labels.insert(utterance.labels.end(), filler.labels.begin(), filler.labels.end());
  if (filler.output != 0) utterance.words.push_back(filler.output);
  utterance.cost += filler.cost;
}

/// Chooses one of the pronunciations of each word, and fillers, at random.
Utterance draw_utterance(const PronunciationTable& pronunciations,
                         std::span<const float> pronunciation_costs, const Fillers& fillers,
                         std::span<const std::int32_t> words, SentenceSampler& sampler) {
  Utterance utterance;
  draw_filler(fillers, false, sampler, utterance);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::int32_t word = words[i];
    const auto count = static_cast<std::size_t>(pronunciations.pronunciation_count(word));
    const std::size_t chosen = sampler.below(count);
    const std::span<const std::int32_t> labels =
        pronunciations.labels(word, static_cast<std::int32_t>(chosen));
    if (!pronunciation_costs.empty()) {
      const std::size_t first = pronunciations.word_begin()[static_cast<std::size_t>(word)];
      utterance.cost += pronunciation_costs[first + chosen];
    }
    utterance.labels.insert(utterance.labels.end(), labels.begin(), labels.end());
    utterance.words.push_back(word);
    draw_filler(fillers, i + 1 < words.size(), sampler, utterance);
  }
  return utterance;
}

/// Draws the pdfs of frames that mean the labels, with repetitions and blanks at random.
std::vector<std::int32_t> draw_frames(std::span<const std::int32_t> labels,
                                      const FrameLabels& frame_labels, SentenceSampler& sampler) {
  std::vector<std::int32_t> frames;
  const auto add = [&](std::int32_t pdf, std::size_t count) {
    frames.insert(frames.end(), count, pdf);
  };
  const bool has_blanks = frame_labels.topology == Topology::kCtc;
  const std::int32_t state_count = pdfs_per_label(frame_labels.topology);
  std::int32_t before = 0;
  bool in_label = false;
  if (has_blanks) add(kBlankLabel, sampler.below(2));
  for (const std::int32_t label : labels) {
    if (has_blanks && in_label && before == label) add(kBlankLabel, 1);
    const std::int32_t unit = frame_labels.contexts.unit(before, label);
    for (std::int32_t state = 0; state < state_count; ++state) {
      add(state_count * unit + state, 1 + sampler.below(2));
    }
    const std::size_t blanks = has_blanks ? sampler.below(3) : 0;
    add(kBlankLabel, blanks);
    in_label = blanks == 0;
    before = label;
  }
  return frames;
}

/// A path that has put out the first words of a sentence.
struct Position {
  std::int32_t state = 0;
  std::int32_t word_count = 0;

  bool operator==(const Position&) const = default;
};

struct PositionHash {
  std::size_t operator()(const Position& position) const {
    return std::hash<std::uint64_t>{}((static_cast<std::uint64_t>(position.word_count) << 32U) |
                                      static_cast<std::uint32_t>(position.state));
  }
};

using PositionCosts = std::unordered_map<Position, double, PositionHash>;

/// Walks all paths of a graph that put out the words, frame by frame.
class Acceptor {
 public:
  Acceptor(const GraphView& graph, std::span<const std::int32_t> words)
      : graph_(graph), words_(words) {
    reach({.state = graph.start, .word_count = 0}, 0.0);
  }

  void consume(std::int32_t pdf) {
    const PositionCosts before = std::exchange(costs_, {});
    for (const auto& [position, cost] : before) follow(position, cost, pdf + 1);
  }

  double final_cost() const {
    double least = kInfiniteCost;
    for (const auto& [position, cost] : costs_) {
      if (static_cast<std::size_t>(position.word_count) != words_.size()) continue;
      least = std::min(least, cost + graph_.final_cost[position.state]);
    }
    return least;
  }

 private:
  void follow(const Position& position, double cost, std::int32_t input) {
    const std::uint32_t end = graph_.arc_begin[position.state + 1];
    for (std::uint32_t i = graph_.arc_begin[position.state]; i < end; ++i) {
      const Arc& arc = graph_.arcs[i];
      if (arc.input != input) continue;
      Position next{.state = arc.target, .word_count = position.word_count};
      if (arc.output != 0) {
        const auto done = static_cast<std::size_t>(position.word_count);
        if (done == words_.size() || words_[done] != arc.output) continue;
        ++next.word_count;
      }
      reach(next, cost + arc.cost);
    }
  }

  void reach(const Position& position, double cost) {
    const auto [found, is_new] = costs_.emplace(position, cost);
    if (!is_new && found->second <= cost) return;
    found->second = cost;
    follow(position, cost, 0);
  }

  const GraphView& graph_;
  std::span<const std::int32_t> words_;
  PositionCosts costs_;
};

}  // namespace

double least_sentence_cost(const NgramModel& model, std::span<const WordId> sentence) {
  const WordId start = model.vocabulary().sentence_start();
  std::vector<WordId> context;
  if (start != kNoWord && model.order() > 1) context.push_back(start);
  ContextCosts costs{{context, 0.0}};
  for (const WordId word : sentence) costs = predict(model, costs, word);
  double least = kInfiniteCost;
  for (const auto& [ending, cost] : predict(model, costs, model.vocabulary().sentence_end())) {
    least = std::min(least, cost);
  }
  return least;
}

double accepted_cost(const GraphView& graph, std::span<const std::int32_t> frames,
                     std::span<const std::int32_t> words) {
  Acceptor acceptor(graph, words);
  for (const std::int32_t pdf : frames) acceptor.consume(pdf);
  return acceptor.final_cost();
}

GraphCheck check_graph(const GraphPackage& package, const NgramModel& model,
                       const GraphCheckOptions& options) {
  const std::vector<std::int32_t> output_of = output_labels(model, package.words);
  const Fillers fillers =
      find_fillers(options.fillers, package.labels, package.words, package.pronunciations);
  SentenceSampler sampler(model, options.seed);
  GraphCheck check;
  while (check.sentence_count < options.sentence_count) {
    const std::vector<WordId> sentence = draw_sentence(model, output_of, sampler);
    std::vector<std::int32_t> words;
    std::string text;
    for (const WordId word : sentence) {
      words.push_back(output_of[word]);
      text += (text.empty() ? "" : " ") + model.vocabulary().word(word);
    }
    const Utterance utterance = draw_utterance(package.pronunciations, options.pronunciation_costs,
                                               fillers, words, sampler);
    const std::vector<std::int32_t> frames =
        draw_frames(utterance.labels, package.frame_labels, sampler);
    const double expected = least_sentence_cost(model, sentence) + utterance.cost;
    const double found = accepted_cost(package.graph.view(), frames, utterance.words);
    const double difference =
        expected == found ? 0.0
                          : std::abs(found - expected) / static_cast<double>(words.size() + 1);
    if (difference > check.largest_difference) {
      check.largest_difference = difference;
      check.worst_sentence = text;
    }
    ++check.sentence_count;
    check.word_count += static_cast<std::int64_t>(words.size());
    check.frame_count += static_cast<std::int64_t>(frames.size());
  }
  return check;
}

}  // namespace harpy

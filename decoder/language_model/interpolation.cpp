#include "decoder/language_model/interpolation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "decoder/language_model/perplexity.hpp"

namespace harpy {

namespace {

constexpr int kMaxIterations = 1000;
constexpr double kWeightTolerance = 1e-4;

void check_models(std::span<const NgramModel> models) {
  if (models.empty()) throw std::invalid_argument("interpolation: expected models, got none");
  for (const NgramModel& model : models) {
    if (!(model.vocabulary() == models[0].vocabulary())) {
      throw std::invalid_argument("interpolation: expected models of one vocabulary");
    }
  }
}

void check_weights(std::span<const double> weights, std::size_t model_count) {
  double sum = 0.0;
  for (const double weight : weights) {
    if (!(weight > 0.0)) {
      throw std::invalid_argument("interpolation: expected positive weights, got " +
                                  std::to_string(weight));
    }
    sum += weight;
  }
  if (weights.size() != model_count || std::abs(sum - 1.0) > 1e-6) {
    throw std::invalid_argument("interpolation: expected " + std::to_string(model_count) +
                                " weights with sum 1, got " + std::to_string(weights.size()) +
                                " with sum " + std::to_string(sum));
  }
}

/// Walks the n-grams of all models together, contexts before their extensions, in sorted order, so
/// that each level of the result is written from front to back.
class Mixer {
 public:
  Mixer(std::span<const NgramModel> models, std::span<const double> weights)
      : models_(models), weights_(weights) {
    int order = 0;
    for (const NgramModel& model : models) order = std::max(order, model.order());
    levels_.resize(order);
  }

  NgramModel run() {
    const auto word_count = static_cast<WordId>(models_[0].vocabulary().size());
    for (WordId word = 0; word < word_count; ++word) add_ngram(0, word, unigram_probability(word));
    std::vector<Node> nodes(models_.size());
    for (WordId word = 0; word < word_count; ++word) {
      std::fill(nodes.begin(), nodes.end(), Node(word));
      add_extensions(word, nodes);
    }
    for (std::size_t n = 0; n + 1 < levels_.size(); ++n) {
      levels_[n].first_child.push_back(static_cast<std::uint32_t>(levels_[n + 1].size()));
    }
    NgramModel mixture(models_[0].vocabulary(), std::move(levels_));
    mixture.normalize_backoffs();
    return mixture;
  }

 private:
  using Node = std::optional<std::uint32_t>;  ///< a context in one model

  void add_ngram(std::size_t level, WordId word, double probability) {
    levels_[level].words.push_back(word);
    levels_[level].log_probabilities.push_back(static_cast<float>(std::log(probability)));
    if (level + 1 < levels_.size()) levels_[level].log_backoffs.push_back(0.0F);
  }

  double unigram_probability(WordId word) const {
    double probability = 0.0;
    for (std::size_t m = 0; m < models_.size(); ++m) {
      probability +=
          weights_[m] * std::exp(static_cast<double>(models_[m].level(1).log_probabilities[word]));
    }
    return probability;
  }

  /// The words that follow the current context in any model.
  std::vector<WordId> words_after(const std::vector<Node>& nodes) const {
    const int length = static_cast<int>(context_.size());
    std::vector<WordId> words;
    for (std::size_t m = 0; m < models_.size(); ++m) {
      if (!nodes[m] || length >= models_[m].order()) continue;
      const auto& first_child = models_[m].level(length).first_child;
      const auto& children = models_[m].level(length + 1).words;
      words.insert(words.end(), children.begin() + first_child[*nodes[m]],
                   children.begin() + first_child[*nodes[m] + 1]);
    }
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
  }

  Node child_of(std::size_t m, const Node& context, WordId word) const {
    const int length = static_cast<int>(context_.size());
    if (!context || length >= models_[m].order()) return std::nullopt;
    return models_[m].find_child(length, *context, word);
  }

  /// Adds the n-grams that extend the current context by `last_word`, where `nodes` is the context
  /// so extended in each model, and all their extensions.
  void add_extensions(WordId last_word, const std::vector<Node>& nodes) {
    if (context_.size() + 1 == levels_.size()) return;
    context_.push_back(last_word);
    const std::size_t length = context_.size();
    levels_[length - 1].first_child.push_back(static_cast<std::uint32_t>(levels_[length].size()));
    const std::vector<WordId> words = words_after(nodes);
    std::vector<std::vector<Node>> children(words.size(), std::vector<Node>(models_.size()));
    for (std::size_t i = 0; i < words.size(); ++i) {
      double probability = 0.0;
      for (std::size_t m = 0; m < models_.size(); ++m) {
        children[i][m] = child_of(m, nodes[m], words[i]);
        const float log_probability =
            children[i][m]
                ? models_[m].level(static_cast<int>(length) + 1).log_probabilities[*children[i][m]]
                : models_[m].log_probability(context_, words[i]);
        probability += weights_[m] * std::exp(static_cast<double>(log_probability));
      }
      add_ngram(length, words[i], probability);
    }
    for (std::size_t i = 0; i < words.size(); ++i) add_extensions(words[i], children[i]);
    context_.pop_back();
  }

  std::span<const NgramModel> models_;
  std::span<const double> weights_;
  std::vector<NgramLevel> levels_;
  std::vector<WordId> context_;
};

}  // namespace

std::vector<double> tune_weights(std::span<const NgramModel> models, const Corpus& held_out) {
  check_models(models);
  const std::size_t count = models.size();
  std::vector<double> probabilities;  // [predictions, models]
  visit_predictions(held_out, models[0].vocabulary(),
                    [&](std::span<const WordId> context, WordId word) {
                      for (const NgramModel& model : models) {
                        probabilities.push_back(
                            std::exp(static_cast<double>(model.log_probability(context, word))));
                      }
                    });
  if (probabilities.empty()) throw std::runtime_error("the held-out text holds no known word");
  std::vector<double> weights(count, 1.0 / static_cast<double>(count));
  for (int iteration = 0; iteration < kMaxIterations; ++iteration) {
    std::vector<double> shares(count, 0.0);
    for (std::size_t row = 0; row < probabilities.size(); row += count) {
      double total = 0.0;
      for (std::size_t m = 0; m < count; ++m) total += weights[m] * probabilities[row + m];
      if (total == 0.0) continue;
      for (std::size_t m = 0; m < count; ++m) {
        shares[m] += weights[m] * probabilities[row + m] / total;
      }
    }
    double sum = 0.0;
    for (const double share : shares) sum += share;
    double change = 0.0;
    for (std::size_t m = 0; m < count; ++m) {
      // A floor keeps a model that never wins in the mixture, as its n-grams and words need.
      const double tuned = std::max(sum > 0.0 ? shares[m] / sum : weights[m], 1e-9);
      change = std::max(change, std::abs(tuned - weights[m]));
      weights[m] = tuned;
    }
    if (change < kWeightTolerance) break;
  }
  return weights;
}

NgramModel interpolate(std::span<const NgramModel> models, std::span<const double> weights) {
  check_models(models);
  check_weights(weights, models.size());
  return Mixer(models, weights).run();
}

}  // namespace harpy

#include "decoder/language_model/pruning.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace harpy {

namespace {

/// Least probability mass that a context is taken to leave to words it has not seen.
constexpr double kLeastMass = 1e-10;

double natural(float log_probability) { return static_cast<double>(log_probability); }

/// Natural logarithm of the probability of a context.
double log_context_probability(const NgramModel& histories, std::span<const WordId> context) {
  const Vocabulary& vocabulary = histories.vocabulary();
  double total = 0.0;
  for (std::size_t i = 0; i < context.size(); ++i) {
    const bool start = i == 0 && context[0] == vocabulary.sentence_start();
    total += natural(histories.log_probability(context.first(i),
                                               start ? vocabulary.sentence_end() : context[i]));
  }
  return total;
}

/// The relative rise of perplexity that the loss of each child of `context` would cause.
void score_children(const NgramModel& model, const NgramModel& histories,
                    std::span<const WordId> words, std::uint32_t context,
                    std::vector<float>& scores) {
  const auto length = static_cast<int>(words.size());
  const auto& first_child = model.level(length).first_child;
  const NgramLevel& children = model.level(length + 1);
  const std::uint32_t begin = first_child[context];
  const std::uint32_t end = first_child[context + 1];
  if (begin == end) return;
  std::vector<double> shorter(end - begin);
  double rest = 1.0;
  double shorter_rest = 1.0;
  for (std::uint32_t i = begin; i < end; ++i) {
    shorter[i - begin] = natural(model.log_probability(words.subspan(1), children.words[i]));
    rest -= std::exp(natural(children.log_probabilities[i]));
    shorter_rest -= std::exp(shorter[i - begin]);
  }
  rest = std::max(rest, kLeastMass);
  shorter_rest = std::max(shorter_rest, kLeastMass);
  const double log_backoff = std::log(rest / shorter_rest);
  const double context_probability = std::exp(log_context_probability(histories, words));
  for (std::uint32_t i = begin; i < end; ++i) {
    const double log_p = natural(children.log_probabilities[i]);
    const double p = std::exp(log_p);
    if (p == 0.0) {
      scores[i] = 0.0F;
      continue;
    }
    const double new_backoff = std::log((rest + p) / (shorter_rest + std::exp(shorter[i - begin])));
    const double loss = -context_probability * (p * (shorter[i - begin] + new_backoff - log_p) +
                                                rest * (new_backoff - log_backoff));
    scores[i] = static_cast<float>(std::expm1(loss));
  }
}

/// Scores by level; an n-gram's is at least that of every n-gram that extends it.
std::vector<std::vector<float>> score(const NgramModel& model, const NgramModel& histories) {
  std::vector<std::vector<float>> scores(model.order());
  for (int n = model.order(); n >= 2; --n) {
    std::vector<float>& own = scores[n - 1];
    own.resize(model.level(n).size());
    model.visit(n - 1, [&](std::span<const WordId> words, std::uint32_t context) {
      score_children(model, histories, words, context, own);
    });
    if (n == model.order()) continue;
    const auto& first_child = model.level(n).first_child;
    for (std::size_t i = 0; i < own.size(); ++i) {
      for (std::uint32_t child = first_child[i]; child < first_child[i + 1]; ++child) {
        own[i] = std::max(own[i], scores[n][child]);
      }
    }
  }
  return scores;
}

/// Which n-grams stay for their scores: all above `least`, and `ties` of those that equal it.
struct Selection {
  float least = -std::numeric_limits<float>::infinity();
  std::size_t ties = 0;

  bool take(float own) {
    if (own > least) return true;
    if (own < least || ties == 0) return false;
    --ties;
    return true;
  }
};

/// The selection of the `count` n-grams with the highest scores.
Selection select_best(const std::vector<std::vector<float>>& scores, std::size_t count) {
  std::vector<float> all;
  for (const std::vector<float>& level : scores) all.insert(all.end(), level.begin(), level.end());
  if (count >= all.size()) return {-std::numeric_limits<float>::infinity(), all.size()};
  if (count == 0) return {std::numeric_limits<float>::infinity(), 0};
  const auto last = all.begin() + static_cast<std::ptrdiff_t>(count) - 1;
  std::nth_element(all.begin(), last, all.end(), std::greater<>());
  const auto above = std::count_if(all.begin(), last, [&](float own) { return own > *last; });
  return {*last, count - static_cast<std::size_t>(above)};
}

}  // namespace

void prune(NgramModel& model, const NgramModel& histories, const PruningOptions& options) {
  if (!(model.vocabulary() == histories.vocabulary())) {
    throw std::invalid_argument("pruning: expected two models of one vocabulary");
  }
  if (!(options.threshold >= 0.0)) {
    throw std::invalid_argument("pruning threshold: expected 0 or more, got " +
                                std::to_string(options.threshold));
  }
  const std::vector<std::vector<float>> scores = score(model, histories);
  std::vector<std::vector<bool>> keep{std::vector<bool>(model.level(1).size(), true)};
  Selection selection;
  if (options.max_ngrams > 0) {
    selection = select_best(
        scores, options.max_ngrams - std::min<std::uint64_t>(options.max_ngrams, keep[0].size()));
  }
  // Lower orders come first, so that of equal scores a context's is taken before its extensions'.
  for (int n = 2; n <= model.order(); ++n) {
    std::vector<bool> kept(scores[n - 1].size(), true);
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const float own = scores[n - 1][i];
      if (options.max_ngrams > 0) kept[i] = selection.take(own);
      if (options.threshold > 0.0 && static_cast<double>(own) < options.threshold) kept[i] = false;
    }
    keep.push_back(std::move(kept));
  }
  model.keep_only(keep);
  model.normalize_backoffs();
}

}  // namespace harpy

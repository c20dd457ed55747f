#include "decoder/path_sums/forward_backward.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include "decoder/path_sums/forward_backward_trellis.hpp"

namespace harpy {
namespace {

/// Errors: std::invalid_argument for a negative frame count.
bool scores_are_valid(const UtteranceScores& utterance, std::int64_t pdf_count) {
  if (utterance.frame_count < 0) {
    throw std::invalid_argument("forward-backward: frame count " +
                                std::to_string(utterance.frame_count) + " is negative");
  }
  return summation::all_at_most(summation::kLogLimit, utterance.log_likelihoods,
                                utterance.frame_count * pdf_count);
}

}  // namespace

static_assert(ForwardBackward::kLaneCount == summation::kWideLanes);

class ForwardBackward::Trellises {
 public:
  summation::Trellis<1> single;
  summation::Trellis<summation::kWideLanes> lanes;
};

ForwardBackward::ForwardBackward() : trellises_(std::make_unique<Trellises>()) {}
ForwardBackward::ForwardBackward(ForwardBackward&&) noexcept = default;
ForwardBackward& ForwardBackward::operator=(ForwardBackward&&) noexcept = default;
ForwardBackward::~ForwardBackward() = default;

void ForwardBackward::evaluate(const SummationGraph& graph,
                               std::span<const UtteranceScores> utterances, float factor,
                               std::span<double> log_probabilities) {
  if (log_probabilities.size() != utterances.size()) {
    throw std::invalid_argument("forward-backward: expected " + std::to_string(utterances.size()) +
                                " log probabilities, got " +
                                std::to_string(log_probabilities.size()));
  }
  for (std::size_t u = 0; u < utterances.size(); ++u) {
    log_probabilities[u] = scores_are_valid(utterances[u], graph.pdf_count())
                               ? 0.0
                               : std::numeric_limits<double>::quiet_NaN();
  }
  for (std::size_t begin = 0; begin < utterances.size(); begin += kLaneCount) {
    const std::size_t count = std::min(kLaneCount, utterances.size() - begin);
    const auto part = utterances.subspan(begin, count);
    const auto results = log_probabilities.subspan(begin, count);
    if (count == 1) {
      trellises_->single.evaluate(graph, part, factor, results);
    } else {
      trellises_->lanes.evaluate(graph, part, factor, results);
    }
  }
}

}  // namespace harpy

#include "decoder/path_sums/forward_backward_cpu.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include "decoder/path_sums/forward_backward_cpu_trellis.hpp"
#include "decoder/path_sums/statewise_trellis.hpp"

namespace harpy {
namespace {

/// Errors: std::invalid_argument for a negative frame count.
bool scores_are_valid(const UtteranceScores& utterance, std::int64_t pdf_count) {
  if (utterance.frame_count < 0) {
    throw std::invalid_argument("forward-backward: frame count " +
                                std::to_string(utterance.frame_count) + " is negative");
  }
  return forward_backward::all_at_most(forward_backward::kLogLimit, utterance.log_likelihoods,
                                       utterance.frame_count * pdf_count);
}

}  // namespace

static_assert(CpuForwardBackward::kLaneCount == forward_backward::kWideLanes);

class CpuForwardBackward::Trellises {
 public:
  /// As CpuForwardBackward::evaluate, for up to kLaneCount utterances.
  void evaluate(const SummationGraph& graph, std::span<const UtteranceScores> utterances,
                float factor, std::span<double> log_probabilities) {
    if (!graph.statewise().empty()) {
      const std::uint32_t left =
          statewise_.evaluate(graph.statewise(), graph.start(), graph.pdf_count(), utterances,
                              factor, log_probabilities);
      for (std::size_t u = 0; u < utterances.size(); ++u) {
        if ((left >> u & 1U) == 0) continue;
        single_.evaluate(graph, utterances.subspan(u, 1), factor, log_probabilities.subspan(u, 1));
      }
    } else if (utterances.size() == 1) {
      single_.evaluate(graph, utterances, factor, log_probabilities);
    } else {
      lanes_.evaluate(graph, utterances, factor, log_probabilities);
    }
  }

 private:
  forward_backward::StatewiseTrellis statewise_;
  forward_backward::Trellis<1> single_;
  forward_backward::Trellis<forward_backward::kWideLanes> lanes_;
};

CpuForwardBackward::CpuForwardBackward() : trellises_(std::make_unique<Trellises>()) {}
CpuForwardBackward::CpuForwardBackward(CpuForwardBackward&&) noexcept = default;
CpuForwardBackward& CpuForwardBackward::operator=(CpuForwardBackward&&) noexcept = default;
CpuForwardBackward::~CpuForwardBackward() = default;

void CpuForwardBackward::evaluate(const SummationGraph& graph,
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
    trellises_->evaluate(graph, utterances.subspan(begin, count), factor,
                         log_probabilities.subspan(begin, count));
  }
}

}  // namespace harpy

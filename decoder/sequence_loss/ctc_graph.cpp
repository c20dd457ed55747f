#include "decoder/sequence_loss/ctc_graph.hpp"

#include <cstddef>

namespace harpy {

void CtcGraph::assign(std::span<const std::int32_t> labels, std::int32_t pdf_count,
                      const LabelContexts& contexts) {
  constexpr std::int32_t kBlank = 0;
  const auto label_count = static_cast<std::int32_t>(labels.size());
  const auto unit = [&](std::size_t index) {
    return contexts.unit(index == 0 ? 0 : labels[index - 1], labels[index]);
  };
  pdf_count_ = pdf_count;
  arc_begin_.assign(1, 0);
  epsilon_begin_.clear();
  final_cost_.clear();
  arcs_.clear();
  for (std::int32_t i = 0; i <= label_count; ++i) {
    const auto index = static_cast<std::size_t>(i);
    const bool is_last = i == label_count;
    add_arc(2 * i, kBlank);
    if (!is_last) add_arc(2 * i + 1, unit(index));
    add_state(is_last ? 0.0F : kInfiniteCost);
    if (is_last) break;

    add_arc(2 * i + 1, unit(index));
    add_arc(2 * i + 2, kBlank);
    if (i + 1 < label_count && labels[index + 1] != labels[index]) {
      add_arc(2 * i + 3, unit(index + 1));
    }
    add_state(i + 1 == label_count ? 0.0F : kInfiniteCost);
  }
  epsilon_level_.assign(final_cost_.size(), 0);
}

std::int64_t CtcGraph::least_frame_count(std::span<const std::int32_t> labels) {
  auto count = static_cast<std::int64_t>(labels.size());
  for (std::size_t i = 1; i < labels.size(); ++i) count += labels[i] == labels[i - 1] ? 1 : 0;
  return count;
}

void CtcGraph::add_arc(std::int32_t target, std::int32_t pdf) {
  arcs_.push_back({.target = target, .input = pdf + 1, .output = 0, .cost = 0.0F});
}

/// Closes the state whose arcs were added last.
void CtcGraph::add_state(float final_cost) {
  final_cost_.push_back(final_cost);
  arc_begin_.push_back(static_cast<std::uint32_t>(arcs_.size()));
  epsilon_begin_.push_back(arc_begin_.back());
}

GraphView CtcGraph::view() const {
  return {.state_count = static_cast<std::int32_t>(final_cost_.size()),
          .start = 0,
          .pdf_count = pdf_count_,
          .epsilon_level_count = 1,
          .arc_begin = arc_begin_.data(),
          .epsilon_begin = epsilon_begin_.data(),
          .epsilon_level = epsilon_level_.data(),
          .final_cost = final_cost_.data(),
          .arcs = arcs_.data()};
}

}  // namespace harpy

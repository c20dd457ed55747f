#include "decoder/path_sums/forward_backward_batch.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <string>

namespace harpy::forward_backward {
namespace {

constexpr std::size_t kAlignment = 16;
constexpr std::int64_t kMostFrames = std::int64_t{1} << 30;

constexpr std::size_t aligned(std::size_t size_bytes) {
  return (size_bytes + kAlignment - 1) / kAlignment * kAlignment;
}

/// Gives out memory piece by piece, or only counts it.
class Cutter {
 public:
  explicit Cutter(std::byte* memory) : memory_(memory) {}

  template <typename T>
  T* take(std::int64_t count) {
    T* taken = memory_ ? reinterpret_cast<T*>(memory_ + used_bytes_) : nullptr;
    used_bytes_ += aligned(static_cast<std::size_t>(count) * sizeof(T));
    return taken;
  }
  std::size_t used_bytes() const { return used_bytes_; }

 private:
  std::byte* memory_;
  std::size_t used_bytes_ = 0;
};

ForwardBackwardMemory cut_memory(const SummationGraphView& graph, std::int64_t frames,
                                 Cutter& cutter) {
  return {.forward = cutter.take<ScaledFloat>((frames + 1) * graph.state_count),
          .backward = cutter.take<ScaledFloat>(std::int64_t{2} * graph.state_count),
          .scores = cutter.take<ScaledFloat>(std::int64_t{2} * graph.pdf_count),
          .largest = cutter.take<std::uint32_t>(frames + 1),
          .piece_sums = cutter.take<float>(graph.piece_count),
          .group_sums = cutter.take<float>(graph.group_count),
          .chunk_sums = cutter.take<float>(chunk_count(graph.group_count, kChunkGroups)),
          .total_parts =
              cutter.take<ScaledFloat>(std::max(chunk_count(graph.state_count, kChunkStates), 1))};
}

/// Turns a pointer whose value is an offset into one that points so far behind `base`.
template <typename T>
void move_to(const std::byte* base, const T*& pointer) {
  pointer = reinterpret_cast<const T*>(base + reinterpret_cast<std::uintptr_t>(pointer));
}

}  // namespace

void ForwardBackwardBatch::clear() {
  graph_bytes_.clear();
  graphs_.clear();
  utterances_.clear();
}

/// Appends a copy of the values. The value of the pointer returned is the offset of the copy.
template <typename T>
const T* ForwardBackwardBatch::append(std::span<const T> values) {
  const std::size_t offset = graph_bytes_.size();
  graph_bytes_.resize(offset + aligned(values.size_bytes()));
  if (!values.empty())
    std::memcpy(graph_bytes_.data() + offset, values.data(), values.size_bytes());
  return reinterpret_cast<const T*>(offset);  // NOLINT(performance-no-int-to-ptr)
}

std::size_t ForwardBackwardBatch::add_graph(const SummationGraph& graph) {
  const auto append_index = [&](const SummationGraph::Index& index) -> ArcIndex {
    return {append(std::span(index.begin)), append(std::span(index.epsilon)),
            append(std::span(index.arcs))};
  };
  SummationGraphView view{.state_count = graph.state_count(),
                          .pdf_count = graph.pdf_count(),
                          .level_count = static_cast<std::int32_t>(graph.level_begin().size()) - 1,
                          .start = graph.start()};
  view.level_begin = append(std::span(graph.level_begin()));
  view.in = append_index(graph.in());
  view.out = append_index(graph.out());
  view.final_weights = append(std::span(graph.final_weights()));
  append_occupations(graph, view);
  graphs_.push_back(view);
  return graphs_.size() - 1;
}

/// Sorts the emitting arcs by pdf, otherwise in the order of their sources, and cuts those of each
/// pdf into pieces.
void ForwardBackwardBatch::append_occupations(const SummationGraph& graph,
                                              SummationGraphView& view) {
  const SummationGraph::Index& out = graph.out();
  std::vector<std::uint32_t> next(static_cast<std::size_t>(graph.pdf_count()) + 1, 0);
  for (const SummationGraph::Arc& arc : out.arcs) {
    if (arc.input > 0) ++next[static_cast<std::size_t>(arc.input)];
  }
  std::vector<std::int32_t> group_pdf, group_piece_begin, piece_pdf;
  std::vector<std::uint32_t> piece_arc_begin;
  std::uint32_t begin = 0;
  for (std::size_t input = 1; input < next.size(); ++input) {
    const std::uint32_t end = begin + next[input];
    next[input] = begin;
    if (begin == end) continue;
    group_pdf.push_back(static_cast<std::int32_t>(input) - 1);
    group_piece_begin.push_back(static_cast<std::int32_t>(piece_pdf.size()));
    for (; begin < end; begin += std::min(kPieceArcs, end - begin)) {
      piece_pdf.push_back(static_cast<std::int32_t>(input) - 1);
      piece_arc_begin.push_back(begin);
    }
  }
  group_piece_begin.push_back(static_cast<std::int32_t>(piece_pdf.size()));
  piece_arc_begin.push_back(begin);
  std::vector<OccupationArc> arcs(begin);
  for (std::int32_t s = 0; s < graph.state_count(); ++s) {
    const auto state = static_cast<std::size_t>(s);
    for (std::uint32_t a = out.begin[state]; a < out.epsilon[state]; ++a) {
      const SummationGraph::Arc& arc = out.arcs[a];
      arcs[next[static_cast<std::size_t>(arc.input)]++] = {s, arc.state, arc.weight};
    }
  }
  view.group_count = static_cast<std::int32_t>(group_pdf.size());
  view.piece_count = static_cast<std::int32_t>(piece_pdf.size());
  view.group_pdf = append(std::span<const std::int32_t>(group_pdf));
  view.group_piece_begin = append(std::span<const std::int32_t>(group_piece_begin));
  view.piece_pdf = append(std::span<const std::int32_t>(piece_pdf));
  view.piece_arc_begin = append(std::span<const std::uint32_t>(piece_arc_begin));
  view.occupation_arcs = append(std::span<const OccupationArc>(arcs));
}

void ForwardBackwardBatch::add_utterance(std::size_t graph, const UtteranceScores& utterance,
                                         float factor) {
  if (utterance.frame_count < 0 || utterance.frame_count > kMostFrames) {
    throw std::invalid_argument("forward-backward: expected 0 to " + std::to_string(kMostFrames) +
                                " frames, got " + std::to_string(utterance.frame_count));
  }
  static_cast<void>(graphs_.at(graph));
  utterances_.push_back({graph, utterance, factor});
}

std::int32_t ForwardBackwardBatch::largest_state_count() const {
  std::int32_t largest = 0;
  for (const SummationGraphView& graph : graphs_) largest = std::max(largest, graph.state_count);
  return largest;
}

std::size_t ForwardBackwardBatch::memory_bytes() const {
  Cutter counter(nullptr);
  for (const Utterance& utterance : utterances_) {
    cut_memory(graphs_[utterance.graph], utterance.scores.frame_count, counter);
  }
  return counter.used_bytes();
}

std::vector<ForwardBackwardTask> ForwardBackwardBatch::tasks(const Place& place) const {
  Cutter cutter(place.memory);
  std::vector<ForwardBackwardTask> tasks;
  for (std::size_t u = 0; u < utterances_.size(); ++u) {
    const auto& [graph_number, scores, factor] = utterances_[u];
    SummationGraphView graph = graphs_[graph_number];
    move_to(place.graphs, graph.level_begin);
    for (ArcIndex* index : {&graph.in, &graph.out}) {
      move_to(place.graphs, index->begin);
      move_to(place.graphs, index->epsilon);
      move_to(place.graphs, index->arcs);
    }
    move_to(place.graphs, graph.final_weights);
    move_to(place.graphs, graph.group_pdf);
    move_to(place.graphs, graph.group_piece_begin);
    move_to(place.graphs, graph.piece_pdf);
    move_to(place.graphs, graph.piece_arc_begin);
    move_to(place.graphs, graph.occupation_arcs);
    tasks.push_back({.graph = graph,
                     .frame_count = static_cast<std::int32_t>(scores.frame_count),
                     .factor = factor,
                     .log_likelihoods = scores.log_likelihoods,
                     .gradient = scores.gradient,
                     .memory = cut_memory(graph, scores.frame_count, cutter),
                     .result = place.results + u});
  }
  return tasks;
}

double log_probability(const ForwardBackwardResult& result) {
  if (result.invalid != 0) return std::numeric_limits<double>::quiet_NaN();
  if (result.mantissa == 0.0F) return -std::numeric_limits<double>::infinity();
  return std::log(static_cast<double>(result.mantissa)) +
         static_cast<double>(result.exponent) * std::numbers::ln2;
}

}  // namespace harpy::forward_backward

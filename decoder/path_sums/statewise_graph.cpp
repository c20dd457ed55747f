#include "decoder/path_sums/statewise_graph.hpp"

#include <algorithm>
#include <cstddef>

#include "decoder/path_sums/summation_graph.hpp"

namespace harpy {
namespace {

constexpr std::int64_t kLeastArcs = 1024;

bool fits_float(const forward_backward::ScaledFloat& weight) {
  return weight.mantissa == 0.0F || (weight.exponent >= -60 && weight.exponent <= 60);
}

float to_float(const forward_backward::ScaledFloat& weight) {
  return weight.mantissa * forward_backward::power_of_two(weight.exponent);
}

bool enters_by_one_pdf(const SummationGraph& graph, std::size_t state) {
  const SummationGraph::Index& in = graph.in();
  const auto first = in.arcs.begin() + in.begin[state];
  return std::all_of(first, in.arcs.begin() + in.begin[state + 1],
                     [&](const auto& arc) { return arc.input > 0 && arc.input == first->input; });
}

bool has_statewise_form(const SummationGraph& graph) {
  // The trellis keeps the occupations of pdfs where the sums of states were.
  if (graph.arc_count() < kLeastArcs || graph.pdf_count() > graph.state_count()) return false;
  for (std::size_t s = 0; s < graph.final_weights().size(); ++s) {
    if (!enters_by_one_pdf(graph, s)) return false;
  }
  return std::all_of(graph.final_weights().begin(), graph.final_weights().end(), fits_float) &&
         std::all_of(graph.in().arcs.begin(), graph.in().arcs.end(),
                     [](const auto& arc) { return fits_float(arc.weight); });
}

void copy_index(const SummationGraph::Index& from, StatewiseGraph::Index& to) {
  to.begin = from.begin;
  to.arcs.clear();
  to.arcs.reserve(from.arcs.size());
  for (const SummationGraph::Arc& arc : from.arcs) {
    to.arcs.push_back({arc.state, to_float(arc.weight)});
  }
}

}  // namespace

void StatewiseGraph::assign(const SummationGraph& graph) {
  pdfs.clear();
  if (!has_statewise_form(graph)) return;
  const SummationGraph::Index& entering = graph.in();
  pdfs.assign(graph.final_weights().size(), 0);
  for (std::size_t s = 0; s < pdfs.size(); ++s) {
    const std::uint32_t first = entering.begin[s];
    if (first != entering.begin[s + 1]) pdfs[s] = entering.arcs[first].input - 1;
  }
  final_weights.resize(pdfs.size());
  std::transform(graph.final_weights().begin(), graph.final_weights().end(), final_weights.begin(),
                 to_float);
  copy_index(entering, in);
  copy_index(graph.out(), out);
}

}  // namespace harpy

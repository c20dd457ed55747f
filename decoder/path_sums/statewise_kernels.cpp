#include "decoder/path_sums/statewise_kernels.hpp"

#include <algorithm>
#include <cstring>

namespace harpy::forward_backward {
namespace {

using Floats = LaneFloats<kWideLanes>;
using Ints = LaneInts<kWideLanes>;
using Real = Vectors<kWideLanes>::Real;
using Int = Vectors<kWideLanes>::Int;

constexpr float kLeast = 0x1p-110F;
constexpr float kLargest = 0x1p110F;

/// sum = sum over arcs of values[arc.state] * weight: even and odd ones apart, so that one addition
/// need not wait for the other.
[[gnu::always_inline]] inline void sum_arcs(const StatewiseGraph::Arc* first,
                                            const StatewiseGraph::Arc* last, const Floats* values,
                                            Real& sum) {
  Real even{}, odd{}, value;
  for (; last - first >= 2; first += 2) {
    load(values[first[0].state], value);
    even += value * first[0].weight;
    load(values[first[1].state], value);
    odd += value * first[1].weight;
  }
  if (first != last) {
    load(values[first->state], value);
    even += value * first->weight;
  }
  sum = even + odd;
}

}  // namespace

[[gnu::target_clones("avx512f", "avx2", "default")]] void find_largest_exponents(
    const ScaledLanes<kWideLanes>* x, std::size_t count, Ints& largest) {
  Int found = Int{} + kZeroExponent, exponent;
  for (std::size_t i = 0; i < count; ++i) {
    load(x[i].exponent, exponent);
    raise_to(found, exponent);
  }
  store(found, largest);
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void unscale(const ScaledLanes<kWideLanes>* x,
                                                                  std::size_t count,
                                                                  const Ints& shift, Floats* y) {
  Int taken, exponent;
  load(shift, taken);
  Real value;
  for (std::size_t i = 0; i < count; ++i) {
    load(x[i].mantissa, value);
    load(x[i].exponent, exponent);
    scale_by_power(value, exponent - taken);
    store(value, y[i]);
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void push_forward(const StatewiseGraph& graph,
                                                                       const Floats* before,
                                                                       const Floats* scores,
                                                                       Floats* after,
                                                                       Ints& largest) {
  const StatewiseGraph::Arc* arcs = graph.in.arcs.data();
  Real most{};
  for (std::size_t s = 0; s < graph.pdfs.size(); ++s) {
    Real sum, score;
    sum_arcs(arcs + graph.in.begin[s], arcs + graph.in.begin[s + 1], before, sum);
    load(scores[static_cast<std::size_t>(graph.pdfs[s])], score);
    sum *= score;
    sum = sum >= kLeast ? sum : Real{};
    store(sum, after[s]);
    most = most > sum ? most : sum;
  }
  Int bits;
  std::memcpy(&bits, &most, sizeof(bits));
  const Int exponents = bits == 0 ? Int{} : (bits >> 23) - 127;
  store(exponents, largest);
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void pull_backward(const StatewiseGraph& graph,
                                                                        const Floats* after,
                                                                        const Floats* scores,
                                                                        Floats* scored,
                                                                        Floats* before) {
  for (std::size_t s = 0; s < graph.pdfs.size(); ++s) {
    Real value, score;
    load(after[s], value);
    load(scores[static_cast<std::size_t>(graph.pdfs[s])], score);
    value *= score;
    store(value, scored[s]);
  }
  const StatewiseGraph::Arc* arcs = graph.out.arcs.data();
  for (std::size_t s = 0; s < graph.pdfs.size(); ++s) {
    Real sum;
    sum_arcs(arcs + graph.out.begin[s], arcs + graph.out.begin[s + 1], scored, sum);
    sum = sum >= kLeast ? sum : Real{};
    const Real limit = Real{} + kLargest;
    sum = sum <= limit ? sum : limit;
    store(sum, before[s]);
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void occupy(
    const StatewiseGraph& graph, std::size_t pdf_count, const Floats* forward,
    const Floats* backward, Floats* occupations, Floats& mass) {
  std::fill_n(occupations, pdf_count, Floats{});
  Real total{};
  for (std::size_t s = 0; s < graph.pdfs.size(); ++s) {
    Real share, value;
    load(forward[s], share);
    load(backward[s], value);
    share *= value;
    Floats& place = occupations[static_cast<std::size_t>(graph.pdfs[s])];
    load(place, value);
    value += share;
    store(value, place);
    total += share;
  }
  store(total, mass);
  const Real factor = total > 0 ? 1.0F / total : Real{};
  for (std::size_t p = 0; p < pdf_count; ++p) {
    Real value;
    load(occupations[p], value);
    value *= factor;
    store(value, occupations[p]);
  }
}

}  // namespace harpy::forward_backward

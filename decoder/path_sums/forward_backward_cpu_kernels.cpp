#include "decoder/path_sums/forward_backward_cpu_kernels.hpp"

#include <cstddef>

namespace harpy::forward_backward {
namespace {

using Arc = SummationGraph::Arc;

/// Arcs [first, last) of one state.
struct ArcRange {
  const Arc* first;
  const Arc* last;
};

template <int kLanes>
[[gnu::always_inline]] inline void set_zero(Scaled<kLanes>& x) {
  x.mantissa = typename Vectors<kLanes>::Real{};
  x.exponent = typename Vectors<kLanes>::Int{} + kZeroExponent;
}

/// The exponent of values[arc.state] * weight * score; the score of an epsilon arc is 1.
template <bool kEmitting, int kLanes>
[[gnu::always_inline]] inline void load_exponent(const Arc& arc, const ScaledLanes<kLanes>* values,
                                                 const ScaledLanes<kLanes>* scores,
                                                 typename Vectors<kLanes>::Int& exponent) {
  load(values[arc.state].exponent, exponent);
  exponent += arc.weight.exponent;
  if constexpr (kEmitting) {
    typename Vectors<kLanes>::Int of_score;
    load(scores[arc.input - 1].exponent, of_score);
    exponent += of_score;
  }
}

/// The mantissa of the same product, in [1, 8) or 0.
template <bool kEmitting, int kLanes>
[[gnu::always_inline]] inline void load_mantissa(const Arc& arc, const ScaledLanes<kLanes>* values,
                                                 const ScaledLanes<kLanes>* scores,
                                                 typename Vectors<kLanes>::Real& mantissa) {
  load(values[arc.state].mantissa, mantissa);
  mantissa *= arc.weight.mantissa;
  if constexpr (kEmitting) {
    typename Vectors<kLanes>::Real of_score;
    load(scores[arc.input - 1].mantissa, of_score);
    mantissa *= of_score;
  }
}

template <bool kEmitting, int kLanes>
[[gnu::always_inline]] inline void find_largest_exponent(const ArcRange& arcs,
                                                         const ScaledLanes<kLanes>* values,
                                                         const ScaledLanes<kLanes>* scores,
                                                         typename Vectors<kLanes>::Int& largest) {
  largest = typename Vectors<kLanes>::Int{} + kZeroExponent;
  for (const Arc* arc = arcs.first; arc != arcs.last; ++arc) {
    typename Vectors<kLanes>::Int exponent;
    load_exponent<kEmitting>(*arc, values, scores, exponent);
    raise_to(largest, exponent);
  }
}

/// sum = sum over arcs of values[arc.state] * weight * score, not normalized.
template <bool kEmitting, int kLanes>
[[gnu::always_inline]] inline void sum_arcs(const ArcRange& arcs, const ScaledLanes<kLanes>* values,
                                            const ScaledLanes<kLanes>* scores,
                                            Scaled<kLanes>& sum) {
  find_largest_exponent<kEmitting>(arcs, values, scores, sum.exponent);
  sum.mantissa = typename Vectors<kLanes>::Real{};
  for (const Arc* arc = arcs.first; arc != arcs.last; ++arc) {
    typename Vectors<kLanes>::Int exponent;
    typename Vectors<kLanes>::Real term;
    load_exponent<kEmitting>(*arc, values, scores, exponent);
    load_mantissa<kEmitting>(*arc, values, scores, term);
    scale_by_power(term, exponent - sum.exponent);
    sum.mantissa += term;
  }
}

template <int kLanes>
[[gnu::always_inline]] inline void forward_states(const SummationGraph& graph,
                                                  const ForwardStep<kLanes>& step) {
  using Int = typename Vectors<kLanes>::Int;
  const SummationGraph::Index& in = graph.in();
  const auto state_count = static_cast<std::size_t>(graph.state_count());
  const Arc* arcs = in.arcs.data();
  Int shift;
  load(step.shift, shift);
  Int largest = Int{} + kZeroExponent;
  for (std::size_t s = 0; s < state_count; ++s) {
    Scaled<kLanes> value;
    set_zero(value);
    if (step.before != nullptr) {
      sum_arcs<true>({arcs + in.begin[s], arcs + in.epsilon[s]}, step.before, step.scores, value);
      value.exponent -= shift;
    } else if (static_cast<std::int32_t>(s) == graph.start()) {
      value.mantissa += 1.0F;
      value.exponent = Int{};
    }
    if (in.epsilon[s] != in.begin[s + 1]) {
      Scaled<kLanes> by_epsilon;
      sum_arcs<false, kLanes>({arcs + in.epsilon[s], arcs + in.begin[s + 1]}, step.after, nullptr,
                              by_epsilon);
      add(by_epsilon, value);
    }
    normalize(value);
    store(value.mantissa, step.after[s].mantissa);
    store(value.exponent, step.after[s].exponent);
    raise_to(largest, value.exponent);
  }
  store(largest, *step.largest);
}

/// sum_arcs over the emitting arcs of state s; each term times the forward sum of s goes to the
/// occupation of its pdf. `path_exponent` belongs to that product.
template <int kLanes>
[[gnu::always_inline]] inline void sum_and_occupy(
    const ArcRange& arcs, const BackwardStep<kLanes>& step,
    const typename Vectors<kLanes>::Real& forward_mantissa,
    const typename Vectors<kLanes>::Int& path_exponent, Scaled<kLanes>& sum) {
  using Int = typename Vectors<kLanes>::Int;
  using Real = typename Vectors<kLanes>::Real;
  find_largest_exponent<true>(arcs, step.after, step.scores, sum.exponent);
  sum.mantissa = Real{};
  // The exponent of a share in all paths: at most 0 but for rounding, unless there is no path.
  const Int share_limit = Int{} + 120;
  for (const Arc* arc = arcs.first; arc != arcs.last; ++arc) {
    Int exponent;
    Real term;
    load_exponent<true>(*arc, step.after, step.scores, exponent);
    load_mantissa<true>(*arc, step.after, step.scores, term);
    Real share = term * forward_mantissa;
    scale_by_power(term, exponent - sum.exponent);
    sum.mantissa += term;
    const Int share_exponent = exponent + path_exponent;
    scale_by_power(share, share_exponent < share_limit ? share_exponent : share_limit);
    Real occupation;
    load(step.occupations[arc->input - 1], occupation);
    occupation += share;
    store(occupation, step.occupations[arc->input - 1]);
  }
}

/// Divides the occupations by their sum.
template <int kLanes>
[[gnu::always_inline]] inline void normalize_occupations(std::size_t pdf_count,
                                                         LaneFloats<kLanes>* occupations) {
  using Real = typename Vectors<kLanes>::Real;
  Real sum = Real{}, occupation;
  for (std::size_t p = 0; p < pdf_count; ++p) {
    load(occupations[p], occupation);
    sum += occupation;
  }
  const Real factor = sum > 0 ? 1.0F / sum : Real{};
  for (std::size_t p = 0; p < pdf_count; ++p) {
    load(occupations[p], occupation);
    occupation *= factor;
    store(occupation, occupations[p]);
  }
}

/// x += the weight in lanes where `chosen` is -1; it is 0 in the others.
template <int kLanes>
[[gnu::always_inline]] inline void add_chosen(const ScaledFloat& weight,
                                              const typename Vectors<kLanes>::Int& chosen,
                                              Scaled<kLanes>& x) {
  Scaled<kLanes> added, zero;
  set_zero(zero);
  added.mantissa = chosen != 0 ? zero.mantissa + weight.mantissa : zero.mantissa;
  added.exponent = chosen != 0 ? typename Vectors<kLanes>::Int{} + weight.exponent : zero.exponent;
  add(added, x);
}

template <int kLanes>
[[gnu::always_inline]] inline void backward_states(const SummationGraph& graph,
                                                   const BackwardStep<kLanes>& step) {
  using Int = typename Vectors<kLanes>::Int;
  const SummationGraph::Index& out = graph.out();
  const auto pdf_count = static_cast<std::size_t>(graph.pdf_count());
  const Arc* arcs = out.arcs.data();
  Int shift, total_exponent, ending;
  load(step.shift, shift);
  load(step.total_exponent, total_exponent);
  load(step.ending, ending);
  if (step.after != nullptr) {
    for (std::size_t p = 0; p < pdf_count; ++p) step.occupations[p] = {};
  }
  for (auto s = static_cast<std::size_t>(graph.state_count()); s-- > 0;) {
    Scaled<kLanes> value;
    set_zero(value);
    if (step.after != nullptr) {
      Scaled<kLanes> forward;
      load(step.forward[s].mantissa, forward.mantissa);
      load(step.forward[s].exponent, forward.exponent);
      const Int path_exponent = forward.exponent - shift - total_exponent;
      sum_and_occupy({arcs + out.begin[s], arcs + out.epsilon[s]}, step, forward.mantissa,
                     path_exponent, value);
      value.exponent -= shift;
    }
    if (step.any_ending) add_chosen(graph.final_weights()[s], ending, value);
    if (out.epsilon[s] != out.begin[s + 1]) {
      Scaled<kLanes> by_epsilon;
      sum_arcs<false, kLanes>({arcs + out.epsilon[s], arcs + out.begin[s + 1]}, step.before,
                              nullptr, by_epsilon);
      add(by_epsilon, value);
    }
    normalize(value);
    store(value.mantissa, step.before[s].mantissa);
    store(value.exponent, step.before[s].exponent);
  }
  if (step.after != nullptr) normalize_occupations(pdf_count, step.occupations);
}

template <int kLanes>
[[gnu::always_inline]] inline void total_over_states(const SummationGraph& graph,
                                                     const ScaledLanes<kLanes>* sums,
                                                     ScaledLanes<kLanes>& result) {
  Scaled<kLanes> total;
  set_zero(total);
  for (std::size_t s = 0; s < graph.final_weights().size(); ++s) {
    const ScaledFloat& weight = graph.final_weights()[s];
    if (weight.mantissa == 0.0F) continue;
    Scaled<kLanes> term;
    load(sums[s].mantissa, term.mantissa);
    load(sums[s].exponent, term.exponent);
    term.mantissa *= weight.mantissa;
    term.exponent += weight.exponent;
    add(term, total);
    normalize(total);
  }
  store(total.mantissa, result.mantissa);
  store(total.exponent, result.exponent);
}

}  // namespace

[[gnu::target_clones("avx512f", "avx2", "default")]] void exp_scores(
    const LaneFloats<1>* __restrict x, std::int64_t count, ScaledLanes<1>* __restrict y) {
  for (std::int64_t i = 0; i < count; ++i) {
    const ScaledFloat value = exp_scaled(x[i].lane[0]);
    y[i].mantissa.lane[0] = value.mantissa;
    y[i].exponent.lane[0] = value.exponent;
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void exp_scores(
    const LaneFloats<kWideLanes>* __restrict x, std::int64_t count,
    ScaledLanes<kWideLanes>* __restrict y) {
  for (std::int64_t i = 0; i < count; ++i) {
    for (int lane = 0; lane < kWideLanes; ++lane) {
      const ScaledFloat value = exp_scaled(x[i].lane[lane]);
      y[i].mantissa.lane[lane] = value.mantissa;
      y[i].exponent.lane[lane] = value.exponent;
    }
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] bool all_at_most(float limit, const float* x,
                                                                      std::int64_t count) {
  std::int32_t exceeded = 0;
  for (std::int64_t i = 0; i < count; ++i) exceeded |= x[i] <= limit ? 0 : 1;
  return exceeded == 0;
}

void forward_step(const SummationGraph& graph, const ForwardStep<1>& step) {
  forward_states(graph, step);
}
[[gnu::target_clones("avx512f", "avx2", "default")]] void forward_step(
    const SummationGraph& graph, const ForwardStep<kWideLanes>& step) {
  forward_states(graph, step);
}

void backward_step(const SummationGraph& graph, const BackwardStep<1>& step) {
  backward_states(graph, step);
}
[[gnu::target_clones("avx512f", "avx2", "default")]] void backward_step(
    const SummationGraph& graph, const BackwardStep<kWideLanes>& step) {
  backward_states(graph, step);
}

void final_total(const SummationGraph& graph, const ScaledLanes<1>* sums, ScaledLanes<1>& total) {
  total_over_states(graph, sums, total);
}
[[gnu::target_clones("avx512f", "avx2", "default")]] void final_total(
    const SummationGraph& graph, const ScaledLanes<kWideLanes>* sums,
    ScaledLanes<kWideLanes>& total) {
  total_over_states(graph, sums, total);
}

}  // namespace harpy::forward_backward

// Arc updates a second of forward-backward on one core, beside a plain loop in the log domain as
// reference. An update is one arc in one frame of one utterance, with its forward sum, its backward
// sum and its share in the posteriors together.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "decoder/path_sums/forward_backward_cpu.hpp"
#include "decoder/sequence_loss/ctc.hpp"
#include "decoder/sequence_loss/ctc_graph.hpp"
#include "decoder/sequence_loss/denominator_graph.hpp"
#include "tests/decoder/sequence_loss/path_enumeration.hpp"

namespace harpy {
namespace {

constexpr double kLogZero = -1e30;

double log_add(double a, double b) {
  const double larger = std::max(a, b);
  return larger <= kLogZero ? kLogZero : larger + std::log1p(std::exp(std::min(a, b) - larger));
}

/// The textbook recursions on logarithms; no epsilon arcs. Adds posteriors to `gradient`.
double reference(const GraphView& graph, const UtteranceScores& utterance) {
  const auto states = static_cast<std::size_t>(graph.state_count);
  const auto frames = static_cast<std::size_t>(utterance.frame_count);
  const auto pdfs = static_cast<std::size_t>(graph.pdf_count);
  std::vector<double> forward((frames + 1) * states, kLogZero);
  forward[static_cast<std::size_t>(graph.start)] = 0.0;
  const auto for_each_arc = [&](auto&& work) {
    for (std::size_t s = 0; s < states; ++s) {
      for (std::uint32_t a = graph.arc_begin[s]; a < graph.arc_begin[s + 1]; ++a) {
        const Arc& arc = graph.arcs[a];
        work(s, static_cast<std::size_t>(arc.target), static_cast<std::size_t>(arc.input - 1),
             -double{arc.cost});
      }
    }
  };
  for (std::size_t t = 0; t < frames; ++t) {
    const double* before = &forward[t * states];
    double* after = &forward[(t + 1) * states];
    for_each_arc([&](std::size_t source, std::size_t target, std::size_t pdf, double weight) {
      const double score = double{utterance.log_likelihoods[t * pdfs + pdf]};
      after[target] = log_add(after[target], before[source] + weight + score);
    });
  }
  std::vector<double> after(states), before(states);
  double total = kLogZero;
  for (std::size_t s = 0; s < states; ++s) {
    after[s] = -double{graph.final_cost[s]};
    total = log_add(total, forward[frames * states + s] + after[s]);
  }
  for (std::size_t t = frames; t-- > 0;) {
    std::fill(before.begin(), before.end(), kLogZero);
    for_each_arc([&](std::size_t source, std::size_t target, std::size_t pdf, double weight) {
      const double rest =
          weight + double{utterance.log_likelihoods[t * pdfs + pdf]} + after[target];
      before[source] = log_add(before[source], rest);
      utterance.gradient[t * pdfs + pdf] +=
          static_cast<float>(std::exp(forward[t * states + source] + rest - total));
    });
    std::swap(before, after);
  }
  return total;
}

/// A graph of the size of a phone n-gram's: 3,000 states, 50,000 arcs, 2,000 pdfs.
const testing::TestGraph& shared_graph() {
  static const testing::TestGraph graph = [] {
    constexpr std::int32_t kStates = 3000, kArcs = 50000, kPdfs = 2000;
    std::mt19937 random(1);
    std::uniform_int_distribution<std::int32_t> state(0, kStates - 1), input(1, kPdfs);
    std::uniform_real_distribution<float> cost(0.0F, 5.0F);
    std::vector<testing::TestArc> arcs;
    for (std::int32_t a = 0; a < kArcs; ++a) {
      const std::int32_t source = a < kStates ? a : state(random);
      arcs.push_back({source, {state(random), input(random), 0, cost(random)}});
    }
    return testing::TestGraph(arcs, std::vector<float>(kStates, 0.0F), kPdfs);
  }();
  return graph;
}

/// Random scores and room for the gradient.
struct Utterances {
  Utterances(std::size_t count, std::size_t frames, std::size_t pdfs)
      : gradient(count * frames * pdfs) {
    std::mt19937 random(2);
    head = testing::random_log_softmax(random, count * frames, pdfs);
    for (std::size_t u = 0; u < count; ++u) {
      scores.push_back({&head[u * frames * pdfs], static_cast<std::int64_t>(frames),
                        &gradient[u * frames * pdfs]});
    }
  }

  std::vector<float> head, gradient;
  std::vector<UtteranceScores> scores;
};

void report_updates(benchmark::State& state, double updates_an_iteration) {
  state.counters["arc_updates/s"] = benchmark::Counter(
      updates_an_iteration * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void log_domain_reference(benchmark::State& state) {
  constexpr std::size_t kFrames = 20;
  const GraphView& graph = shared_graph().view();
  Utterances utterances(1, kFrames, static_cast<std::size_t>(graph.pdf_count));
  double log_probability = 0.0;
  for (auto _ : state) log_probability = reference(graph, utterances.scores[0]);
  report_updates(state, static_cast<double>(graph.arc_count()) * kFrames);

  double ours = 0.0;
  CpuForwardBackward().evaluate(SummationGraph(graph), utterances.scores, 1.0F, {&ours, 1});
  if (!(std::fabs(ours - log_probability) < 1e-4)) state.SkipWithError("the results differ");
}
BENCHMARK(log_domain_reference)->Unit(benchmark::kMillisecond);

/// Utterances of one graph: range(0) of them, 100 frames each.
void utterances_of_one_graph(benchmark::State& state) {
  constexpr std::size_t kFrames = 100;
  const auto count = static_cast<std::size_t>(state.range(0));
  const SummationGraph graph(shared_graph().view());
  Utterances utterances(count, kFrames, static_cast<std::size_t>(graph.pdf_count()));
  std::vector<double> log_probabilities(count);
  CpuForwardBackward forward_backward;
  for (auto _ : state) {
    forward_backward.evaluate(graph, utterances.scores, 1.0F, log_probabilities);
  }
  report_updates(state,
                 static_cast<double>(graph.arc_count()) * kFrames * static_cast<double>(count));
}
BENCHMARK(utterances_of_one_graph)->Arg(32)->Arg(1)->Unit(benchmark::kMillisecond);

/// Utterances of the denominator graph of a training: 500 contexts, 39 labels, 45,000 arcs.
void denominator(benchmark::State& state) {
  constexpr std::size_t kUtterances = 32, kFrames = 100;
  constexpr std::int32_t kLabels = 40;
  std::mt19937 random(4);
  std::geometric_distribution<std::int32_t> label(0.1);
  std::vector<std::vector<std::int32_t>> sequences(200);
  for (std::vector<std::int32_t>& sequence : sequences) {
    for (int i = 0; i < 100; ++i) sequence.push_back(1 + label(random) % (kLabels - 1));
  }
  const DenominatorGraph denominator_graph(sequences, kLabels, {.order = 3, .context_count = 500});
  const SummationGraph& graph = denominator_graph.summation_graph();
  Utterances utterances(kUtterances, kFrames, static_cast<std::size_t>(graph.pdf_count()));
  std::vector<double> log_probabilities(kUtterances);
  CpuForwardBackward forward_backward;
  for (auto _ : state) {
    forward_backward.evaluate(graph, utterances.scores, 1.0F, log_probabilities);
  }
  state.counters["arcs"] = static_cast<double>(graph.arc_count());
  report_updates(state, static_cast<double>(graph.arc_count()) * kFrames * kUtterances);
}
BENCHMARK(denominator)->Unit(benchmark::kMillisecond);

/// CTC of a minibatch as in training: 32 utterances of 130 frames with 60 labels out of 41.
void ctc_minibatch(benchmark::State& state) {
  constexpr std::size_t kSequences = 32, kFrames = 130, kDim = 42, kLabels = 60;
  Utterances utterances(kSequences, kFrames, kDim);
  std::vector<LossTarget> targets(kSequences);
  std::mt19937 random(3);
  double arc_count = 0;
  for (LossTarget& target : targets) {
    for (std::size_t i = 0; i < kLabels; ++i) {
      target.labels.push_back(static_cast<std::int32_t>(1 + random() % (kDim - 1)));
    }
    CtcGraph graph;
    graph.assign(target.labels, kDim);
    arc_count += graph.view().arc_count();
  }
  const Shape shape{kSequences, kFrames, kDim};
  const ConstTensorView head{utterances.head.data(), shape};
  const TensorView gradient{utterances.gradient.data(), shape};
  const auto backend = create_backend({});
  Ctc ctc;
  for (auto _ : state) ctc.evaluate(*backend, {&head, 1}, targets, {&gradient, 1});
  report_updates(state, arc_count * kFrames);
}
BENCHMARK(ctc_minibatch)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace harpy

// Frames and arcs a second of the beam search and of the classic linked-token decoder, on the
// golden graphs, one thread: search_bench [--benchmark_filter=biphone].
#include <benchmark/benchmark.h>

#include <map>
#include <string>

#include "decoder/search/beam_search_cpu.hpp"
#include "decoder/search/frame.hpp"
#include "decoder/search/lane_memory.hpp"
#include "tests/bench/linked_token_decoder.hpp"
#include "tests/decoder/search/golden_search.hpp"

namespace {

using harpy::BeamSearchOptions;
using harpy::testing::GoldenCorpus;

constexpr std::size_t kBlockFrames = 8;

/// All utterances of a corpus at scale 1, scores as [frames, pdfs].
struct Workload {
  explicit Workload(const std::string& name) : corpus(harpy::testing::load_golden_search(name)) {
    for (const auto& [id, utterance] : corpus.utterances) {
      auto& values = scores.emplace_back();
      for (const auto& frame : utterance.scores) {
        values.insert(values.end(), frame.begin(), frame.end());
      }
      frame_count += utterance.scores.size();
    }
  }

  std::size_t pdf_count() const { return static_cast<std::size_t>(corpus.graph->view().pdf_count); }

  GoldenCorpus corpus;
  std::vector<std::vector<float>> scores;
  std::size_t frame_count = 0;
};

const Workload& workload(const std::string& name) {
  static std::map<std::string, Workload> loaded;
  return loaded.try_emplace(name, name).first->second;
}

void report(benchmark::State& state, const Workload& work, double tokens, double arcs) {
  const auto frames = static_cast<double>(work.frame_count);
  using benchmark::Counter;
  state.counters["frames/s"] = Counter(frames, Counter::kIsIterationInvariantRate);
  state.counters["arcs/s"] = Counter(arcs, Counter::kIsIterationInvariantRate);
  state.counters["tokens/frame"] = tokens / frames;
}

/// What the search expands, counted in a run of its own.
std::pair<double, double> count_work(const Workload& work, const BeamSearchOptions& options) {
  double tokens = 0.0;
  double arcs = 0.0;
  for (const auto& scores : work.scores) {
    harpy::Lane lane;
    harpy::LaneMemory memory(lane, work.corpus.graph->view());
    lane.beam = options.beam;
    lane.max_active = static_cast<std::uint32_t>(options.max_active);
    lane.min_active = static_cast<std::uint32_t>(options.min_active);
    std::vector<float> costs(scores.size());
    std::transform(scores.begin(), scores.end(), costs.begin(),
                   [](float score) { return harpy::acoustic_cost(score, 1.0F); });
    const harpy::SerialExecutor executor;
    harpy::start_search<harpy::PlainAccess>(executor, lane, memory);
    for (std::size_t i = 0; i < costs.size(); i += work.pdf_count()) {
      lane.acoustic_costs = costs.data() + i;
      tokens += lane.active_count;
      harpy::advance_frame<harpy::PlainAccess>(executor, lane, memory);
      arcs += lane.arc_total;
    }
  }
  return {tokens, arcs};
}

void phases(benchmark::State& state, const std::string& name, const std::string& setting,
            bool keep_lattice) {
  const Workload& work = workload(name);
  BeamSearchOptions options = work.corpus.settings.at(setting + "/1.0");
  options.keep_lattice = keep_lattice;
  const auto search = harpy::make_cpu_beam_search(work.corpus.graph, options);
  const auto pdf_count = static_cast<std::int64_t>(work.pdf_count());
  for (auto _ : state) {
    for (const auto& scores : work.scores) {
      const auto stream = search->open();
      for (std::size_t i = 0; i < scores.size(); i += kBlockFrames * work.pdf_count()) {
        const std::size_t size = std::min(kBlockFrames * work.pdf_count(), scores.size() - i);
        const harpy::Shape shape{static_cast<std::int64_t>(size) / pdf_count, pdf_count};
        const harpy::SearchInput input{stream.get(), {scores.data() + i, shape}};
        search->advance({&input, 1});
      }
      benchmark::DoNotOptimize(search->best_path(*stream, true));
      if (keep_lattice) benchmark::DoNotOptimize(search->lattice(*stream));
    }
  }
  const auto [tokens, arcs] = count_work(work, options);
  report(state, work, tokens, arcs);
}

void linked_tokens(benchmark::State& state, const std::string& name, const std::string& setting) {
  const Workload& work = workload(name);
  const BeamSearchOptions& options = work.corpus.settings.at(setting + "/1.0");
  harpy::bench::LinkedTokenDecoder decoder(
      work.corpus.graph->view(), {.beam = options.beam,
                                  .max_active = static_cast<std::size_t>(options.max_active),
                                  .min_active = static_cast<std::size_t>(options.min_active)});
  for (auto _ : state) {
    for (const auto& scores : work.scores) {
      decoder.start();
      for (std::size_t i = 0; i < scores.size(); i += work.pdf_count()) {
        decoder.advance(scores.data() + i);
      }
      benchmark::DoNotOptimize(decoder.best_cost());
    }
  }
  const auto runs = static_cast<double>(state.iterations());
  report(state, work, static_cast<double>(decoder.expanded_token_count()) / runs,
         static_cast<double>(decoder.arc_count()) / runs);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (!harpy::testing::has_golden_search()) return 0;
  for (const std::string name : {"mono", "biphone"}) {
    for (const std::string setting : {"wide", "narrow"}) {
      const std::string suffix = "/" + name + "/" + setting;
      benchmark::RegisterBenchmark(("phases" + suffix).c_str(), phases, name, setting, false)
          ->Unit(benchmark::kMillisecond);
      benchmark::RegisterBenchmark(("phases_lattice" + suffix).c_str(), phases, name, setting, true)
          ->Unit(benchmark::kMillisecond);
      benchmark::RegisterBenchmark(("linked_tokens" + suffix).c_str(), linked_tokens, name, setting)
          ->Unit(benchmark::kMillisecond);
    }
  }
  benchmark::RunSpecifiedBenchmarks();
}

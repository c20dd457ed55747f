// Frames and arcs a second of the beam search and of the classic linked-token decoder on the golden
// graphs and the default model's, and what a stream of two hours takes; one thread:
// search_bench [--benchmark_filter=biphone].
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <malloc.h>

#include "decoder/search/cpu/lane_memory.hpp"
#include "decoder/search/make_beam_search.hpp"
#include "decoder/search/program/frame.hpp"
#include "decoder/search/search_stream.hpp"
#include "tests/bench/linked_token_decoder.hpp"
#include "tests/bench/search_workload.hpp"
#include "tests/decoder/search/golden_search.hpp"

namespace {

namespace token_passing = harpy::token_passing;
using harpy::BeamSearchOptions;
using harpy::bench::SearchWorkload;

constexpr std::size_t kBlockFrames = 8;

/// Loaded when first asked for: "mono", "biphone" or "model".
const SearchWorkload& workload(const std::string& name) {
  static std::map<std::string, SearchWorkload> loaded;
  const auto found = loaded.find(name);
  if (found != loaded.end()) return found->second;
  return loaded
      .emplace(name, name == "model" ? harpy::bench::model_workload()
                                     : harpy::bench::golden_workload(name))
      .first->second;
}

void report(benchmark::State& state, const SearchWorkload& work, double tokens, double arcs) {
  const auto frames = static_cast<double>(work.frame_count());
  using benchmark::Counter;
  state.counters["frames/s"] = Counter(frames, Counter::kIsIterationInvariantRate);
  state.counters["arcs/s"] = Counter(arcs, Counter::kIsIterationInvariantRate);
  state.counters["tokens/frame"] = tokens / frames;
}

/// What the search expands, counted in a run of its own.
template <bool kSteered>
std::pair<double, double> count_work(const SearchWorkload& work, const BeamSearchOptions& options,
                                     const harpy::PhraseView& phrases = {}) {
  double tokens = 0.0;
  double arcs = 0.0;
  for (const auto& scores : work.scores) {
    token_passing::Lane lane = token_passing::make_lane(work.graph->view(), options);
    lane.phrases = phrases;
    token_passing::LaneMemory memory(lane);
    std::vector<float> costs(scores.size());
    std::transform(scores.begin(), scores.end(), costs.begin(),
                   [](float score) { return token_passing::acoustic_cost(score, 1.0F); });
    const harpy::SerialExecutor executor;
    token_passing::start_search<harpy::PlainAccess, kSteered>(executor, lane, memory);
    for (std::size_t i = 0; i < costs.size(); i += work.pdf_count()) {
      lane.acoustic_costs = costs.data() + i;
      tokens += lane.active_count;
      token_passing::advance_frame<harpy::PlainAccess, kSteered>(executor, lane, memory);
      arcs += lane.arc_total;
    }
  }
  return {tokens, arcs};
}

void search_all(benchmark::State& state, const SearchWorkload& work,
                const BeamSearchOptions& options, const harpy::StreamSteering& steering) {
  const auto search = harpy::make_cpu_beam_search(work.graph, options);
  const auto pdf_count = static_cast<std::int64_t>(work.pdf_count());
  for (auto _ : state) {
    for (const auto& scores : work.scores) {
      const auto stream = search->open(steering);
      for (std::size_t i = 0; i < scores.size(); i += kBlockFrames * work.pdf_count()) {
        const std::size_t size = std::min(kBlockFrames * work.pdf_count(), scores.size() - i);
        const harpy::Shape shape{static_cast<std::int64_t>(size) / pdf_count, pdf_count};
        const harpy::SearchInput input{stream.get(), {scores.data() + i, shape}};
        search->advance({&input, 1});
      }
      benchmark::DoNotOptimize(search->best_path(*stream, true));
      if (options.keep_lattice) benchmark::DoNotOptimize(search->lattice(*stream));
    }
  }
}

void phases(benchmark::State& state, const std::string& name, const std::string& setting,
            bool keep_lattice) {
  const SearchWorkload& work = workload(name);
  BeamSearchOptions options = work.settings.at(setting);
  options.keep_lattice = keep_lattice;
  search_all(state, work, options, {});
  const auto [tokens, arcs] = count_work<false>(work, options);
  report(state, work, tokens, arcs);
}

/// The same streams with 1,000 hot phrases.
void phrases(benchmark::State& state, const std::string& name, const std::string& setting,
             const std::string& which) {
  const SearchWorkload& work = workload(name);
  const BeamSearchOptions& options = work.settings.at(setting);
  const auto& phrases = work.phrases.at(which);
  search_all(state, work, options, {.phrases = phrases});
  const auto [tokens, arcs] = count_work<true>(work, options, phrases->view());
  report(state, work, tokens, arcs);
}

void linked_tokens(benchmark::State& state, const std::string& name, const std::string& setting) {
  const SearchWorkload& work = workload(name);
  const BeamSearchOptions& options = work.settings.at(setting);
  harpy::bench::LinkedTokenDecoder decoder(
      work.graph->view(), {.beam = options.beam,
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

/// Bytes that the program has allocated.
double allocated_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

/// One stream through two hours of frames of 30 ms, the utterances over and over; memory beside the
/// graph and the scores at rest after ten minutes and after two hours, of which the decided path
/// takes 12 bytes a frame.
void two_hours(benchmark::State& state, const std::string& name, const std::string& setting) {
  constexpr std::size_t kTenMinutesFrames = 20'000;
  constexpr std::size_t kTwoHoursFrames = 240'000;
  const SearchWorkload& work = workload(name);
  std::vector<float> scores;
  for (const auto& utterance : work.scores) {
    scores.insert(scores.end(), utterance.begin(), utterance.end());
  }
  const std::size_t block_size = kBlockFrames * work.pdf_count();
  scores.resize(scores.size() / block_size * block_size);
  const harpy::Shape shape{kBlockFrames, static_cast<std::int64_t>(work.pdf_count())};
  for (auto _ : state) {
    const double before = allocated_bytes();
    const auto search = harpy::make_cpu_beam_search(work.graph, work.settings.at(setting));
    const auto stream = search->open();
    std::size_t place = 0;
    for (std::size_t frame = 0; frame < kTwoHoursFrames; frame += kBlockFrames) {
      const harpy::SearchInput input{stream.get(), {scores.data() + place, shape}};
      search->advance({&input, 1});
      place = (place + block_size) % scores.size();
      if (frame + kBlockFrames == kTenMinutesFrames) {
        state.counters["bytes@10min"] = allocated_bytes() - before;
      }
    }
    state.counters["bytes@2h"] = allocated_bytes() - before;
    benchmark::DoNotOptimize(search->best_path(*stream, true));
  }
  state.counters["frames/s"] = benchmark::Counter(static_cast<double>(kTwoHoursFrames),
                                                  benchmark::Counter::kIsIterationInvariantRate);
}

void register_workload(const std::string& name) {
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

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (harpy::testing::has_golden_search("small")) {
    register_workload("mono");
    register_workload("biphone");
    benchmark::RegisterBenchmark("two_hours/mono/narrow", two_hours, "mono", "narrow")
        ->Unit(benchmark::kMillisecond)
        ->Iterations(1);
  } else {
    std::fputs("search_bench: the golden graphs are absent\n", stderr);
  }
  if (harpy::bench::has_model_workload()) {
    register_workload("model");
    for (const std::string which : {"drawn", "said"}) {
      benchmark::RegisterBenchmark(("phrases/model/wide/" + which).c_str(), phrases, "model",
                                   "wide", which)
          ->Unit(benchmark::kMillisecond);
    }
  } else {
    std::fputs(
        "search_bench: models/en-small/graph.harpy (tools/quickstart) or its data are absent\n",
        stderr);
  }
  benchmark::RunSpecifiedBenchmarks();
}

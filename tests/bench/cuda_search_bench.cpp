// The beam search alone on a CUDA device, and on one CPU thread in the same run as the reference:
// cuda_search_bench GRAPH_PACKAGE [STREAMS [FRAMES]]. Scores are simulated: noise, and a path
// through the graph that stands out. Without a device only the CPU's rate is printed.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "decoder/graph/graph_file.hpp"
#include "decoder/search/device/batch_beam_search.hpp"
#include "decoder/search/make_beam_search.hpp"

namespace harpy {
namespace {

constexpr std::size_t kReferenceStreams = 4;
constexpr std::int64_t kStreamingFrames = 8;  ///< a block of a recogniser's grid
constexpr double kFramesPerSecond = 1000.0 / 30.0;
constexpr float kStandingOut = 4.0F;
constexpr float kNoise = 2.0F;

using Clock = std::chrono::steady_clock;

template <typename Work>
double seconds_of(const Work& work) {
  const Clock::time_point start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// An arc of a state, drawn with the probability that its cost says.
std::uint32_t draw_arc(const GraphView& graph, std::int32_t state, std::mt19937& random) {
  std::vector<double> weights;
  for (std::uint32_t i = graph.arc_begin[state]; i < graph.arc_begin[state + 1]; ++i) {
    weights.push_back(std::exp(-static_cast<double>(graph.arcs[i].cost)));
  }
  std::discrete_distribution<std::uint32_t> draw(weights.begin(), weights.end());
  return graph.arc_begin[state] + draw(random);
}

/// Log-probabilities [frames, pdfs] in which a random path stands out.
std::vector<float> simulated_scores(const GraphView& graph, std::int64_t frame_count,
                                    std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> noise(0.0F, kNoise);
  const auto pdf_count = static_cast<std::size_t>(graph.pdf_count);
  std::vector<float> scores;
  std::int32_t state = graph.start;
  for (std::int64_t frame = 0; frame < frame_count;) {
    if (graph.arc_begin[state] == graph.arc_begin[state + 1]) state = graph.start;
    const Arc& arc = graph.arcs[draw_arc(graph, state, random)];
    state = arc.target;
    if (arc.input == 0) continue;
    std::vector<float> values(pdf_count);
    for (float& value : values) value = noise(random);
    values[static_cast<std::size_t>(arc.input - 1)] += kStandingOut;
    double sum = 0.0;
    for (const float value : values) sum += std::exp(static_cast<double>(value));
    for (const float value : values) scores.push_back(value - static_cast<float>(std::log(sum)));
    ++frame;
  }
  return scores;
}

struct Workload {
  std::shared_ptr<const DecodingGraph> graph;
  BeamSearchOptions options;
  std::int64_t frame_count = 0;
  std::vector<std::vector<float>> scores;  ///< of each stream

  Shape shape() const { return {frame_count, graph->view().pdf_count}; }
  double frames(std::size_t streams) const {
    return static_cast<double>(streams) * static_cast<double>(frame_count);
  }
};

void print_rate(const char* what, double frames, double seconds, double reference) {
  const double rate = frames / seconds;
  std::printf("%-34s %12.0f frames/s %10.0f x real time %8.1f x the CPU thread\n", what, rate,
              rate / kFramesPerSecond, rate / reference);
}

/// Pushes all streams' scores, `block_frames` at a time. Returns the streams.
std::vector<std::unique_ptr<SearchStream>> push_all(BeamSearch& search,
                                                    const std::vector<ConstTensorView>& scores,
                                                    std::int64_t block_frames) {
  std::vector<std::unique_ptr<SearchStream>> streams;
  for (std::size_t i = 0; i < scores.size(); ++i) streams.push_back(search.open());
  const std::int64_t frame_count = scores.front().rows();
  for (std::int64_t begin = 0; begin < frame_count; begin += block_frames) {
    std::vector<SearchInput> batch;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const std::int64_t count = std::min(block_frames, frame_count - begin);
      batch.push_back({streams[i].get(), slice_rows(scores[i], begin, count)});
    }
    search.advance(batch);
  }
  return streams;
}

/// Returns whether the device found the CPU's paths.
bool measure_device(const Workload& work, Device device, LaneForm form, double reference,
                    const std::vector<BestPath>& expected) {
  const auto backend = create_backend({.device = device});
  const auto search = make_device_beam_search(work.graph, work.options, *backend, form);
  std::vector<Tensor> tensors;
  std::vector<ConstTensorView> views;
  for (const auto& scores : work.scores) {
    tensors.push_back(backend->from_host(work.shape(), scores));
    views.push_back(tensors.back().view());
  }
  push_all(*search, views, work.frame_count);  // lanes take the memory that they need
  std::vector<std::unique_ptr<SearchStream>> streams;
  const double frames = work.frames(work.scores.size());
  double seconds = seconds_of([&] { streams = push_all(*search, views, work.frame_count); });
  const bool is_wide = form == LaneForm::kWide;
  print_rate(is_wide ? "CUDA, wide, whole utterances" : "CUDA, paired, whole utterances", frames,
             seconds, reference);
  seconds = seconds_of([&] { streams = push_all(*search, views, kStreamingFrames); });
  print_rate(is_wide ? "CUDA, wide, blocks of 8 frames" : "CUDA, paired, blocks of 8 frames",
             frames, seconds, reference);

  const token_passing::BatchBeamSearch::Statistics statistics =
      dynamic_cast<const token_passing::BatchBeamSearch&>(*search).statistics();
  std::size_t resting_bytes = 0;
  for (const auto& stream : streams) {
    resting_bytes = std::max(
        resting_bytes, static_cast<const token_passing::DeviceStream&>(*stream).device_bytes());
  }
  std::printf("tables in shared memory: %.1f %% of frames; frames begun again: %.2f %%\n",
              100.0 * static_cast<double>(statistics.near_frame_count) / (3.0 * frames),
              100.0 * static_cast<double>(statistics.retried_frame_count) / (3.0 * frames));
  std::printf("lanes: %.0f MB; largest resting stream: %.0f kB\n",
              1e-6 * static_cast<double>(statistics.lane_bytes),
              1e-3 * static_cast<double>(resting_bytes));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const BestPath path = search->best_path(*streams[i], true);
    if (path.cost == expected[i].cost && path.steps.size() == expected[i].steps.size()) continue;
    std::printf("stream %zu: cost %.9g on the device, %.9g on the CPU\n", i, path.cost,
                expected[i].cost);
    return false;
  }
  std::printf("the device found the CPU's paths\n");
  return true;
}

int run(const char* path, std::size_t stream_count, std::int64_t frame_count) {
  Workload work;
  work.graph = std::make_shared<DecodingGraph>(map_graph_package(path).graph);
  work.frame_count = frame_count;
  const GraphView& graph = work.graph->view();
  for (std::size_t i = 0; i < stream_count; ++i) {
    work.scores.push_back(simulated_scores(graph, frame_count, static_cast<std::uint32_t>(i)));
  }
  std::printf(
      "graph: %d states, %u arcs, %.0f MB; beam %g, max_active %d; %zu streams of %ld frames\n",
      graph.state_count, graph.arc_count(),
      1e-6 * static_cast<double>(std::filesystem::file_size(path)),
      static_cast<double>(work.options.beam), work.options.max_active, stream_count,
      static_cast<long>(frame_count));

  const auto on_cpu = make_cpu_beam_search(work.graph, work.options);
  std::vector<ConstTensorView> views;
  for (std::size_t i = 0; i < std::min(kReferenceStreams, stream_count); ++i) {
    views.push_back({work.scores[i].data(), work.shape()});
  }
  std::vector<std::unique_ptr<SearchStream>> streams;
  const double seconds = seconds_of([&] { streams = push_all(*on_cpu, views, kStreamingFrames); });
  const double reference = work.frames(views.size()) / seconds;
  print_rate("one CPU thread (the reference)", work.frames(views.size()), seconds, reference);
  std::vector<BestPath> expected;
  for (const auto& stream : streams) expected.push_back(on_cpu->best_path(*stream, true));

  for (const Device& device : available_devices()) {
    if (device.kind == DeviceKind::kCuda) {
      bool is_right = true;
      for (const LaneForm form : {LaneForm::kWide, LaneForm::kPaired}) {
        is_right &= measure_device(work, device, form, reference, expected);
      }
      return is_right ? EXIT_SUCCESS : EXIT_FAILURE;
    }
  }
  std::printf("no CUDA device: %s\n", find_devices().cuda_obstacle.c_str());
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace harpy

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: cuda_search_bench GRAPH_PACKAGE [STREAMS [FRAMES]]\n");
    return EXIT_FAILURE;
  }
  try {
    return harpy::run(argv[1], argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 264,
                      argc > 3 ? std::strtol(argv[3], nullptr, 10) : 300);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cuda_search_bench: error: %s\n", error.what());
    return EXIT_FAILURE;
  }
}

// Speed of training steps of a small TDNN beside that of a large square product in the same run:
// GFLOP/s count the operations of matrix products only.
#include <benchmark/benchmark.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <random>
#include <vector>

#include "acoustic/losses/cross_entropy.hpp"
#include "acoustic/network.hpp"
#include "acoustic/optimizers/adam.hpp"

namespace harpy {
namespace {

constexpr std::int64_t kSequences = 32, kFrames = 400;

void report_operations(benchmark::State& state, double operations_a_step) {
  state.counters["GFLOP/s"] =
      benchmark::Counter(operations_a_step * static_cast<double>(state.iterations()) * 1e-9,
                         benchmark::Counter::kIsRate);
}

void square_product(benchmark::State& state) {
  const auto backend =
      create_backend({.device = {}, .thread_count = static_cast<int>(state.range(0))});
  constexpr std::int64_t kExtent = 2048;
  Tensor a = backend->zeros({kExtent, kExtent});
  Tensor b = backend->zeros({kExtent, kExtent});
  backend->fill(0.5F, a);
  backend->fill(0.25F, b);
  Tensor c = backend->empty({kExtent, kExtent});
  for (auto _ : state) {
    backend->multiply(a, Transpose::kNo, b, Transpose::kNo, c, Accumulate::kNo);
  }
  report_operations(state, 2.0 * kExtent * kExtent * kExtent);
}
BENCHMARK(square_product)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

boost::json::object tdnn() {
  return boost::json::parse(R"({"input_dim": 80, "trunk": [
      {"type": "convolution", "output_dim": 320, "kernel": 3, "stride": 3, "bias": false},
      {"type": "batch_norm"}, {"type": "relu"},
      {"type": "convolution", "output_dim": 320, "kernel": 3, "bias": false},
      {"type": "batch_norm"}, {"type": "relu"},
      {"type": "convolution", "output_dim": 320, "kernel": 3, "dilation": 2, "bias": false},
      {"type": "batch_norm"}, {"type": "relu"},
      {"type": "convolution", "output_dim": 320, "kernel": 3, "dilation": 3, "bias": false},
      {"type": "batch_norm"}, {"type": "relu"},
      {"type": "convolution", "output_dim": 320, "kernel": 3, "dilation": 3, "bias": false},
      {"type": "batch_norm"}, {"type": "relu"}],
    "heads": {"out": [{"type": "linear", "output_dim": 42}, {"type": "log_softmax"}]}})")
      .as_object();
}

/// Products of the forward pass of tdnn().
double forward_operations() {
  const double rows = kSequences * ((kFrames + 2) / 3);
  return 2.0 * rows * (240.0 * 320 + 4 * 960.0 * 320 + 320.0 * 42);
}

struct TrainingData {
  Tensor x;
  std::vector<LossTarget> targets;
};

TrainingData random_data(const Backend& backend, const Network& network) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(kSequences * kFrames * network.input_dim()));
  for (float& value : values) value = normal(random);
  TrainingData data{backend.from_host({kSequences, kFrames, network.input_dim()}, values), {}};
  data.targets.resize(kSequences);
  for (LossTarget& target : data.targets) {
    target.labels.assign(static_cast<std::size_t>(network.output_frames(kFrames)), 1);
  }
  return data;
}

void tdnn_training_step(benchmark::State& state) {
  const auto backend =
      create_backend({.device = {}, .thread_count = static_cast<int>(state.range(0))});
  Network network(*backend, tdnn(), 1);
  network.prepare_training(*backend);
  const std::vector<Parameter*> parameters = network.parameters();
  const TrainingData data = random_data(*backend, network);
  Adam adam;
  CrossEntropy loss;
  for (auto _ : state) {
    network.zero_gradients(*backend);
    NetworkSaved saved;
    const std::vector<Tensor> heads = network.forward(*backend, data.x, &saved);
    std::vector<Tensor> gradients;
    gradients.push_back(backend->empty(heads[0].shape()));
    loss.evaluate(*backend, std::vector<ConstTensorView>{heads[0]}, data.targets,
                  std::vector<TensorView>{gradients[0]});
    network.backward(*backend, gradients, saved);
    clip_gradients(*backend, parameters, 1.0);
    adam.step(*backend, parameters, 1e-3F);
  }
  // Forward, weight gradients and input gradients; the first layer needs none of the latter.
  const double rows = kSequences * ((kFrames + 2) / 3);
  report_operations(state, 3 * forward_operations() - 2.0 * rows * 240 * 320);
  state.counters["frames/s"] = benchmark::Counter(
      static_cast<double>(kSequences * kFrames * state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(tdnn_training_step)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

void tdnn_inference(benchmark::State& state) {
  const auto backend =
      create_backend({.device = {}, .thread_count = static_cast<int>(state.range(0))});
  const Network network(*backend, tdnn(), 1);
  const TrainingData data = random_data(*backend, network);
  for (auto _ : state) benchmark::DoNotOptimize(network.forward(*backend, data.x, nullptr));
  report_operations(state, forward_operations());
}
BENCHMARK(tdnn_inference)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

/// One stream in blocks of 8 output frames: as in serving.
void tdnn_stream_block(benchmark::State& state) {
  const auto backend = create_backend({});
  const Network network(*backend, tdnn(), 1);
  constexpr std::int64_t kBlock = 8;
  const Tensor x = backend->zeros({1, kBlock * 3, 80});
  NetworkState stream = network.open_stream(*backend, 0);
  for (auto _ : state) {
    benchmark::DoNotOptimize(network.forward_stream(*backend, x, stream, false));
  }
  report_operations(state, forward_operations() * kBlock / (kSequences * ((kFrames + 2) / 3)));
}
BENCHMARK(tdnn_stream_block)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace harpy

// Speed of training steps of a small TDNN, of factored TDNN layers and of convolutions over time
// and frequency beside that of a large square product in the same run: GFLOP/s count the operations
// of matrix products and convolutions only.
#include <benchmark/benchmark.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <random>
#include <vector>

#include "acoustic/acoustic_batch.hpp"
#include "acoustic/losses/cross_entropy.hpp"
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

/// `forward_products` of which the first layer's `first_products` have no gradient of their input.
struct StepOperations {
  double forward_products, first_products;
};

void training_step(benchmark::State& state, const boost::json::object& description,
                   const StepOperations& operations) {
  const auto backend =
      create_backend({.device = {}, .thread_count = static_cast<int>(state.range(0))});
  Network network(*backend, description, 1);
  network.prepare_training(*backend);
  const std::vector<Parameter*> parameters = network.parameters();
  const TrainingData data = random_data(*backend, network);
  Adam adam;
  CrossEntropy loss;
  for (auto _ : state) {
    network.zero_gradients(*backend);
    network.begin_step(*backend, adam.step_count() + 1);
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
  report_operations(state, 3 * operations.forward_products - operations.first_products);
  state.counters["frames/s"] = benchmark::Counter(
      static_cast<double>(kSequences * kFrames * state.iterations()), benchmark::Counter::kIsRate);
}

void tdnn_training_step(benchmark::State& state) {
  const double rows = kSequences * ((kFrames + 2) / 3);
  training_step(state, tdnn(), {forward_operations(), 2.0 * rows * 240 * 320});
}
BENCHMARK(tdnn_training_step)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

/// Three blocks of TDNN-F as in Kaldi's recipes, small.
void factored_training_step(benchmark::State& state) {
  const boost::json::value block = boost::json::parse(
      R"({"type": "residual", "bypass_scale": 0.66, "layers": [
      {"type": "factored_linear", "output_dim": 512, "bottleneck_dim": 96, "dilation": 3},
      {"type": "relu"}, {"type": "batch_norm"}, {"type": "dropout", "rate": 0.1}]})");
  boost::json::object network = boost::json::parse(R"({"input_dim": 80, "trunk": [
      {"type": "convolution", "output_dim": 512, "kernel": 3, "stride": 3},
      {"type": "relu"}, {"type": "batch_norm"}],
    "heads": {"out": [{"type": "linear", "output_dim": 42}, {"type": "log_softmax"}]}})")
                                    .as_object();
  for (int i = 0; i < 3; ++i) network["trunk"].as_array().push_back(block);
  const double rows = kSequences * ((kFrames + 2) / 3);
  const double first = 2.0 * rows * 240 * 512;
  const double blocks = 3 * 2.0 * rows * (2 * 512 * 96 + 2 * 96 * 512);
  training_step(state, network, {first + blocks + 2.0 * rows * 512 * 42, first});
}
BENCHMARK(factored_training_step)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

/// A front of convolutions over time and frequency: 80 bins of one channel to 20 of 64.
void plane_training_step(benchmark::State& state) {
  const boost::json::object network = boost::json::parse(R"({"input_dim": 80, "trunk": [
      {"type": "convolution_2d", "bins": 80, "output_channels": 32},
      {"type": "relu"},
      {"type": "max_pooling", "bins": 80, "kernel_bins": 2},
      {"type": "convolution_2d", "bins": 40, "output_channels": 64, "stride_bins": 2,
       "stride_time": 3},
      {"type": "relu"},
      {"type": "convolution_2d", "bins": 20, "output_channels": 64},
      {"type": "relu"}],
    "heads": {"out": [{"type": "linear", "output_dim": 42}, {"type": "log_softmax"}]}})")
                                          .as_object();
  const double rows = kSequences * ((kFrames + 2) / 3);
  const double first = 2.0 * kSequences * kFrames * 80 * 9 * 32;
  const double rest = 2.0 * rows * (20 * 9 * 32 * 64 + 20 * 9 * 64 * 64 + 20 * 64 * 42);
  training_step(state, network, {first + rest, first});
}
BENCHMARK(plane_training_step)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

void tdnn_inference(benchmark::State& state) {
  const auto backend =
      create_backend({.device = {}, .thread_count = static_cast<int>(state.range(0))});
  const Network network(*backend, tdnn(), 1);
  const TrainingData data = random_data(*backend, network);
  for (auto _ : state) benchmark::DoNotOptimize(network.forward(*backend, data.x, nullptr));
  report_operations(state, forward_operations());
}
BENCHMARK(tdnn_inference)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

/// Streams together in blocks of 4 output frames: as in serving.
void tdnn_stream_blocks(benchmark::State& state) {
  const auto backend = create_backend({});
  const auto model = std::make_shared<const AcousticModel>(*backend, Network(*backend, tdnn(), 1));
  const auto grid = std::make_shared<const AcousticGrid>(
      model, AcousticStreamOptions{.head = model->network().head_names()[0], .block_frames = 4});
  const std::int64_t stream_count = state.range(0);
  AcousticBatch batch(grid, *backend, {.bucket_sizes = {stream_count}});
  std::vector<std::unique_ptr<AcousticStream>> streams;
  std::vector<AcousticStream*> pointers;
  for (std::int64_t i = 0; i < stream_count; ++i) {
    streams.push_back(std::make_unique<AcousticStream>(grid, *backend));
    pointers.push_back(streams.back().get());
  }
  const std::vector<float> features(static_cast<std::size_t>(grid->input_frames() * 80));
  for (auto _ : state) {
    for (AcousticStream* const stream : pointers) stream->accept(features);
    benchmark::DoNotOptimize(batch.advance(pointers));
  }
  report_operations(state, forward_operations() *
                               static_cast<double>(grid->output_frames() * stream_count) /
                               (kSequences * ((kFrames + 2) / 3)));
}
BENCHMARK(tdnn_stream_blocks)
    ->Arg(1)
    ->Arg(8)
    ->Arg(64)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace harpy

// Training speed: steps of a TDNN of five million parameters with CTC, beside dnnl_sgemm in the
// same run, with as many threads. Usage: train_bench [THREADS [ROUNDS [DEVICE [PRECISION]]]].
#include <dnnl.h>
#include <omp.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "acoustic/network.hpp"
#include "acoustic/optimizers/adam.hpp"
#include "decoder/sequence_loss/ctc.hpp"

namespace harpy {
namespace {

constexpr std::int64_t kSequences = 40;
constexpr std::int64_t kFrames = 399;
constexpr std::int64_t kDim = 80;
constexpr std::int64_t kSubsampling = 3;
constexpr std::int64_t kLabels = 40;
constexpr std::int64_t kLabelsASecond = 11;
constexpr double kFrameShift_s = 0.01;
constexpr double kProducts = 3.0;  ///< forward, gradient of the weights, gradient of the input

using Clock = std::chrono::steady_clock;

template <typename Work>
double seconds_of(const Work& work) {
  const Clock::time_point start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// GFLOP/s of a square product.
double square_product_speed() {
  constexpr std::int64_t kExtent = 2048;
  static const std::vector<float> a(kExtent * kExtent, 0.5F);
  static const std::vector<float> b(kExtent * kExtent, 0.25F);
  static std::vector<float> c(kExtent * kExtent);
  const double seconds = seconds_of([&] {
    dnnl_sgemm('N', 'N', kExtent, kExtent, kExtent, 1.0F, a.data(), kExtent, b.data(), kExtent,
               0.0F, c.data(), kExtent);
  });
  return 2e-9 * kExtent * kExtent * kExtent / seconds;
}

boost::json::object tdnn() {
  boost::json::object object = boost::json::parse(R"({"input_dim": 80, "trunk": [
      {"type": "batch_norm"},
      {"type": "convolution", "output_dim": 400, "kernel": 5, "stride": 3, "left": 2},
      {"type": "relu"}, {"type": "batch_norm"}],
    "heads": {"ctc": [{"type": "linear", "output_dim": 40}, {"type": "log_softmax"}]}})")
                                   .as_object();
  for (int i = 0; i < 10; ++i) {
    object["trunk"].as_array().push_back(boost::json::parse(R"({"type": "residual", "layers": [
      {"type": "convolution", "output_dim": 400, "kernel": 3, "dilation": 2},
      {"type": "relu"}, {"type": "batch_norm"}]})"));
  }
  return object;
}

/// One network with a minibatch to train it on.
class Training {
 public:
  explicit Training(const BackendOptions& options)
      : backend_(create_backend(options)),
        network_(*backend_, tdnn(), 1),
        loss_(options.thread_count),
        parameters_(network_.parameters()) {
    network_.prepare_training(*backend_);
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> features(static_cast<std::size_t>(kSequences * kFrames * kDim));
    for (float& value : features) value = normal(random);
    features_ = backend_->from_host({kSequences, kFrames, kDim}, features);
    for (std::int64_t i = 0; i < kSequences; ++i) {
      LossTarget target;
      for (std::int64_t n = 0; n < kFrames * kLabelsASecond / 100; ++n) {
        target.labels.push_back(1 + static_cast<std::int32_t>(random() % (kLabels - 1)));
      }
      targets_.push_back(std::move(target));
    }
  }

  void step() {
    network_.zero_gradients(*backend_);
    NetworkSaved saved;
    std::vector<Tensor> heads;
    network_seconds +=
        device_seconds_of([&] { heads = network_.forward(*backend_, features_, &saved); });
    std::vector<Tensor> gradients;
    gradients.push_back(backend_->empty(heads[0].shape()));
    loss_seconds += device_seconds_of([&] {
      const ConstTensorView head = heads[0];
      const TensorView gradient = gradients[0];
      loss_.evaluate(*backend_, {&head, 1}, targets_, {&gradient, 1});
    });
    backend_->scale(1e-4F, gradients[0]);
    network_seconds += device_seconds_of([&] { network_.backward(*backend_, gradients, saved); });
    clip_gradients(*backend_, parameters_, 5.0);
    adam_.step(*backend_, parameters_, 1e-4F);
    backend_->synchronize();
  }

  double parameter_count() { return static_cast<double>(network_.parameter_count()); }
  /// Floating-point operations in the matrix products of a step.
  double step_operations() const {
    double weights = 0.0;
    for (const Parameter* parameter : parameters_) {
      if (parameter->value.shape().rank() == 2) {
        weights += static_cast<double>(parameter->value.size());
      }
    }
    return 2.0 * kProducts * static_cast<double>(kSequences * kFrames / kSubsampling) * weights;
  }

  double network_seconds = 0.0;
  double loss_seconds = 0.0;

 private:
  /// Until the device has done it.
  template <typename Work>
  double device_seconds_of(const Work& work) {
    return seconds_of([&] {
      work();
      backend_->synchronize();
    });
  }

  std::unique_ptr<Backend> backend_;
  Network network_;
  Ctc loss_;
  Adam adam_;
  std::vector<Parameter*> parameters_;
  Tensor features_;
  std::vector<LossTarget> targets_;
};

void run(const BackendOptions& options, int round_count) {
  const int thread_count = options.thread_count;
  Training training(options);
  training.step();                    // makes primitives and graphs
  omp_set_num_threads(thread_count);  // those of dnnl_sgemm
  square_product_speed();
  training.network_seconds = training.loss_seconds = 0.0;
  double product_speed = 0.0;
  double step_seconds = 0.0;
  for (int round = 0; round < round_count; ++round) {
    product_speed += square_product_speed() / round_count;
    step_seconds += seconds_of([&] { training.step(); }) / round_count;
  }
  const double audio_s = static_cast<double>(kSequences * kFrames) * kFrameShift_s;
  const double network_s = training.network_seconds / round_count;
  const double operations = 1e-9 * training.step_operations();
  std::printf("device, precision             %s, %s\n", to_string(options.device).c_str(),
              to_string(options.precision).c_str());
  std::printf("threads of the CPU            %d\n", thread_count);
  std::printf("parameters                    %.2f million\n", 1e-6 * training.parameter_count());
  std::printf("dnnl_sgemm 2048^3             %.1f GFLOP/s\n", product_speed);
  std::printf("step                          %.1f ms: network %.1f, CTC %.1f\n", 1e3 * step_seconds,
              1e3 * network_s, 1e3 * training.loss_seconds / round_count);
  std::printf("products in the whole step    %.1f GFLOP/s, %.1f %% of dnnl_sgemm\n",
              operations / step_seconds, 100.0 * operations / step_seconds / product_speed);
  std::printf("products in network passes    %.1f GFLOP/s, %.1f %% of dnnl_sgemm\n",
              operations / network_s, 100.0 * operations / network_s / product_speed);
  std::printf("audio                         %.0f hours an hour\n", audio_s / step_seconds);
}

}  // namespace
}  // namespace harpy

int main(int argc, char** argv) {
  harpy::BackendOptions options;
  if (argc > 1) options.thread_count = std::atoi(argv[1]);
  if (argc > 3) options.device = harpy::parse_device(argv[3]);
  if (argc > 4) options.precision = harpy::parse_precision(argv[4]);
  harpy::run(options, argc > 2 ? std::atoi(argv[2]) : 10);
}

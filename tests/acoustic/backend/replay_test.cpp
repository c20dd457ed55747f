#include "acoustic/backend/replay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/acoustic/backend/backend_test.hpp"
#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {
namespace {

constexpr std::int64_t kSequences = 3, kFrames = 11, kBins = 5, kDim = 20, kClasses = 7;

/// A small network over arrays that outlive it, with temporaries in between.
struct Steps {
  explicit Steps(Backend& on) : backend(on) {
    backend.fill(0.0F, total);
    set(1);
  }

  void set(unsigned seed) {
    std::mt19937 random(seed);
    backend.copy(random_tensor(backend, x.shape(), random), x);
    backend.copy(random_tensor(backend, filter.shape(), random), filter);
    backend.copy(random_tensor(backend, weight.shape(), random), weight);
    backend.copy(random_tensor(backend, bias.shape(), random), bias);
  }

  void operator()() {
    const PlaneWindow window{.time = {.kernel = 3, .left = 1}, .bins = kBins, .kernel_bins = 3};
    Tensor planes = backend.empty({kSequences, kFrames, window.output_bins() * 2});
    backend.convolve(window, x, filter, planes);
    backend.activate(ActivationKind::kTanh, planes, planes);
    const TimeWindow taps{.kernel = 2, .left = 1};
    Tensor unfolded = backend.empty({kSequences, kFrames, 2 * planes.dim()});
    backend.unfold(planes, taps, unfolded);
    Tensor scores = backend.zeros({kSequences * kFrames, kClasses});
    backend.multiply(unfolded, Transpose::kNo, weight, Transpose::kNo, scores, Accumulate::kNo);
    backend.add_bias(bias, scores);
    backend.log_softmax(scores, y);
    backend.sum_rows(backend.copy_of(y), total, Accumulate::kYes);
  }

  std::vector<float> results() const {
    std::vector<float> values = backend.to_host(y);
    const std::vector<float> sums = backend.to_host(total);
    values.insert(values.end(), sums.begin(), sums.end());
    return values;
  }

  Backend& backend;
  Tensor x = backend.empty({kSequences, kFrames, kDim});
  Tensor filter = backend.empty({3 * 3 * kDim / kBins, 2});
  Tensor weight = backend.empty({2 * 2 * (kBins - 2), kClasses});
  Tensor bias = backend.empty({kClasses});
  Tensor y = backend.empty({kSequences * kFrames, kClasses});
  Tensor total = backend.empty({kClasses});
};

class BackendReplay : public BackendTest {
 protected:
  bool is_on_gpu() const { return GetParam().device.kind != DeviceKind::kCpu; }
};
INSTANTIATE_TEST_SUITE_P(Devices, BackendReplay, ::testing::ValuesIn(backend_cases()), case_name);

TEST_P(BackendReplay, GivesTheBitsOfCallsForWhateverStandsInTheArrays) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    const auto backend = backend_of(GetParam(), precision);
    Steps called(*backend), repeated(*backend);
    Replay replay(*backend, std::ref(repeated));
    for (unsigned run = 1; run <= 6; ++run) {
      called.set(run);
      repeated.set(run);
      called();
      replay.run();
      EXPECT_EQ(replay.is_recorded(), is_on_gpu() && run >= 2);
      EXPECT_EQ(repeated.results(), called.results()) << run;
    }
  }
}

TEST_P(BackendReplay, RunsInARowFollowOneAnother) {
  Steps called(*backend_), repeated(*backend_);
  Replay replay(*backend_, std::ref(repeated));
  for (int run = 0; run < 20; ++run) {
    called();
    replay.run();
  }
  EXPECT_EQ(repeated.results(), called.results());
}

TEST_P(BackendReplay, OutlivesWorkThatNeedsMoreMemory) {
  const auto backend = backend_of(GetParam(), Precision::kBfloat16);
  Steps called(*backend), repeated(*backend);
  Replay replay(*backend, std::ref(repeated));
  std::mt19937 random(8);
  for (std::int64_t extent = 32; extent <= 512; extent *= 4) {
    replay.run();
    const Tensor large = random_tensor(*backend, {extent, extent}, random);
    Tensor product = backend->empty({extent, extent});
    const auto square = [&] {
      backend->multiply(large, Transpose::kNo, large, Transpose::kNo, product, Accumulate::kNo);
    };
    square();
    const std::vector<float> expected = backend->to_host(product);
    Replay other(*backend, square);
    for (int run = 0; run < 3; ++run) {
      backend->fill(0.0F, product);
      other.run();
      EXPECT_EQ(backend->to_host(product), expected);
    }
    replay.run();
    called();
    called();
    EXPECT_EQ(repeated.results(), called.results()) << extent;
  }
}

TEST_P(BackendReplay, ThrowsWhatItsStepsThrowAndCanBeRunAgain) {
  Tensor x = backend_->zeros({5});
  bool fail = false;
  int calls = 0;
  Replay replay(*backend_, [&] {
    ++calls;
    const Tensor one = backend_->copy_of(x);
    backend_->fill(1.0F, x);
    if (fail) throw std::out_of_range("no more");
    backend_->add_scaled(1.0F, one, x);
  });
  const auto expect_value = [&](float value) {
    EXPECT_EQ(backend_->to_host(x), std::vector<float>(5, value));
  };
  fail = true;
  EXPECT_THROW(replay.run(), std::out_of_range);
  fail = false;
  backend_->fill(0.0F, x);
  replay.run();
  expect_value(1.0F);
  fail = true;
  EXPECT_THROW(replay.run(), std::out_of_range);
  EXPECT_FALSE(replay.is_recorded());
  fail = false;
  backend_->fill(1.0F, x);
  replay.run();
  expect_value(2.0F);
  replay.run();
  expect_value(3.0F);
  EXPECT_EQ(replay.is_recorded(), is_on_gpu());
  EXPECT_EQ(calls, is_on_gpu() ? 4 : 5);
}

TEST_P(BackendReplay, CallsStepsThatCannotBeRecorded) {
  Tensor x = backend_->zeros({3});
  const std::vector<float> ones(3, 1.0F);
  const std::vector<std::function<void()>> refused{
      [&] { backend_->copy(backend_->from_host({3}, ones), x); },
      [&] {
        backend_->fill(1.0F, x);
        backend_->synchronize();
      },
      [&] {
        backend_->fill(1.0F, x);
        EXPECT_EQ(backend_->sum_of_squares(x), 3.0);
      }};
  for (const auto& steps : refused) {
    Replay replay(*backend_, steps);
    for (int run = 0; run < 4; ++run) {
      backend_->fill(0.0F, x);
      replay.run();
      EXPECT_FALSE(replay.is_recorded());
      EXPECT_EQ(backend_->to_host(x), ones) << run;
    }
  }
}

TEST_P(BackendReplay, OfNothingDoesNothing) {
  Replay replay(*backend_, [] {});
  for (int run = 0; run < 3; ++run) replay.run();
  EXPECT_EQ(replay.is_recorded(), is_on_gpu());
}

}  // namespace
}  // namespace harpy::testing

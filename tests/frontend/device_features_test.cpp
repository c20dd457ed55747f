#include "frontend/device_features.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "frontend/compute_features.hpp"
#include "tests/frontend/test_audio.hpp"
#include "tests/support/phase_teams.hpp"

namespace harpy {
namespace {

using testing::OrderedTeam;
using testing::ThreadOrder;

std::vector<std::int16_t> to_integers(std::span<const float> samples) {
  std::vector<std::int16_t> integers;
  for (const float sample : samples) {
    integers.push_back(static_cast<std::int16_t>(std::lrint(sample * 32767.0F)));
  }
  return integers;
}

std::vector<float> to_floats(std::span<const std::int16_t> integers) {
  std::vector<float> floats;
  for (const std::int16_t integer : integers) {
    floats.push_back(static_cast<float>(integer) / 32768.0F);
  }
  return floats;
}

template <typename T>
DeviceBuffer<T> on_device(const Backend& backend, const std::vector<T>& values) {
  DeviceBuffer<T> buffer(backend.memory(), values.size());
  buffer.copy_from_host(values);
  return buffer;
}

class DeviceFeaturesTest : public ::testing::TestWithParam<Device> {
 protected:
  std::unique_ptr<Backend> backend_ = create_backend({.device = GetParam()});

  /// The frames of whole recordings, of integers and of floats by turns.
  std::vector<std::vector<float>> compute(const FeatureOptions& options,
                                          const std::vector<std::vector<std::int16_t>>& sounds) {
    const FeatureExtractor extractor(options);
    DeviceFeatures features(*backend_, options);
    std::vector<DeviceBuffer<std::int16_t>> integers;
    std::vector<DeviceBuffer<float>> floats;
    std::vector<Tensor> outputs;
    std::vector<DeviceAudio> audio;
    for (std::size_t i = 0; i < sounds.size(); ++i) {
      const auto count = static_cast<std::int64_t>(sounds[i].size());
      const std::int64_t frames = extractor.frame_count(count);
      integers.push_back(on_device(*backend_, sounds[i]));
      floats.push_back(on_device(*backend_, to_floats(sounds[i])));
      outputs.push_back(backend_->empty({frames, features.dim()}));
      audio.push_back({.integers = i % 2 == 0 ? integers.back().data() : nullptr,
                       .floats = floats.back().data(),
                       .held_count = count,
                       .sample_count = count,
                       .frame_count = frames,
                       .output = outputs.back().data()});
    }
    features.compute(*backend_, audio);
    std::vector<std::vector<float>> values;
    for (const Tensor& output : outputs) values.push_back(backend_->to_host(output));
    return values;
  }
};
INSTANTIATE_TEST_SUITE_P(Devices, DeviceFeaturesTest, ::testing::ValuesIn(available_devices()),
                         [](const auto& tested) {
                           return (tested.param.kind == DeviceKind::kCpu ? "Cpu" : "Cuda") +
                                  std::to_string(tested.param.index);
                         });

void expect_close(const std::vector<float>& got, const std::vector<float>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], 1e-3) << i;
}

TEST_P(DeviceFeaturesTest, EqualThoseOfTheExtractorForSeveralRecordingsAtOnce) {
  FeatureOptions wide;
  wide.sample_rate_hz = 48000.0;
  FeatureOptions narrow;
  narrow.sample_rate_hz = 8000.0;
  narrow.bin_count = 23;
  narrow.window = WindowKind::kHamming;
  narrow.use_power = false;
  narrow.high_freq_hz = -200.0;
  FeatureOptions short_frames;
  short_frames.frame_length_ms = 8.0;
  short_frames.bin_count = 10;
  short_frames.preemphasis = 0.0;
  short_frames.remove_dc_offset = false;
  FeatureOptions mirrored;
  mirrored.snip_edges = false;
  mirrored.noise_floor = 100.0;
  const auto sound = to_integers(testing::glide(20000));
  const std::vector<std::vector<std::int16_t>> sounds{sound,
                                                      {sound.begin(), sound.begin() + 1301},
                                                      {},
                                                      {sound.begin() + 99, sound.begin() + 5000},
                                                      {sound.begin(), sound.begin() + 399}};
  for (const FeatureOptions& options : {FeatureOptions{}, wide, narrow, short_frames, mirrored}) {
    const FeatureExtractor extractor(options);
    const auto got = compute(options, sounds);
    for (std::size_t i = 0; i < sounds.size(); ++i) {
      SCOPED_TRACE("recording " + std::to_string(i) + " at " +
                   std::to_string(options.sample_rate_hz) + " Hz");
      expect_close(got[i], compute_features(extractor, to_floats(sounds[i])));
    }
  }
}

TEST_P(DeviceFeaturesTest, OfSilenceAreTheFloor) {
  const auto got = compute({}, {std::vector<std::int16_t>(1000, 0)});
  expect_close(got[0], std::vector<float>(got[0].size(), std::log(1.1920929e-7F)));
}

TEST_P(DeviceFeaturesTest, OfAStretchAreThoseOfTheWholeWhateverElseIsHeld) {
  const auto sound = to_integers(testing::glide(8000));
  const auto whole = compute({}, {sound});
  DeviceFeatures features(*backend_, {});
  const auto held =
      on_device(*backend_, std::vector<std::int16_t>(sound.begin() + 1600, sound.begin() + 3600));
  Tensor output = backend_->empty({11, features.dim()});
  const DeviceAudio audio{.integers = held.data(),
                          .held_count = 2000,
                          .first_held = 1600,
                          .sample_count = 8000,
                          .first_frame = 10,
                          .frame_count = 11,
                          .output = output.data()};
  features.compute(*backend_, {&audio, 1});
  EXPECT_EQ(backend_->to_host(output),
            std::vector<float>(whole[0].begin() + 10 * 80, whole[0].begin() + 21 * 80));
}

TEST_P(DeviceFeaturesTest, RefuseOptionsAndSamplesThatTheyCannotUse) {
  const auto refuses = [&](const auto& change) {
    FeatureOptions options;
    change(options);
    EXPECT_THROW(DeviceFeatures(*backend_, options), std::invalid_argument);
  };
  refuses([](FeatureOptions& o) { o.kind = FeatureKind::kMfcc; });
  refuses([](FeatureOptions& o) { o.use_energy = true; });
  refuses([](FeatureOptions& o) { o.normalization = NormalizationKind::kSliding; });
  refuses([](FeatureOptions& o) { o.delta_order = 1; });
  refuses([](FeatureOptions& o) { o.frame_length_ms = 200.0; });
  refuses([](FeatureOptions& o) { o.bin_count = 0; });
  refuses([](FeatureOptions& o) { o.sample_rate_hz = 0.0; });

  DeviceFeatures features(*backend_, {});
  const auto samples = on_device(*backend_, std::vector<std::int16_t>(1000));
  Tensor output = backend_->empty({4, features.dim()});
  const DeviceAudio good{.integers = samples.data(),
                         .held_count = 1000,
                         .sample_count = 1000,
                         .frame_count = 4,
                         .output = output.data()};
  features.compute(*backend_, {&good, 1});
  const auto refuses_audio = [&](const auto& change) {
    DeviceAudio audio = good;
    change(audio);
    EXPECT_THROW(features.compute(*backend_, {&audio, 1}), std::invalid_argument);
  };
  refuses_audio([](DeviceAudio& a) { a.frame_count = 5; });
  refuses_audio([](DeviceAudio& a) { a.frame_count = -1; });
  refuses_audio([](DeviceAudio& a) { a.first_held = 1; });
  refuses_audio([](DeviceAudio& a) { a.held_count = 879; });
  refuses_audio([](DeviceAudio& a) { a.sample_count = 800; });
  refuses_audio([](DeviceAudio& a) { a.first_frame = 1; });
}

TEST(LogMelProgram, GivesTheSameBitsInEveryOrderAndNumberOfThreads) {
  const auto backend = create_backend({});
  constexpr std::int32_t kLength = 50, kSize = 64, kFilters = 3;
  std::vector<float> window(kLength, 0.7F), re, im, weights{0.25F, 1.0F, 0.5F, 2.0F};
  const std::vector<float> noise(kSize / 2, 3.0F);
  for (int k = 0; k < kSize; ++k) {
    re.push_back(static_cast<float>(std::cos(-2.0 * std::numbers::pi * k / kSize)));
    im.push_back(static_cast<float>(std::sin(-2.0 * std::numbers::pi * k / kSize)));
  }
  const std::vector<std::int32_t> first{1, 5, 31}, begin{0, 2, 3, 4};
  const log_mel::Tables tables{.frame_length = kLength,
                               .frame_shift = 20,
                               .first_sample = -15,
                               .fft_size = kSize,
                               .filter_count = kFilters,
                               .window = window.data(),
                               .noise = noise.data(),
                               .roots_re = re.data(),
                               .roots_im = im.data(),
                               .filter_first = first.data(),
                               .filter_begin = begin.data(),
                               .filter_weights = weights.data()};
  const auto sound = testing::glide(200);
  const auto computed = [&](const auto& run) {
    std::vector<float> output(10 * kFilters);
    const log_mel::Job job{.floats = sound.data(), .sample_count = 200, .output = output.data()};
    std::vector<float> memory(static_cast<std::size_t>(log_mel::Scratch::size(kLength, kSize)));
    const log_mel::Scratch scratch(tables, memory.data());
    for (std::int64_t frame = 0; frame < 10; ++frame) {
      run([&](const auto& executor) {
        log_mel::compute_frame(executor, tables, job, frame, scratch);
      });
    }
    return output;
  };
  const auto expected = computed([](const auto& program) { program(SerialExecutor{}); });
  for (const std::uint32_t threads : {1U, 7U, 64U}) {
    for (const ThreadOrder order :
         {ThreadOrder::kForward, ThreadOrder::kReverse, ThreadOrder::kRandom}) {
      const OrderedTeam team(threads, order);
      EXPECT_EQ(computed([&](const auto& program) { team.launch(program); }), expected);
    }
  }
  const testing::ThreadTeam team(3);
  EXPECT_EQ(computed([&](const auto& program) { team.launch(program); }), expected);
}

TEST(LogMelProgram, FindsTheJobOfEveryFrame) {
  std::vector<log_mel::Job> jobs(4);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].batch_frame = static_cast<std::int64_t>(i * i);
  }
  const std::vector<std::int32_t> expected{0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3};
  for (std::size_t frame = 0; frame < expected.size(); ++frame) {
    EXPECT_EQ(log_mel::job_of(jobs.data(), 4, static_cast<std::int64_t>(frame)), expected[frame]);
  }
}

}  // namespace
}  // namespace harpy

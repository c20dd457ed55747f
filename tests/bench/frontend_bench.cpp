// Speed of the front end on one core as times real time: seconds of audio a second. The reference
// is the Fourier transform of the same frames by KissFFT and nothing else.
#include <benchmark/benchmark.h>
#include <kiss_fftr.h>

#include <cmath>
#include <memory>
#include <vector>

#include "frontend/audio/resampler.hpp"
#include "frontend/feature_stream.hpp"

namespace harpy {
namespace {

constexpr double kAudio_s = 60.0;
constexpr std::size_t kPieceSamples = 1600;

std::vector<float> make_audio(double sample_rate_hz) {
  std::vector<float> samples(static_cast<std::size_t>(kAudio_s * sample_rate_hz));
  std::uint32_t noise = 1;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    noise = noise * 1664525U + 1013904223U;
    samples[i] = static_cast<float>(0.3 * std::sin(0.05 * static_cast<double>(i)) +
                                    static_cast<double>(noise) * 1e-11);
  }
  return samples;
}

void set_speed(benchmark::State& state) {
  state.counters["times_real_time"] = benchmark::Counter(
      kAudio_s * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void stream_features(benchmark::State& state, const FeatureOptions& options) {
  const auto extractor = std::make_shared<const FeatureExtractor>(options);
  const std::vector<float> samples = make_audio(options.sample_rate_hz);
  for (auto _ : state) {
    FeatureStream stream(extractor);
    for (std::size_t begin = 0; begin < samples.size(); begin += kPieceSamples) {
      stream.accept(std::span(samples).subspan(begin, kPieceSamples));
      benchmark::DoNotOptimize(stream.take(stream.frames_ready()).data());
    }
  }
  set_speed(state);
}

void log_mel_80(benchmark::State& state) { stream_features(state, {}); }
void mfcc_40(benchmark::State& state) {
  stream_features(state, {.kind = FeatureKind::kMfcc, .bin_count = 40, .cepstrum_count = 40});
}
void log_spectrogram(benchmark::State& state) {
  stream_features(state, {.kind = FeatureKind::kLogSpectrogram});
}
void mfcc_13_deltas_sliding_mean(benchmark::State& state) {
  stream_features(state, {.kind = FeatureKind::kMfcc,
                          .bin_count = 23,
                          .normalization = NormalizationKind::kSliding,
                          .delta_order = 2});
}

void reference_kissfft_alone(benchmark::State& state) {
  constexpr int kFftSize = 512;
  constexpr std::size_t kShift = 160;
  const std::vector<float> samples = make_audio(16000.0);
  const kiss_fftr_cfg plan = kiss_fftr_alloc(kFftSize, 0, nullptr, nullptr);
  std::vector<kiss_fft_cpx> spectrum(kFftSize / 2 + 1);
  for (auto _ : state) {
    for (std::size_t begin = 0; begin + kFftSize <= samples.size(); begin += kShift) {
      kiss_fftr(plan, samples.data() + begin, spectrum.data());
      benchmark::DoNotOptimize(spectrum.data());
    }
  }
  kiss_fftr_free(plan);
  set_speed(state);
}

void resample_to_16khz(benchmark::State& state) {
  const auto rate_hz = static_cast<double>(state.range(0));
  const std::vector<float> samples = make_audio(rate_hz);
  std::vector<float> output;
  for (auto _ : state) {
    Resampler resampler(rate_hz);
    for (std::size_t begin = 0; begin < samples.size(); begin += kPieceSamples) {
      output.clear();
      resampler.process(
          std::span(samples).subspan(begin, std::min(kPieceSamples, samples.size() - begin)),
          output);
    }
  }
  set_speed(state);
}

BENCHMARK(reference_kissfft_alone)->Unit(benchmark::kMillisecond);
BENCHMARK(log_mel_80)->Unit(benchmark::kMillisecond);
BENCHMARK(mfcc_40)->Unit(benchmark::kMillisecond);
BENCHMARK(mfcc_13_deltas_sliding_mean)->Unit(benchmark::kMillisecond);
BENCHMARK(log_spectrogram)->Unit(benchmark::kMillisecond);
BENCHMARK(resample_to_16khz)->Arg(8000)->Arg(44100)->Arg(48000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace harpy

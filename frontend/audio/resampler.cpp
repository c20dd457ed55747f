#include "frontend/audio/resampler.hpp"

#include <soxr.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "frontend/audio/audio_limits.hpp"

namespace harpy {
namespace {

/// Samples that soxr gives at a time.
constexpr std::size_t kResamplerBlockSamples = 4096;

void check(soxr_error_t error) {
  if (error != nullptr) throw std::runtime_error(std::string("resampler: ") + error);
}

void check_rate(double rate_hz) {
  if (!(rate_hz >= kLeastSampleRateHz && rate_hz <= kGreatestSampleRateHz)) {
    throw std::invalid_argument("Resampler: expected rates of 4,000 to 192,000 Hz, got " +
                                std::to_string(rate_hz));
  }
}

}  // namespace

struct Resampler::State {
  struct SoxrDeleter {
    void operator()(soxr_t resampler) const { soxr_delete(resampler); }
  };

  std::unique_ptr<soxr, SoxrDeleter> converter;  ///< none: pass through
  bool finished = false;

  /// Feeds `input`, or its end if null, and appends what comes out.
  void run(const float* input, std::size_t input_count, std::vector<float>& output) const {
    for (;;) {
      const std::size_t old_size = output.size();
      output.resize(old_size + kResamplerBlockSamples);
      std::size_t used = 0;
      std::size_t produced = 0;
      check(soxr_process(converter.get(), input, input_count, &used, output.data() + old_size,
                         kResamplerBlockSamples, &produced));
      output.resize(old_size + produced);
      if (input != nullptr) {
        input += used;
        input_count -= used;
      }
      if (input_count == 0 && produced < kResamplerBlockSamples) return;
    }
  }
};

Resampler::Resampler(double input_hz, double output_hz) : state_(std::make_unique<State>()) {
  check_rate(input_hz);
  check_rate(output_hz);
  if (input_hz == output_hz) return;
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
  soxr_error_t error = nullptr;
  state_->converter.reset(soxr_create(input_hz, output_hz, 1, &error, &io, &quality, &runtime));
  check(error);
}

Resampler::Resampler(Resampler&&) noexcept = default;
Resampler& Resampler::operator=(Resampler&&) noexcept = default;
Resampler::~Resampler() = default;

void Resampler::process(std::span<const float> input, std::vector<float>& output) {
  if (state_->finished) throw std::logic_error("Resampler: samples after finish");
  if (input.empty()) return;
  if (!state_->converter) {
    output.insert(output.end(), input.begin(), input.end());
    return;
  }
  state_->run(input.data(), input.size(), output);
}

void Resampler::process(std::vector<float>&& input, std::vector<float>& output) {
  if (state_->converter || state_->finished || !output.empty()) {
    return process(std::span<const float>(input), output);
  }
  output = std::move(input);
}

void Resampler::finish(std::vector<float>& output) {
  if (state_->finished) throw std::logic_error("Resampler: finished twice");
  state_->finished = true;
  if (state_->converter) state_->run(nullptr, 0, output);
}

}  // namespace harpy

#include "frontend/feature_extractor.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "frontend/fft.hpp"
#include "frontend/mel_filterbank.hpp"
#include "frontend/mfcc.hpp"
#include "frontend/noise_spectrum.hpp"
#include "frontend/vector_math.hpp"
#include "frontend/window.hpp"

namespace harpy {
namespace {

/// Least energy before a logarithm.
constexpr float kEnergyFloor = std::numeric_limits<float>::epsilon();

void require(bool fulfilled, const std::string& expected, double got) {
  if (!fulfilled) {
    throw std::invalid_argument("features: expected " + expected + ", got " + std::to_string(got));
  }
}

FeatureOptions checked(const FeatureOptions& options) {
  require(options.sample_rate_hz >= 1000.0 && options.sample_rate_hz <= 384000.0,
          "sample_rate_hz of 1,000 to 384,000", options.sample_rate_hz);
  require(options.frame_length_ms > 0.0 && options.frame_length_ms <= 1000.0,
          "frame_length_ms above 0 and up to 1,000", options.frame_length_ms);
  require(options.frame_shift_ms > 0.0 && options.frame_shift_ms <= 1000.0,
          "frame_shift_ms above 0 and up to 1,000", options.frame_shift_ms);
  require(options.preemphasis >= 0.0 && options.preemphasis <= 1.0, "preemphasis of 0 to 1",
          options.preemphasis);
  require(options.noise_floor >= 0.0 && options.noise_floor <= 1e9,
          "noise_floor of 0 to 1,000,000,000", options.noise_floor);
  require(options.energy_floor >= 0.0, "energy_floor of at least 0", options.energy_floor);
  require(options.sliding_window_frames >= 1, "sliding_window_frames of at least 1",
          options.sliding_window_frames);
  require(options.sliding_min_frames >= 1, "sliding_min_frames of at least 1",
          options.sliding_min_frames);
  require(options.sliding_min_frames <= options.sliding_window_frames,
          "sliding_min_frames of at most sliding_window_frames", options.sliding_min_frames);
  require(options.online_prior_frames >= 0, "online_prior_frames of at least 0",
          options.online_prior_frames);
  require(options.delta_order >= 0 && options.delta_order <= 8, "delta_order of 0 to 8",
          options.delta_order);
  require(options.delta_window >= 1 && options.delta_window <= 100, "delta_window of 1 to 100",
          options.delta_window);
  if (options.kind == FeatureKind::kPowerSpectrogram && options.use_energy) {
    throw std::invalid_argument(
        "features: expected a power spectrogram without use_energy, which is a logarithm");
  }
  return options;
}

bool has_mel_filters(FeatureKind kind) {
  return kind != FeatureKind::kLogSpectrogram && kind != FeatureKind::kPowerSpectrogram;
}

bool has_logarithm(FeatureKind kind) {
  return kind != FeatureKind::kMel && kind != FeatureKind::kPowerSpectrogram;
}

}  // namespace

struct FeatureExtractor::Tables {
  explicit Tables(const FeatureOptions& given)
      : options(checked(given)),
        frame_length(static_cast<int>(options.sample_rate_hz * 0.001 * options.frame_length_ms)),
        frame_shift(static_cast<int>(options.sample_rate_hz * 0.001 * options.frame_shift_ms)) {
    require(frame_length >= 8, "frames of at least 8 samples", frame_length);
    require(frame_shift >= 1, "a shift of at least 1 sample", frame_shift);
    fft_size = static_cast<int>(std::bit_ceil(static_cast<unsigned>(frame_length)));
    window = make_window(options.window, frame_length);
    if (options.noise_floor > 0.0) {
      noise = noise_spectrum(options.noise_floor, options.preemphasis, window, fft_size);
    }
    log_energy_floor = options.energy_floor > 0.0
                           ? static_cast<float>(std::log(options.energy_floor))
                           : -std::numeric_limits<float>::infinity();
    if (!has_mel_filters(options.kind)) {
      dim = fft_size / 2 + 1;
      return;
    }
    mel.emplace(MelOptions{.sample_rate_hz = options.sample_rate_hz,
                           .fft_size = fft_size,
                           .bin_count = options.bin_count,
                           .low_freq_hz = options.low_freq_hz,
                           .high_freq_hz = upper_edge_hz(options)});
    if (options.kind == FeatureKind::kMfcc) {
      cepstra.emplace(options.bin_count, options.cepstrum_count, options.cepstral_lifter);
      dim = options.cepstrum_count;
    } else {
      dim = options.bin_count + (options.use_energy ? 1 : 0);
    }
  }

  FeatureOptions options;
  int frame_length;
  int frame_shift;
  int fft_size = 0;
  int dim = 0;
  std::vector<float> window;
  std::vector<float> noise;  ///< its power spectrum [fft_size / 2 + 1]; empty if there is none
  float log_energy_floor = 0.0F;
  std::optional<MelFilterbank> mel;
  std::optional<CepstralTransform> cepstra;
};

struct FeatureExtractor::Workspace::Buffers {
  explicit Buffers(const Tables& tables)
      : fft(tables.fft_size),
        centred(static_cast<std::size_t>(tables.frame_length)),
        windowed(static_cast<std::size_t>(tables.fft_size)),
        spectrum(static_cast<std::size_t>(fft.bin_count())),
        mel_energies(static_cast<std::size_t>(tables.mel ? tables.mel->bin_count() : 0)) {}

  RealFft fft;
  std::vector<float> centred;   ///< the frame without its mean
  std::vector<float> windowed;  ///< emphasised, windowed, followed by zeros up to fft.size()
  std::vector<float> spectrum;
  std::vector<float> mel_energies;
};

FeatureExtractor::Workspace::Workspace(const FeatureExtractor& extractor)
    : buffers_(std::make_unique<Buffers>(*extractor.tables_)) {}
FeatureExtractor::Workspace::~Workspace() = default;

FeatureExtractor::FeatureExtractor(const FeatureOptions& options,
                                   std::shared_ptr<const IvectorExtractor> ivectors,
                                   std::vector<double> training_means)
    : tables_(std::make_unique<Tables>(options)),
      ivectors_(std::move(ivectors)),
      training_means_(std::move(training_means)) {
  const bool is_online = options.normalization == NormalizationKind::kOnline;
  const int mean_count = is_online ? frame_dim() : 0;
  if (std::ssize(training_means_) != mean_count) {
    require(false, "means of " + std::to_string(mean_count) + " features",
            static_cast<int>(training_means_.size()));
  }
  if (is_online && options.normalize_variance) {
    throw std::invalid_argument("features: online normalisation is one of means alone");
  }
  if (ivectors_ && ivectors_->feature_dim() != frame_dim()) {
    require(false, "i-vectors of " + std::to_string(frame_dim()) + " features",
            ivectors_->feature_dim());
  }
}
FeatureExtractor::~FeatureExtractor() = default;

const FeatureOptions& FeatureExtractor::options() const { return tables_->options; }
int FeatureExtractor::frame_dim() const { return tables_->dim; }
int FeatureExtractor::frame_length_samples() const { return tables_->frame_length; }
int FeatureExtractor::frame_shift_samples() const { return tables_->frame_shift; }
double FeatureExtractor::frame_shift_s() const {
  return tables_->frame_shift / tables_->options.sample_rate_hz;
}

std::int64_t FeatureExtractor::frame_count(std::int64_t sample_count) const {
  const std::int64_t length = tables_->frame_length;
  const std::int64_t shift = tables_->frame_shift;
  if (!tables_->options.snip_edges) return (sample_count + shift / 2) / shift;
  return sample_count < length ? 0 : 1 + (sample_count - length) / shift;
}

std::int64_t FeatureExtractor::first_sample(std::int64_t frame_index) const {
  const std::int64_t begin = frame_index * tables_->frame_shift;
  if (tables_->options.snip_edges) return begin;
  return begin + tables_->frame_shift / 2 - tables_->frame_length / 2;
}

void FeatureExtractor::compute_frame(std::span<const float> samples, Workspace& workspace,
                                     std::span<float> output) const {
  const Tables& tables = *tables_;
  const FeatureOptions& options = tables.options;
  const auto length = static_cast<std::size_t>(tables.frame_length);
  if (samples.size() != length || output.size() != static_cast<std::size_t>(tables.dim)) {
    throw std::invalid_argument("compute_frame: expected " + std::to_string(length) +
                                " samples and " + std::to_string(tables.dim) + " outputs, got " +
                                std::to_string(samples.size()) + " and " +
                                std::to_string(output.size()));
  }
  Workspace::Buffers& buffers = *workspace.buffers_;
  const float* signal = samples.data();
  if (options.remove_dc_offset) {
    const float mean = vector_math::sum(signal, length) / static_cast<float>(length);
    vector_math::subtract(signal, mean, length, buffers.centred.data());
    signal = buffers.centred.data();
  }
  vector_math::emphasize_and_window(signal, static_cast<float>(options.preemphasis),
                                    tables.window.data(), length, buffers.windowed.data());
  float log_energy = 0.0F;
  if (options.use_energy) {
    const float* measured = options.raw_energy ? signal : buffers.windowed.data();
    const float energy = vector_math::sum_of_squares(measured, length);
    log_energy = std::max(std::log(std::max(energy, kEnergyFloor)), tables.log_energy_floor);
  }
  buffers.fft.power_spectrum(buffers.windowed, buffers.spectrum);
  vector_math::add(tables.noise.data(), tables.noise.size(), buffers.spectrum.data());

  if (!tables.mel) {
    std::copy(buffers.spectrum.begin(), buffers.spectrum.end(), output.begin());
    if (has_logarithm(options.kind)) {
      vector_math::floored_logarithms(output.data(), kEnergyFloor, output.size());
    }
    if (options.use_energy) output[0] = log_energy;
    return;
  }
  if (!options.use_power) {
    vector_math::square_roots(buffers.spectrum.data(), buffers.spectrum.size());
  }
  const std::span<float> energies(buffers.mel_energies);
  tables.mel->apply(
      std::span(buffers.spectrum).first(static_cast<std::size_t>(tables.fft_size / 2)), energies);
  if (has_logarithm(options.kind)) {
    vector_math::floored_logarithms(energies.data(), kEnergyFloor, energies.size());
  }
  if (tables.cepstra) {
    tables.cepstra->apply(energies, output);
    if (options.use_energy) output[0] = log_energy;
  } else {
    if (options.use_energy) output[0] = log_energy;
    std::copy(energies.begin(), energies.end(), output.begin() + (options.use_energy ? 1 : 0));
  }
}

}  // namespace harpy

#include "tools/info/feature_axis.hpp"

#include <array>

#include "frontend/mel_axis.hpp"
#include "models/files/printed.hpp"
#include "tools/pictures/line_chart.hpp"

namespace harpy::tools {

namespace {

/// Frequencies that an axis in mel shows, the most wanted ones first.
constexpr std::array<int, 18> kShownHz{1000, 500,  2000, 4000, 8000, 200, 3000,  6000,  100,
                                       1500, 5000, 7000, 300,  700,  50,  12000, 16000, 24000};
constexpr int kLinearTicks = 7;
constexpr std::size_t kCoefficientStep = 2;

std::string hz_name(double hz) { return printed("%.1fHz", hz); }

/// The row that the first mel bin has.
int first_mel_row(const FeatureOptions& options) { return options.use_energy ? 1 : 0; }

MelAxis mel_rows(const FeatureOptions& options) {
  return {options.low_freq_hz, upper_edge_hz(options), options.bin_count};
}

double spectrum_bin_hz(const FeatureOptions& options, int row_count) {
  return options.sample_rate_hz / (2.0 * (row_count - 1));
}

std::vector<std::string> mel_names(const FeatureOptions& options) {
  std::vector<std::string> names;
  if (options.use_energy) names.emplace_back("energy");
  const MelAxis mel = mel_rows(options);
  for (int bin = 0; bin < options.bin_count; ++bin) names.push_back(hz_name(mel.hz_of_bin(bin)));
  return names;
}

std::vector<AxisTick> mel_ticks(const FeatureOptions& options) {
  std::vector<AxisTick> ticks;
  if (options.use_energy) ticks.push_back({0.5, "energy"});
  const MelAxis mel = mel_rows(options);
  const double first_row = first_mel_row(options);
  for (const int hz : kShownHz) {
    const double place = first_row + mel.bin_of_hz(hz) + 0.5;
    if (place < first_row || place > first_row + options.bin_count) continue;
    ticks.push_back({place, std::to_string(hz)});
  }
  return ticks;
}

std::vector<std::string> spectrum_names(const FeatureOptions& options, int row_count) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(row_count));
  const double bin_hz = spectrum_bin_hz(options, row_count);
  for (int bin = 0; bin < row_count; ++bin) names.push_back(hz_name(bin * bin_hz));
  if (options.use_energy) names.front() = "energy";
  return names;
}

std::vector<AxisTick> spectrum_ticks(const FeatureOptions& options, int row_count) {
  std::vector<AxisTick> ticks;
  const double bin_hz = spectrum_bin_hz(options, row_count);
  for (const double hz : axis_ticks(0.0, options.sample_rate_hz / 2.0, kLinearTicks)) {
    if (hz > options.sample_rate_hz / 2.0) continue;
    ticks.push_back({hz / bin_hz + 0.5, std::to_string(static_cast<int>(hz))});
  }
  return ticks;
}

std::vector<std::string> cepstrum_names(const FeatureOptions& options) {
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(options.cepstrum_count));
  for (int i = 0; i < options.cepstrum_count; ++i) {
    names.push_back(i == 0 && options.use_energy ? "energy" : "c" + std::to_string(i));
  }
  return names;
}

std::vector<AxisTick> cepstrum_ticks(const FeatureOptions& options) {
  const std::vector<std::string> names = cepstrum_names(options);
  std::vector<AxisTick> ticks;
  for (std::size_t i = 0; i < names.size(); i += kCoefficientStep) {
    ticks.push_back({static_cast<double>(i) + 0.5, names[i]});
  }
  return ticks;
}

/// The names of a frame's values before deltas.
std::vector<std::string> value_names(const FeatureExtractor& extractor) {
  const FeatureOptions& options = extractor.options();
  switch (options.kind) {
    case FeatureKind::kLogMel:
    case FeatureKind::kMel:
      return mel_names(options);
    case FeatureKind::kMfcc:
      return cepstrum_names(options);
    case FeatureKind::kLogSpectrogram:
    case FeatureKind::kPowerSpectrogram:
      return spectrum_names(options, extractor.frame_dim());
  }
  return {};
}

std::string value_label(const FeatureOptions& options) {
  std::string label;
  switch (options.kind) {
    case FeatureKind::kLogMel:
      label = "ln of mel energy";
      break;
    case FeatureKind::kMel:
      label = "mel energy";
      break;
    case FeatureKind::kMfcc:
      label = "cepstral coefficient";
      break;
    case FeatureKind::kLogSpectrogram:
      label = "ln of power";
      break;
    case FeatureKind::kPowerSpectrogram:
      label = "power";
      break;
  }
  if (options.normalization == NormalizationKind::kNone) return label;
  return label + (options.normalize_variance ? ", in deviations" : ", mean removed");
}

}  // namespace

SpectrogramAxis feature_axis(const FeatureExtractor& extractor) {
  const FeatureOptions& options = extractor.options();
  SpectrogramAxis axis;
  axis.value_label = value_label(options);
  const bool is_energy =
      options.kind == FeatureKind::kMel || options.kind == FeatureKind::kPowerSpectrogram;
  axis.is_power = is_energy && options.normalization == NormalizationKind::kNone;
  axis.first_is_level = options.use_energy || options.kind == FeatureKind::kMfcc;
  switch (options.kind) {
    case FeatureKind::kLogMel:
    case FeatureKind::kMel:
      axis.label = "frequency in Hz (mel)";
      axis.ticks = mel_ticks(options);
      break;
    case FeatureKind::kMfcc:
      axis.label = "coefficient";
      axis.ticks = cepstrum_ticks(options);
      break;
    case FeatureKind::kLogSpectrogram:
    case FeatureKind::kPowerSpectrogram:
      axis.label = "frequency in Hz";
      axis.ticks = spectrum_ticks(options, extractor.frame_dim());
      break;
  }
  return axis;
}

std::vector<std::string> feature_names(const FeatureExtractor& extractor) {
  const std::vector<std::string> own = value_names(extractor);
  std::vector<std::string> names = own;
  for (int order = 1; order <= extractor.options().delta_order; ++order) {
    const std::string prefix = std::string("d").append(std::to_string(order)).append(" ");
    for (const std::string& name : own) names.push_back(prefix + name);
  }
  return names;
}

}  // namespace harpy::tools

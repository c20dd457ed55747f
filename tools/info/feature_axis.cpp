#include "tools/info/feature_axis.hpp"

#include <array>
#include <cstdio>

#include "frontend/mel_axis.hpp"
#include "tools/pictures/line_chart.hpp"

namespace harpy::tools {

namespace {

/// Frequencies that an axis in mel shows, the most wanted ones first.
constexpr std::array<int, 18> kShownHz{1000, 500,  2000, 4000, 8000, 200, 3000,  6000,  100,
                                       1500, 5000, 7000, 300,  700,  50,  12000, 16000, 24000};
constexpr int kLinearTicks = 7;
constexpr int kCoefficientStep = 2;

std::string hz_name(double hz) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1fHz", hz);
  return text.data();
}

void add_mel_rows(const FeatureOptions& options, FeatureAxis& axis) {
  const MelAxis mel{options.low_freq_hz, upper_edge_hz(options), options.bin_count};
  const double first_row = options.use_energy ? 1.0 : 0.0;
  for (int bin = 0; bin < options.bin_count; ++bin)
    axis.names.push_back(hz_name(mel.hz_of_bin(bin)));
  for (const int hz : kShownHz) {
    const double place = first_row + mel.bin_of_hz(hz) + 0.5;
    if (place < first_row || place > first_row + options.bin_count) continue;
    axis.ticks.push_back({place, std::to_string(hz)});
  }
  axis.label = "frequency in Hz (mel)";
}

void add_spectrum_rows(const FeatureOptions& options, int row_count, FeatureAxis& axis) {
  const double bin_hz = options.sample_rate_hz / (2.0 * (row_count - 1));
  for (int bin = 0; bin < row_count; ++bin) axis.names.push_back(hz_name(bin * bin_hz));
  for (const double hz : axis_ticks(0.0, options.sample_rate_hz / 2.0, kLinearTicks)) {
    if (hz > options.sample_rate_hz / 2.0) continue;
    axis.ticks.push_back({hz / bin_hz + 0.5, std::to_string(static_cast<int>(hz))});
  }
  axis.label = "frequency in Hz";
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

FeatureAxis feature_axis(const FeatureExtractor& extractor) {
  const FeatureOptions& options = extractor.options();
  FeatureAxis axis;
  axis.value_label = value_label(options);
  const bool is_energy =
      options.kind == FeatureKind::kMel || options.kind == FeatureKind::kPowerSpectrogram;
  axis.is_power = is_energy && options.normalization == NormalizationKind::kNone;
  axis.first_is_level = options.use_energy || options.kind == FeatureKind::kMfcc;
  switch (options.kind) {
    case FeatureKind::kLogMel:
    case FeatureKind::kMel:
      if (options.use_energy) {
        axis.names.emplace_back("energy");
        axis.ticks.push_back({0.5, "energy"});
      }
      add_mel_rows(options, axis);
      break;
    case FeatureKind::kMfcc:
      for (int i = 0; i < options.cepstrum_count; ++i) {
        axis.names.push_back(i == 0 && options.use_energy ? "energy" : "c" + std::to_string(i));
        if (i % kCoefficientStep == 0) axis.ticks.push_back({i + 0.5, axis.names.back()});
      }
      axis.label = "coefficient";
      break;
    case FeatureKind::kLogSpectrogram:
    case FeatureKind::kPowerSpectrogram:
      add_spectrum_rows(options, extractor.frame_dim(), axis);
      if (options.use_energy) axis.names.front() = "energy";
      break;
  }
  return axis;
}

std::vector<std::string> feature_names(const FeatureExtractor& extractor) {
  const std::vector<std::string> own = feature_axis(extractor).names;
  std::vector<std::string> names = own;
  for (int order = 1; order <= extractor.options().delta_order; ++order) {
    const std::string prefix = std::string("d").append(std::to_string(order)).append(" ");
    for (const std::string& name : own) names.push_back(prefix + name);
  }
  return names;
}

}  // namespace harpy::tools

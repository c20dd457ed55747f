#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace harpy {

/// What a feature vector holds.
enum class FeatureKind {
  kLogMel,            ///< natural logarithms of mel filter energies ("filterbank")
  kMel,               ///< mel filter energies
  kMfcc,              ///< cosine transform of the log mel energies
  kLogSpectrogram,    ///< natural logarithms of the power spectrum
  kPowerSpectrogram,  ///< power spectrum
};

enum class WindowKind { kPovey, kHamming, kHann, kRectangular };

enum class NormalizationKind {
  kNone,
  kSliding,    ///< over the last frames: streams
  kUtterance,  ///< over all frames: whole recordings only, a stream refuses it
};

/// Features of speech, all as Kaldi defines them, without dither.
struct FeatureOptions {
  FeatureKind kind = FeatureKind::kLogMel;

  /// Of the samples that come in; other rates must be resampled first.
  double sample_rate_hz = 16000.0;

  /// Longer: finer in frequency, coarser in time; the Fourier transform has the next power of two.
  double frame_length_ms = 25.0;
  /// Smaller: more frames a second, more to compute everywhere.
  double frame_shift_ms = 10.0;
  /// True: only frames that lie within the samples. False: frame t is centred on
  /// (t + 1/2) * shift, samples beyond both ends are mirrored; gives one frame every shift.
  bool snip_edges = true;
  /// Subtract each frame's mean.
  bool remove_dc_offset = true;
  /// x[i] - preemphasis * x[i - 1] lifts high frequencies; 0 turns it off, at most 1.
  double preemphasis = 0.97;
  WindowKind window = WindowKind::kPovey;

  /// Mel filters. More: finer in frequency; too many for the transform is an error.
  int bin_count = 80;
  /// Lower edge of the first filter.
  double low_freq_hz = 20.0;
  /// Upper edge of the last filter; 0 or less: counted from half the sample rate.
  double high_freq_hz = 0.0;
  /// Filter energies of the power spectrum; false: of the magnitude spectrum.
  bool use_power = true;

  /// MFCC: values kept, c0 included; at most bin_count.
  int cepstrum_count = 13;
  /// MFCC: scales value i by 1 + lifter/2 * sin(pi * i / lifter); 0: not at all.
  double cepstral_lifter = 22.0;

  /// The log energy of the frame: in front of the mel values, in place of c0 (MFCC) or of the
  /// constant bin (spectrograms).
  bool use_energy = false;
  /// Energy before pre-emphasis and window; false: after them.
  bool raw_energy = true;
  /// Least energy, in squares of 16-bit samples; 0: no floor.
  double energy_floor = 0.0;

  NormalizationKind normalization = NormalizationKind::kNone;
  /// Divide by the standard deviation too.
  bool normalize_variance = false;
  /// Sliding: frames before the current one that count.
  int sliding_window_frames = 600;
  /// Sliding: least frames that count; the first ones wait for as many to arrive. 1: no waiting.
  int sliding_min_frames = 100;

  /// Differences over time behind the values: 0 none, 1 slopes, 2 slopes of slopes.
  int delta_order = 0;
  /// Slopes: frames looked at on each side.
  int delta_window = 2;

  bool operator==(const FeatureOptions&) const = default;
};

/// The upper edge of the last mel filter, in Hz: high_freq_hz, or counted from half the sample
/// rate.
double upper_edge_hz(const FeatureOptions& options);

/// Every field by name, in the order above, as in {"kind", "log_mel"} and {"bin_count", "80"}: for
/// files and for keys of caches.
std::vector<std::pair<std::string, std::string>> feature_option_fields(
    const FeatureOptions& options);

/// Sets one field by its name from its text.
/// Errors: std::invalid_argument for an unknown name or a text that is not such a value.
void set_feature_option(FeatureOptions& options, std::string_view name, std::string_view value);

}  // namespace harpy

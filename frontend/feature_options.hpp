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
  kSliding,    ///< over the last frames, which a stream can do
  kOnline,     ///< over the last frames, begun by the training data's mean (OnlineMean)
  kUtterance,  ///< over all frames, which only whole recordings allow; a stream refuses it
};

/// Which features of speech are computed, and how. All are as Kaldi defines them, without dither.
struct FeatureOptions {
  FeatureKind kind = FeatureKind::kLogMel;

  /// The rate of the samples that come in. Audio of another rate must be resampled first.
  double sample_rate_hz = 16000.0;

  /// How long a frame is. Longer frames are finer in frequency and coarser in time. The Fourier
  /// transform has the next power of two as its length.
  double frame_length_ms = 25.0;
  /// How far apart frames begin. A smaller shift gives more frames a second, and so more to compute
  /// everywhere.
  double frame_shift_ms = 10.0;
  /// If true, only frames that lie wholly within the samples are computed. If false, there is one
  /// frame every shift: frame t is centred on (t + 1/2) * shift, and the samples beyond both ends
  /// are those within, mirrored.
  bool snip_edges = true;
  /// Whether each frame's mean is subtracted from its samples.
  bool remove_dc_offset = true;
  /// Sample x[i] becomes x[i] - preemphasis * x[i - 1], which lifts high frequencies. At most 1; 0
  /// turns it off.
  double preemphasis = 0.97;
  WindowKind window = WindowKind::kPovey;
  /// The variance of white noise, in squares of 16-bit samples, whose expected power is added to
  /// every frame's spectrum. Silence that a microphone, a codec or 16 bits have made of nothing but
  /// zeros then has the level of weak noise (at 1/12, of rounding), not that of the least
  /// logarithm. It does what Kaldi's random `dither` does, and always gives the same features.
  double noise_floor = 0.0;

  /// Number of mel filters. More filters are finer in frequency. More than the Fourier transform
  /// can tell apart are an error.
  int bin_count = 80;
  /// Lower edge of the first filter.
  double low_freq_hz = 20.0;
  /// Upper edge of the last filter. A value of 0 or less is counted from half the sample rate.
  double high_freq_hz = 0.0;
  /// Whether the filters are applied to the power spectrum, not to the magnitude spectrum.
  bool use_power = true;

  /// For MFCC, how many values are kept, c0 included; at most bin_count.
  int cepstrum_count = 13;
  /// For MFCC, value i is scaled by 1 + lifter/2 * sin(pi * i / lifter); with 0 it is not scaled.
  double cepstral_lifter = 22.0;

  /// Whether the log energy of the frame is among the values: in front of mel values, in place of
  /// c0 for MFCC, in place of the constant bin for spectrograms.
  bool use_energy = false;
  /// Whether that energy is computed before pre-emphasis and window, not after them.
  bool raw_energy = true;
  /// The least value of that energy, in squares of 16-bit samples; 0 sets no limit.
  double energy_floor = 0.0;

  NormalizationKind normalization = NormalizationKind::kNone;
  /// Whether normalisation also divides by the standard deviation.
  bool normalize_variance = false;
  /// For sliding normalisation, how many frames before the current one are averaged; for the
  /// online one, how many with it.
  int sliding_window_frames = 600;
  /// For sliding normalisation, the least number of frames that are averaged. The first frames are
  /// held back until so many have arrived; with 1 nothing waits.
  int sliding_min_frames = 100;
  /// For online normalisation, how many frames of the training data's mean stand in the window at
  /// most, while the stream has too few of its own.
  int online_prior_frames = 200;

  /// Which differences over time are appended to the values: with 0 none, with 1 their slopes, with
  /// 2 also the slopes of the slopes.
  int delta_order = 0;
  /// How many frames on each side a slope is computed from.
  int delta_window = 2;

  bool operator==(const FeatureOptions&) const = default;
};

/// The upper edge of the last mel filter, in Hz, where high_freq_hz may be counted from half the
/// sample rate.
double upper_edge_hz(const FeatureOptions& options);

/// Every field with its name and its value as text, in the order above, as {"kind", "log_mel"} and
/// {"bin_count", "80"}. Files and the keys of caches are made of them.
std::vector<std::pair<std::string, std::string>> feature_option_fields(
    const FeatureOptions& options);

/// Sets the field of the given name to the value that a text stands for.
/// Errors: std::invalid_argument for an unknown name or a text that is not such a value.
void set_feature_option(FeatureOptions& options, std::string_view name, std::string_view value);

}  // namespace harpy

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace harpy {

/// How i-vectors are estimated while a stream goes on. The defaults are those of Kaldi's decoders.
struct IvectorOptions {
  /// A new estimate is made every so many frames; more of them follow a speaker faster and cost
  /// more.
  std::int32_t period_frames = 10;
  /// So many Gaussians take part in a frame at most, and none with a smaller posterior than
  /// least_posterior.
  std::int32_t gaussian_count = 5;
  float least_posterior = 0.025F;
  /// Frames count so much each, as neighbours tell much the same.
  float posterior_scale = 0.1F;
  /// Beyond so many scaled frames the prior grows with their number, so that long streams stay as
  /// uncertain as those that the network was trained with; 0: it never does.
  double max_count = 100.0;
  std::int32_t iterations = 15;  ///< of the conjugate gradient, for each estimate
  /// Frames whose mean is subtracted before Gaussians are chosen; at the start of a stream at most
  /// prior_frames of the training data's mean make up for those that are not there.
  std::int32_t mean_frames = 600;
  std::int32_t prior_frames = 200;
  /// Frames of silence count so much of what others do, as far as the words found tell them; 1: as
  /// much, and nothing needs to be known of words.
  float silence_weight = 1.0F;

  /// Whether frames count differently.
  bool weighs_frames() const { return silence_weight != 1.0F; }

  bool operator==(const IvectorOptions&) const = default;
};

/// The arrays of an extractor. F features a frame, D values of a frame with its neighbours, G
/// Gaussians, I values of an i-vector.
struct IvectorParameters {
  std::int32_t feature_dim = 0;     ///< F
  std::int32_t projected_dim = 0;   ///< D
  std::int32_t gaussian_count = 0;  ///< G
  std::int32_t ivector_dim = 0;     ///< I
  std::int32_t left_frames = 0;     ///< neighbours before a frame,
  std::int32_t right_frames = 0;    ///< and behind it
  double prior_offset = 0.0;        ///< mean of the first value of an i-vector
  double mean_count = 0.0;          ///< training frames that mean_sums are the sums of
  std::vector<double> mean_sums;    ///< [F]
  std::vector<float> projection;    ///< [(left + 1 + right) F, D]
  std::vector<float> offset;        ///< [D], added to the projection
  /// log N(x; g) = constants[g] + sum over d of x[d] linear[d, g] + x[d]^2 square[d, g].
  std::vector<float> constants;   ///< [G]
  std::vector<float> linear;      ///< [D, G]
  std::vector<float> square;      ///< [D, G]
  std::vector<double> weighted;   ///< [G, D, I]: inverse covariance times subspace
  std::vector<double> quadratic;  ///< [G, I (I + 1) / 2]: subspace' inverse covariance subspace
};

/// A model of how speakers and rooms sound: a mixture of Gaussians whose means lie in a subspace,
/// the i-vector being the place in it (Dehak et al., 2011; online: Povey's in Kaldi).
///
/// Threads: immutable, shared by any number of streams.
class IvectorExtractor {
 public:
  /// Errors: std::invalid_argument naming an array of a wrong size, or an option out of range.
  IvectorExtractor(IvectorParameters parameters, const IvectorOptions& options);

  const IvectorParameters& parameters() const { return parameters_; }
  const IvectorOptions& options() const { return options_; }
  std::int32_t feature_dim() const { return parameters_.feature_dim; }
  std::int32_t dim() const { return parameters_.ivector_dim; }

 private:
  IvectorParameters parameters_;
  IvectorOptions options_;
};

}  // namespace harpy

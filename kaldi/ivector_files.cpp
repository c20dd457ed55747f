#include "kaldi/ivector_files.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "kaldi/feature_sums.hpp"
#include "kaldi/files/config_file.hpp"
#include "kaldi/files/object_reader.hpp"

namespace harpy::kaldi {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw std::runtime_error(file.string() + ": " + what);
}

/// Kaldi's DiagGmm, as it is written.
struct DiagonalMixture {
  std::vector<float> weights;
  Matrix<float> weighted_means;  ///< means over variances, [Gaussians, dim]
  Matrix<float> precisions;      ///< 1 / variances, [Gaussians, dim]
};

DiagonalMixture read_mixture(const fs::path& file) {
  ObjectReader reader(file);
  if (!reader.take("<DiagGMM>")) reader.expect("<DiagGMMBegin>");
  if (reader.take("<GCONSTS>")) reader.vector<float>();
  DiagonalMixture mixture;
  reader.expect("<WEIGHTS>");
  mixture.weights = reader.vector<float>();
  reader.expect("<MEANS_INVVARS>");
  mixture.weighted_means = reader.matrix<float>();
  reader.expect("<INV_VARS>");
  mixture.precisions = reader.matrix<float>();
  if (!reader.take("</DiagGMM>")) reader.expect("<DiagGMMEnd>");
  const auto gaussian_count = std::ssize(mixture.weights);
  if (gaussian_count == 0 || mixture.weighted_means.rows != gaussian_count ||
      mixture.precisions.rows != gaussian_count || mixture.precisions.columns == 0 ||
      mixture.weighted_means.columns != mixture.precisions.columns) {
    refuse(file, "weights, means and variances of different sizes");
  }
  for (const float precision : mixture.precisions.values) {
    if (!(precision > 0.0F)) refuse(file, "a variance that is not above 0");
  }
  for (const float weight : mixture.weights) {
    if (!(weight > 0.0F)) refuse(file, "a weight that is not above 0");
  }
  return mixture;
}

void set_mixture(const DiagonalMixture& mixture, IvectorParameters& parameters) {
  const std::int64_t gaussians = mixture.precisions.rows;
  const std::int64_t dim = mixture.precisions.columns;
  parameters.gaussian_count = static_cast<std::int32_t>(gaussians);
  parameters.projected_dim = static_cast<std::int32_t>(dim);
  parameters.linear.resize(static_cast<std::size_t>(gaussians * dim));
  parameters.square.resize(parameters.linear.size());
  for (std::int64_t g = 0; g < gaussians; ++g) {
    double constant = std::log(mixture.weights[static_cast<std::size_t>(g)]);
    for (std::int64_t d = 0; d < dim; ++d) {
      const double precision = mixture.precisions.at(g, d);
      const double mean = mixture.weighted_means.at(g, d);
      constant +=
          0.5 * (std::log(precision) - std::log(2.0 * std::numbers::pi) - mean * mean / precision);
      const auto place = static_cast<std::size_t>(d * gaussians + g);
      parameters.linear[place] = static_cast<float>(mean);
      parameters.square[place] = static_cast<float>(-0.5 * precision);
    }
    parameters.constants.push_back(static_cast<float>(constant));
  }
}

/// A symmetric matrix of which the lower triangle is kept.
double packed_at(const std::vector<double>& packed, std::size_t row, std::size_t column) {
  if (column > row) std::swap(row, column);
  return packed[row * (row + 1) / 2 + column];
}

/// Adds what one Gaussian's subspace [D, I] and inverse covariance [D, D] give.
void add_subspace(const Matrix<double>& subspace, const std::vector<double>& precision,
                  IvectorParameters& parameters) {
  const auto dim = static_cast<std::size_t>(subspace.rows);
  const auto ivector_dim = static_cast<std::size_t>(subspace.columns);
  std::vector<double> weighted(dim * ivector_dim);
  for (std::size_t row = 0; row < dim; ++row) {
    for (std::size_t d = 0; d < dim; ++d) {
      const double factor = packed_at(precision, row, d);
      for (std::size_t i = 0; i < ivector_dim; ++i) {
        weighted[row * ivector_dim + i] += factor * subspace.values[d * ivector_dim + i];
      }
    }
  }
  for (std::size_t i = 0; i < ivector_dim; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = 0.0;
      for (std::size_t d = 0; d < dim; ++d) {
        sum += subspace.values[d * ivector_dim + i] * weighted[d * ivector_dim + j];
      }
      parameters.quadratic.push_back(sum);
    }
  }
  parameters.weighted.insert(parameters.weighted.end(), weighted.begin(), weighted.end());
}

void read_extractor(const fs::path& file, IvectorParameters& parameters) {
  ObjectReader reader(file);
  reader.expect("<IvectorExtractor>");
  reader.expect("<w>");
  if (!reader.matrix<double>().values.empty()) {
    throw reader.failure("weights that depend on the i-vector are not supported");
  }
  reader.expect("<w_vec>");
  reader.vector<double>();
  reader.expect("<M>");
  const std::int32_t gaussian_count = reader.count();
  if (gaussian_count != parameters.gaussian_count) {
    throw reader.failure(std::to_string(gaussian_count) + " Gaussians, final.dubm has " +
                         std::to_string(parameters.gaussian_count));
  }
  std::vector<Matrix<double>> subspaces;
  for (std::int32_t g = 0; g < gaussian_count; ++g) {
    const Matrix<double>& subspace = subspaces.emplace_back(reader.matrix<double>());
    if (subspace.rows != parameters.projected_dim || subspace.columns < 1 ||
        subspace.columns != subspaces.front().columns) {
      throw reader.failure("a subspace of a wrong size");
    }
  }
  parameters.ivector_dim = static_cast<std::int32_t>(subspaces.front().columns);
  reader.expect("<SigmaInv>");
  const std::size_t dim = static_cast<std::size_t>(parameters.projected_dim);
  for (const Matrix<double>& subspace : subspaces) {
    const std::vector<double> precision = reader.packed_matrix<double>();
    if (precision.size() != dim * (dim + 1) / 2) throw reader.failure("a variance of a wrong size");
    add_subspace(subspace, precision, parameters);
  }
  reader.expect("<IvectorOffset>");
  parameters.prior_offset = reader.number();
  reader.expect("</IvectorExtractor>");
}

void read_projection(const fs::path& file, IvectorParameters& parameters) {
  ObjectReader reader(file);
  const Matrix<float> matrix = reader.matrix<float>();
  const std::int64_t inputs =
      std::int64_t{parameters.left_frames + 1 + parameters.right_frames} * parameters.feature_dim;
  if (matrix.rows != parameters.projected_dim ||
      (matrix.columns != inputs && matrix.columns != inputs + 1)) {
    refuse(file, "a matrix [" + std::to_string(matrix.rows) + ", " +
                     std::to_string(matrix.columns) + "], expected [" +
                     std::to_string(parameters.projected_dim) + ", " + std::to_string(inputs) +
                     " or one more]");
  }
  for (std::int64_t i = 0; i < inputs; ++i) {
    for (std::int64_t d = 0; d < matrix.rows; ++d) parameters.projection.push_back(matrix.at(d, i));
  }
  for (std::int64_t d = 0; d < matrix.rows; ++d) {
    parameters.offset.push_back(matrix.columns > inputs ? matrix.at(d, inputs) : 0.0F);
  }
}

void read_mean(const fs::path& file, IvectorParameters& parameters) {
  FeatureSums sums = read_feature_sums(file);
  parameters.feature_dim = static_cast<std::int32_t>(sums.sums.size());
  parameters.mean_sums = std::move(sums.sums);
  parameters.mean_count = sums.frame_count;
}

/// Vosk has it beside the extractor, Kaldi's folders for online decoding have it in conf/.
fs::path configuration_file(const fs::path& folder, const char* name) {
  std::error_code ignored;
  const fs::path elsewhere = folder.parent_path() / "conf" / name;
  const bool is_elsewhere = !fs::exists(folder / name, ignored) && fs::exists(elsewhere, ignored);
  return is_elsewhere ? elsewhere : folder / name;
}

}  // namespace

std::shared_ptr<const IvectorExtractor> read_ivector_files(const fs::path& folder,
                                                           IvectorOptions options) {
  IvectorParameters parameters;
  constexpr std::int32_t kDefaultNeighbours = 4;
  ConfigFile splice(configuration_file(folder, "splice.conf"));
  parameters.left_frames = splice.integer("left-context", kDefaultNeighbours);
  parameters.right_frames = splice.integer("right-context", kDefaultNeighbours);
  splice.refuse_others();
  constexpr std::int32_t kMostNeighbours = 1000;
  if (parameters.left_frames > kMostNeighbours) splice.refuse("left-context", "at most 1,000");
  if (parameters.right_frames > kMostNeighbours) splice.refuse("right-context", "at most 1,000");
  ConfigFile means(configuration_file(folder, "online_cmvn.conf"));
  options.mean_frames = means.integer("cmn-window", options.mean_frames, 1);
  options.prior_frames = means.integer("global-frames", options.prior_frames);
  means.integer("speaker-frames", 0);  // a stream is a speaker
  if (!means.boolean("norm-means", true)) means.refuse("norm-means", "true");
  if (means.boolean("norm-vars", false)) means.refuse("norm-vars", "false");
  means.refuse_others();
  read_mean(folder / "global_cmvn.stats", parameters);
  set_mixture(read_mixture(folder / "final.dubm"), parameters);
  read_projection(folder / "final.mat", parameters);
  read_extractor(folder / "final.ie", parameters);
  try {
    return std::make_shared<const IvectorExtractor>(std::move(parameters), options);
  } catch (const std::invalid_argument& error) {
    refuse(folder, error.what());
  }
}

}  // namespace harpy::kaldi

#include "kaldi/feature_sums.hpp"

#include <cmath>
#include <stdexcept>

#include "kaldi/files/object_reader.hpp"

namespace harpy::kaldi {

std::vector<double> FeatureSums::means() const {
  std::vector<double> means = sums;
  for (double& mean : means) mean /= frame_count;
  return means;
}

FeatureSums read_feature_sums(const std::filesystem::path& file) {
  ObjectReader reader(file);
  const Matrix<double> statistics = reader.matrix<double>();
  if (statistics.rows < 1 || statistics.columns < 2) {
    throw std::runtime_error(file.string() + ": no sums of features");
  }
  const std::int64_t dim = statistics.columns - 1;
  FeatureSums found{.frame_count = statistics.at(0, dim),
                    .sums = {statistics.values.begin(), statistics.values.begin() + dim}};
  if (!(found.frame_count > 0.0)) throw std::runtime_error(file.string() + ": sums over no frames");
  for (const double sum : found.sums) {
    if (!std::isfinite(sum)) throw std::runtime_error(file.string() + ": a sum that is no number");
  }
  return found;
}

}  // namespace harpy::kaldi

#include "frontend/ivector/ivector_extractor.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace harpy {
namespace {

void require_ivector(bool fulfilled, const std::string& expected) {
  if (!fulfilled) throw std::invalid_argument("i-vector extractor: expected " + expected);
}

}  // namespace

IvectorExtractor::IvectorExtractor(IvectorParameters parameters, const IvectorOptions& options)
    : parameters_(std::move(parameters)), options_(options) {
  const IvectorParameters& p = parameters_;
  constexpr std::int32_t kLargest = 1 << 16;
  for (const std::int32_t size :
       {p.feature_dim, p.projected_dim, p.gaussian_count, p.ivector_dim}) {
    require_ivector(size >= 1 && size <= kLargest, "sizes of 1 to 65,536");
  }
  require_ivector(
      p.left_frames >= 0 && p.right_frames >= 0 && p.left_frames + p.right_frames <= 1000,
      "at most 1,000 neighbours of a frame");
  const auto f = static_cast<std::size_t>(p.feature_dim);
  const auto d = static_cast<std::size_t>(p.projected_dim);
  const auto g = static_cast<std::size_t>(p.gaussian_count);
  const auto i = static_cast<std::size_t>(p.ivector_dim);
  const std::size_t window =
      static_cast<std::size_t>(p.left_frames) + 1 + static_cast<std::size_t>(p.right_frames);
  require_ivector(p.mean_sums.size() == f && p.mean_count > 0.0, "the mean of the training data");
  require_ivector(p.projection.size() == window * f * d && p.offset.size() == d,
                  "a projection from the neighbours of a frame");
  require_ivector(p.constants.size() == g && p.linear.size() == d * g && p.square.size() == d * g,
                  "a mixture of as many Gaussians as there are");
  require_ivector(p.weighted.size() == g * d * i && p.quadratic.size() == g * i * (i + 1) / 2,
                  "a subspace for each Gaussian");
  require_ivector(options.period_frames >= 1 && options.gaussian_count >= 1 &&
                      options.iterations >= 1 && options.mean_frames >= 1 &&
                      options.mean_frames <= 100'000 && options.prior_frames >= 0,
                  "counts of at least 1");
  require_ivector(options.least_posterior >= 0.0F && options.least_posterior < 1.0F &&
                      options.posterior_scale > 0.0F && options.max_count >= 0.0,
                  "posteriors and counts of at least 0");
  require_ivector(options.silence_weight >= 0.0F && options.silence_weight <= 1.0F,
                  "a weight of silence from 0 to 1");
}

}  // namespace harpy

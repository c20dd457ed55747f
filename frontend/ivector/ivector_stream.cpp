#include "frontend/ivector/ivector_stream.hpp"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "frontend/ivector/ivector_sums.hpp"

namespace harpy {
namespace {

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

std::vector<double> training_means(const IvectorParameters& parameters) {
  std::vector<double> means = parameters.mean_sums;
  for (double& mean : means) mean /= parameters.mean_count;
  return means;
}

/// How many frames may be counted again.
std::int64_t kept_frames(const IvectorOptions& options) {
  return options.weighs_frames() ? IvectorStream::kReweighedFrames : 1;
}

std::size_t triangle_size(std::int32_t dim) {
  return static_cast<std::size_t>(dim) * (static_cast<std::size_t>(dim) + 1) / 2;
}

}  // namespace

IvectorStream::IvectorStream(std::shared_ptr<const IvectorExtractor> extractor)
    : extractor_(std::move(extractor)),
      mean_(training_means(extractor_->parameters()),
            {.frames = extractor_->options().mean_frames,
             .prior_frames = extractor_->options().prior_frames}),
      raw_(extractor_->parameters().left_frames + 1 + extractor_->parameters().right_frames,
           extractor_->feature_dim()),
      normalized_(raw_),
      projected_(kept_frames(extractor_->options()), extractor_->parameters().projected_dim),
      projected_normalized_(projected_),
      counted_weights_(kept_frames(extractor_->options()), 1),
      log_likelihoods_(static_cast<std::size_t>(extractor_->parameters().gaussian_count)),
      linear_(static_cast<std::size_t>(extractor_->dim())),
      quadratic_(triangle_size(extractor_->dim())),
      solution_(linear_.size()),
      residual_(linear_.size()),
      direction_(linear_.size()),
      product_(linear_.size()),
      ivector_(linear_.size()) {
  linear_[0] = extractor_->parameters().prior_offset;
  solution_[0] = extractor_->parameters().prior_offset;
  for (std::int32_t i = 0; i < extractor_->dim(); ++i) quadratic_[triangle_size(i + 1) - 1] = 1.0;
}

void IvectorStream::accept(std::span<const float> frame) {
  mean_.subtract(frame, normalized_.frame(frame_count_));
  std::ranges::copy(frame, raw_.frame(frame_count_).begin());
  ++frame_count_;
  const std::int64_t t = frame_count_ - 1 - extractor_->parameters().right_frames;
  if (t < 0) return;
  count_frame(t);
  if (t % extractor_->options().period_frames == 0) estimate();
}

void IvectorStream::weigh(const FrameWeights& weights, std::int64_t frames_each) {
  if (!extractor_->options().weighs_frames()) {
    throw std::logic_error("i-vectors: weights of frames that all count alike");
  }
  weights_ = weights;
  frames_each_ = frames_each;
  const std::int64_t oldest = std::max<std::int64_t>(0, counted_frames_ - kReweighedFrames);
  for (std::int64_t t = std::max(oldest, weights.first_frame * frames_each); t < counted_frames_;
       ++t) {
    float& counted = counted_weights_.frame(t)[0];
    const float weight = weight_of(t);
    add_statistics(t, weight - counted);
    counted = weight;
  }
}

float IvectorStream::weight_of(std::int64_t t) const {
  const std::int64_t place = t / frames_each_ - weights_.first_frame;
  return weights_.values[static_cast<std::size_t>(
      std::clamp<std::int64_t>(place, 0, std::ssize(weights_.values) - 1))];
}

void IvectorStream::project(Ring& frames, std::int64_t t, std::span<float> projected) {
  const IvectorParameters& p = extractor_->parameters();
  std::ranges::copy(p.offset, projected.begin());
  const float* weights = p.projection.data();
  for (std::int64_t neighbour = t - p.left_frames; neighbour <= t + p.right_frames; ++neighbour) {
    const std::span<const float> frame = frames.frame(std::max<std::int64_t>(neighbour, 0));
    ivector_sums::add_product(frame, weights, projected);
    weights += frame.size() * projected.size();
  }
}

void IvectorStream::choose_gaussians(std::span<const float> projected, float weight) {
  const IvectorParameters& p = extractor_->parameters();
  const IvectorOptions& options = extractor_->options();
  std::ranges::copy(p.constants, log_likelihoods_.begin());
  ivector_sums::add_quadratic(projected, p.linear.data(), p.square.data(), log_likelihoods_);
  const float largest = *std::ranges::max_element(log_likelihoods_);
  const float least = std::min(0.99F, options.least_posterior / std::abs(weight));
  const float threshold = largest + std::log(least);
  chosen_.clear();
  for (std::size_t g = 0; g < log_likelihoods_.size(); ++g) {
    const float score = log_likelihoods_[g];
    if (score <= threshold) continue;
    chosen_.push_back({static_cast<std::int32_t>(g), std::exp(score - largest)});
  }
  // Of equal ones the first, without memory as std::stable_sort takes it.
  std::ranges::sort(chosen_, {}, [](const Chosen& chosen) {
    return std::pair(-chosen.posterior, chosen.gaussian);
  });
  chosen_.resize(std::min(chosen_.size(), static_cast<std::size_t>(options.gaussian_count)));
  float total = 0.0F;
  for (const Chosen& chosen : chosen_) total += chosen.posterior;
  const float cutoff = least * total;
  while (chosen_.size() > 1 && chosen_.back().posterior < cutoff) {
    total -= chosen_.back().posterior;
    chosen_.pop_back();
  }
  for (Chosen& chosen : chosen_) chosen.posterior *= options.posterior_scale * weight / total;
}

void IvectorStream::count_frame(std::int64_t t) {
  project(raw_, t, projected_.frame(t));
  project(normalized_, t, projected_normalized_.frame(t));
  const float weight = weight_of(t);
  counted_weights_.frame(t)[0] = weight;
  add_statistics(t, weight);
  counted_frames_ = t + 1;
}

void IvectorStream::add_statistics(std::int64_t t, float weight) {
  if (weight == 0.0F) return;
  const IvectorParameters& p = extractor_->parameters();
  const IvectorOptions& options = extractor_->options();
  choose_gaussians(projected_normalized_.frame(t), weight);
  const std::span<const float> projected = projected_.frame(t);
  double total = 0.0;
  for (const Chosen& chosen : chosen_) {
    const auto g = static_cast<std::size_t>(chosen.gaussian);
    const double posterior = chosen.posterior;
    ivector_sums::add_scaled_product(
        posterior, projected, p.weighted.data() + g * projected.size() * linear_.size(), linear_);
    ivector_sums::add_scaled(posterior, p.quadratic.data() + g * quadratic_.size(), quadratic_);
    total += posterior;
  }
  const double before = count_;
  count_ += total;
  if (options.max_count <= 0.0) return;
  const double more = (std::max(count_, options.max_count) - std::max(before, options.max_count)) /
                      options.max_count;
  linear_[0] += p.prior_offset * more;
  for (std::int32_t i = 0; i < extractor_->dim(); ++i) quadratic_[triangle_size(i + 1) - 1] += more;
}

void IvectorStream::estimate() {
  ++estimate_count_;
  const double offset = extractor_->parameters().prior_offset;
  if (solution_[0] == 0.0) solution_[0] = offset;
  solve_by_conjugate_gradient();
  std::ranges::copy(solution_, ivector_.begin());
  ivector_[0] = static_cast<float>(solution_[0] - offset);
}

void IvectorStream::multiply(std::span<const double> x, std::span<double> y) const {
  const double* row = quadratic_.data();
  for (std::size_t i = 0; i < x.size(); ++i, row += i) {
    double sum = row[i] * x[i];
    for (std::size_t j = 0; j < i; ++j) {
      sum += row[j] * x[j];
      y[j] += row[j] * x[i];
    }
    y[i] = sum;
  }
}

// Kaldi's steps, so that the estimates are its own: a warm start, few iterations, and the residual
// computed anew when it has changed a hundredfold.
void IvectorStream::solve_by_conjugate_gradient() {
  constexpr double kChange = 1e-4;
  const auto compute_residual = [&] {
    multiply(solution_, residual_);
    ivector_sums::add_scaled(-1.0, linear_.data(), residual_);
    return dot(residual_, residual_);
  };
  double squares = compute_residual();
  double last_exact = squares;
  for (std::size_t i = 0; i < direction_.size(); ++i) direction_[i] = -residual_[i];
  for (std::int32_t iteration = 0;
       squares > DBL_MIN && iteration < extractor_->options().iterations; ++iteration) {
    multiply(direction_, product_);
    const double step = -dot(direction_, residual_) / dot(direction_, product_);
    ivector_sums::add_scaled(step, direction_.data(), solution_);
    ivector_sums::add_scaled(step, product_.data(), residual_);
    double next = dot(residual_, residual_);
    if (next < last_exact * kChange || next > last_exact / kChange) {
      next = compute_residual();
      last_exact = next;
    }
    if (next <= DBL_MIN) break;
    for (std::size_t i = 0; i < direction_.size(); ++i) {
      direction_[i] = direction_[i] * (next / squares) - residual_[i];
    }
    squares = next;
  }
}

}  // namespace harpy

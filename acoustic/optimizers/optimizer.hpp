#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "acoustic/network.hpp"

namespace harpy {

/// A rule that moves parameters along their gradients. The first step makes a set of moments for
/// each parameter, so every step must bring the same parameters in the same order.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// One update of every parameter from its gradient; gradients stay as they are. Each parameter's
  /// own l2 is applied as decoupled weight decay (Loshchilov and Hutter, 2019).
  /// Errors: std::invalid_argument for a parameter without gradient or other parameters than
  /// before.
  void step(Backend& backend, std::span<Parameter* const> parameters, float learning_rate);

  /// The number of steps taken. Together with `state` it is all that a checkpoint needs for an
  /// exact resume.
  std::int64_t step_count() const { return step_count_; }
  void set_step_count(std::int64_t count) { step_count_ = count; }
  /// The moments, "moment1.<index>" and so on, made (zero) for these parameters if there are none
  /// yet.
  std::vector<NamedTensor> state(Backend& backend, std::span<Parameter* const> parameters);

 protected:
  explicit Optimizer(std::size_t moment_count) : moments_(moment_count) {}

  /// Moment `moment` of parameter `index`.
  Tensor& moment(std::size_t moment, std::size_t index) { return moments_[moment][index]; }

 private:
  virtual void update(Backend& backend, Parameter& parameter, std::size_t index,
                      float learning_rate) = 0;
  void prepare(Backend& backend, std::span<Parameter* const> parameters);

  std::int64_t step_count_ = 0;
  std::vector<std::vector<Tensor>> moments_;  ///< [moment][parameter]
};

/// Scales all gradients by one factor so that their joint Euclidean norm is at most `limit`;
/// returns the norm before.
double clip_gradients(Backend& backend, std::span<Parameter* const> parameters, double limit);

}  // namespace harpy

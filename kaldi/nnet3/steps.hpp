#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "kaldi/nnet3/component.hpp"

namespace harpy::kaldi {

/// One summand of a column: scale times a column of a step's output, `time` frames later.
struct Term {
  std::int32_t step = 0;
  std::int32_t time = 0;
  std::int32_t column = 0;
  double scale = 1.0;
};

/// A column of a value: the sum of its terms and a constant.
struct ValueColumn {
  std::vector<Term> terms;
  double constant = 0.0;
};

/// What a node gives at time t, as a linear function of what steps give around t.
///
/// All that is linear is kept as such a function and multiplied out, until something that is not
/// linear, or a map to fewer columns, makes a step of it. So affine maps, normalisation, appending,
/// delays, sums, scales and permutations vanish into the weights of the steps behind them.
using Value = std::vector<ValueColumn>;

/// The weights of an affine step for one other step at one time: [inputs, outputs].
struct StepTap {
  std::int32_t step = 0;
  std::int32_t time = 0;
  Matrix<float> weight;
};

// What steps compute. The steps they work on stand before them.

struct InputStep {};
struct AffineStep {
  std::vector<StepTap> taps;  ///< ordered by step, then by time
  std::vector<float> bias;
};
struct ScaleStep {
  std::int32_t step = 0;
  std::vector<float> scale, shift;
};
struct FunctionStep {
  std::int32_t step = 0;
  ActivationKind kind = ActivationKind::kRelu;
};
struct NormalizationStep {
  std::int32_t step = 0;
  RmsNormalization function;
};
struct LogSoftmaxStep {
  std::int32_t step = 0;
};
struct ConvolutionStep {
  std::int32_t step = 0;
  HeightConvolution function;
};
/// bypass_scale times one step plus another, which no way from the input leads to but through it.
struct BypassStep {
  std::int32_t bypass = 0;
  double bypass_scale = 1.0;
  std::int32_t branch = 0;
};

struct Step {
  std::variant<InputStep, AffineStep, ScaleStep, FunctionStep, NormalizationStep, LogSoftmaxStep,
               ConvolutionStep, BypassStep>
      work;
  std::int64_t dim = 0;
};

/// The steps of a network in an order in which they can be computed; the first is the input.
class StepGraph {
 public:
  explicit StepGraph(std::int64_t input_dim) : steps_{{InputStep{}, input_dim}}, passed_{{0}} {}

  std::size_t size() const { return steps_.size(); }
  const Step& at(std::int32_t step) const { return steps_[static_cast<std::size_t>(step)]; }
  std::int32_t add(Step step);

  /// The steps that every way from the input to `step` passes, in order; the last is itself.
  const std::vector<std::int32_t>& passed(std::int32_t step) const {
    return passed_[static_cast<std::size_t>(step)];
  }
  bool always_passes(std::int32_t step, std::int32_t through) const;

  /// The output of a step as a value.
  Value value_of(std::int32_t step) const;
  /// The step whose output the value is, making one if there is none.
  /// Errors: std::invalid_argument if all weights together become too many.
  std::int32_t step_of(const Value& value);
  /// A value none of whose columns is a sum over several steps: those become a step.
  Value settled(Value value);
  /// scale * value + shift, column by column.
  Value scaled(Value value, const ScaleAndShift& map);

 private:
  std::int32_t add_affine(const Value& value);
  /// The step for a value of the form of a BypassStep, or -1.
  std::int32_t add_bypass(const Value& value);

  std::vector<Step> steps_;
  std::vector<std::vector<std::int32_t>> passed_;
  std::int64_t weight_count_ = 0;  ///< of all affine steps
};

/// The steps that a step works on.
std::vector<std::int32_t> sources_of(const Step& step);

}  // namespace harpy::kaldi

#include "kaldi/nnet3/steps.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

namespace harpy::kaldi {

namespace {

struct SourceVisitor {
  std::vector<std::int32_t> operator()(const InputStep&) const { return {}; }
  std::vector<std::int32_t> operator()(const AffineStep& work) const {
    std::vector<std::int32_t> sources;
    for (const StepTap& tap : work.taps) {
      if (sources.empty() || sources.back() != tap.step) sources.push_back(tap.step);
    }
    return sources;
  }
  std::vector<std::int32_t> operator()(const BypassStep& work) const {
    return {work.bypass, work.branch};
  }
  template <typename Work>
  std::vector<std::int32_t> operator()(const Work& work) const {
    return {work.step};
  }
};

/// Whether each column d is made of column d of one step at its own time. Returns that step.
std::optional<std::int32_t> single_step(const Value& value) {
  for (std::size_t d = 0; d < value.size(); ++d) {
    const std::vector<Term>& terms = value[d].terms;
    if (terms.size() != 1 || terms[0].step != value[0].terms[0].step || terms[0].time != 0 ||
        terms[0].column != static_cast<std::int32_t>(d)) {
      return std::nullopt;
    }
  }
  return value.empty() ? std::nullopt : std::optional(value[0].terms[0].step);
}

/// The scale of a convolution's filters, if all heights of a filter have one.
std::optional<std::vector<float>> filter_scales(const HeightConvolution& function,
                                                const std::vector<float>& scale) {
  const auto filter_count = static_cast<std::size_t>(function.filters_out);
  for (std::size_t i = filter_count; i < scale.size(); ++i) {
    if (scale[i] != scale[i - filter_count]) return std::nullopt;
  }
  return std::vector<float>(scale.begin(), scale.begin() + function.filters_out);
}

/// The step whose outputs are those of another one times `scale`, if it has weights to take it up.
std::optional<Step> with_scaled_weights(const Step& step, const std::vector<float>& scale) {
  Step scaled = step;
  if (auto* const affine = std::get_if<AffineStep>(&scaled.work)) {
    for (StepTap& tap : affine->taps) {
      for (std::size_t i = 0; i < tap.weight.values.size(); ++i) {
        tap.weight.values[i] *= scale[i % scale.size()];
      }
    }
    for (std::size_t d = 0; d < scale.size(); ++d) affine->bias[d] *= scale[d];
    return scaled;
  }
  if (auto* const convolution = std::get_if<ConvolutionStep>(&scaled.work)) {
    HeightConvolution& function = convolution->function;
    const auto of_filters = filter_scales(function, scale);
    if (!of_filters) return std::nullopt;
    for (std::size_t i = 0; i < function.weight.values.size(); ++i) {
      const std::size_t filter = i / static_cast<std::size_t>(function.weight.columns);
      function.weight.values[i] *= (*of_filters)[filter];
    }
    for (std::size_t f = 0; f < of_filters->size(); ++f) function.bias[f] *= (*of_filters)[f];
    return scaled;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::int32_t> sources_of(const Step& step) {
  return std::visit(SourceVisitor{}, step.work);
}

std::int32_t StepGraph::add(Step step) {
  const std::vector<std::int32_t> sources = sources_of(step);
  std::vector<std::int32_t> common =
      sources.empty() ? std::vector<std::int32_t>{0} : passed(sources.front());
  for (const std::int32_t source : sources) {
    std::vector<std::int32_t> both;
    std::ranges::set_intersection(common, passed(source), std::back_inserter(both));
    common = std::move(both);
  }
  const auto number = static_cast<std::int32_t>(steps_.size());
  common.push_back(number);
  steps_.push_back(std::move(step));
  passed_.push_back(std::move(common));
  return number;
}

bool StepGraph::always_passes(std::int32_t step, std::int32_t through) const {
  return std::ranges::binary_search(passed(step), through);
}

Value StepGraph::value_of(std::int32_t step) const {
  Value value(static_cast<std::size_t>(at(step).dim));
  for (std::size_t d = 0; d < value.size(); ++d) {
    value[d].terms = {{.step = step, .column = static_cast<std::int32_t>(d)}};
  }
  return value;
}

std::int32_t StepGraph::step_of(const Value& value) {
  const std::optional<std::int32_t> step = single_step(value);
  if (!step || at(*step).dim != std::ssize(value)) {
    const std::int32_t bypass = add_bypass(value);
    return bypass >= 0 ? bypass : add_affine(value);
  }
  ScaleStep work{.step = *step};
  bool is_unchanged = true;
  for (const ValueColumn& column : value) {
    work.scale.push_back(static_cast<float>(column.terms[0].scale));
    work.shift.push_back(static_cast<float>(column.constant));
    is_unchanged = is_unchanged && work.scale.back() == 1.0F && work.shift.back() == 0.0F;
  }
  return is_unchanged ? *step : add({std::move(work), std::ssize(value)});
}

std::int32_t StepGraph::add_affine(const Value& value) {
  AffineStep work;
  std::map<std::pair<std::int32_t, std::int32_t>, std::size_t> taps;
  for (const ValueColumn& column : value) {
    for (const Term& term : column.terms) taps.try_emplace({term.step, term.time}, 0);
    work.bias.push_back(static_cast<float>(column.constant));
  }
  if (taps.empty()) taps.try_emplace({0, 0}, 0);  // a constant, whatever the input is
  const std::int64_t outputs = std::ssize(value);
  constexpr std::int64_t kMostWeights = std::int64_t{1} << 28;
  for (auto& [place, index] : taps) {
    weight_count_ += at(place.first).dim * outputs;
    if (weight_count_ > kMostWeights) throw std::invalid_argument("too many weights");
    index = work.taps.size();
    StepTap& tap = work.taps.emplace_back(StepTap{.step = place.first, .time = place.second});
    tap.weight = {.rows = at(place.first).dim, .columns = outputs};
    tap.weight.values.resize(static_cast<std::size_t>(tap.weight.rows * outputs));
  }
  for (std::int64_t d = 0; d < outputs; ++d) {
    for (const Term& term : value[static_cast<std::size_t>(d)].terms) {
      StepTap& tap = work.taps[taps.at({term.step, term.time})];
      tap.weight.values[static_cast<std::size_t>(term.column * outputs + d)] +=
          static_cast<float>(term.scale);
    }
  }
  return add({std::move(work), outputs});
}

std::int32_t StepGraph::add_bypass(const Value& value) {
  if (value.empty() || value[0].terms.size() != 2) return -1;
  BypassStep work{.bypass = value[0].terms[0].step, .branch = value[0].terms[1].step};
  const bool is_swapped = !always_passes(work.branch, work.bypass);
  if (is_swapped) std::swap(work.bypass, work.branch);
  if (work.bypass == work.branch || !always_passes(work.branch, work.bypass)) return -1;
  if (at(work.bypass).dim != std::ssize(value) || at(work.branch).dim != std::ssize(value)) {
    return -1;
  }
  work.bypass_scale = value[0].terms[is_swapped ? 1 : 0].scale;
  if (work.bypass_scale < 0.0 || work.bypass_scale > 1.0) return -1;
  Value branch = value;
  for (std::size_t d = 0; d < value.size(); ++d) {
    const auto of_step = [&](std::int32_t step) {
      return std::ranges::find(value[d].terms, step, &Term::step);
    };
    const auto bypassed = of_step(work.bypass);
    const auto branched = of_step(work.branch);
    const auto end = value[d].terms.end();
    const bool fits = value[d].terms.size() == 2 && bypassed != end && branched != end &&
                      bypassed->scale == work.bypass_scale && bypassed->time == 0 &&
                      branched->time == 0 && bypassed->column == static_cast<std::int32_t>(d) &&
                      branched->column == static_cast<std::int32_t>(d);
    if (!fits) return -1;
    branch[d].terms = {*branched};
  }
  work.branch = step_of(branch);
  return add({work, std::ssize(value)});
}

Value StepGraph::settled(Value value) {
  const bool is_sum = std::ranges::any_of(value, [](const ValueColumn& column) {
    return std::ranges::any_of(
        column.terms, [&](const Term& term) { return term.step != column.terms.front().step; });
  });
  if (!is_sum) return value;
  // The constants go on, so that a branch can end with its function.
  Value moving = value;
  for (ValueColumn& column : moving) column.constant = 0.0;
  Value settled = value_of(step_of(moving));
  for (std::size_t d = 0; d < value.size(); ++d) settled[d].constant = value[d].constant;
  return settled;
}

Value StepGraph::scaled(Value value, const ScaleAndShift& map) {
  // relu(g x) = g relu(x): the weights before a rectifier take up the scale behind it.
  const std::optional<std::int32_t> step = single_step(value);
  const auto* const function = step && at(*step).dim == std::ssize(value)
                                   ? std::get_if<FunctionStep>(&at(*step).work)
                                   : nullptr;
  const bool is_positive = std::ranges::all_of(map.scale, [](float g) { return g > 0.0F; });
  if (function != nullptr && function->kind == ActivationKind::kRelu && is_positive &&
      std::ranges::all_of(value, [](const ValueColumn& column) {
        return column.terms[0].scale == 1.0 && column.constant == 0.0;
      })) {
    if (auto before = with_scaled_weights(at(function->step), map.scale)) {
      const std::int32_t rectified = add(std::move(*before));
      Value result = value_of(
          add({FunctionStep{.step = rectified, .kind = ActivationKind::kRelu}, std::ssize(value)}));
      for (std::size_t d = 0; d < result.size(); ++d) result[d].constant = map.offset[d];
      return result;
    }
  }
  for (std::size_t d = 0; d < value.size(); ++d) {
    for (Term& term : value[d].terms) term.scale *= map.scale[d];
    value[d].constant = value[d].constant * map.scale[d] + map.offset[d];
  }
  return value;
}

}  // namespace harpy::kaldi

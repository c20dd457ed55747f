#include "kaldi/nnet3/component.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "kaldi/nnet3/component_fields.hpp"
#include "kaldi/nnet3/component_type.hpp"

namespace harpy::kaldi {

namespace {

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

void check_bias(const ComponentFields& fields, std::vector<float>& bias, std::int64_t outputs) {
  if (bias.empty()) bias.resize(static_cast<std::size_t>(outputs));
  if (std::ssize(bias) != outputs) fields.refuse("weights and bias that do not fit");
}

AffineMap checked(const ComponentFields& fields, AffineMap map) {
  if (map.weight.values.empty()) fields.refuse("no weights");
  check_bias(fields, map.bias, map.weight.rows);
  if (map.offsets.empty() || map.weight.columns % std::ssize(map.offsets) != 0) {
    fields.refuse("weights that do not fit the time offsets");
  }
  return map;
}

/// What training has counted of a component's values; nothing that a result depends on.
void skip_statistics(ComponentFields& fields) {
  fields.skip_vector("<ValueAvg>");
  fields.skip_vector("<DerivAvg>");
  fields.skip_number("<Count>");
}

ComponentFunction read_affine(ComponentFields& fields) {
  fields.skip_training();
  AffineMap map{.weight = fields.matrix("<LinearParams>"), .bias = fields.vector("<BiasParams>")};
  fields.skip_integer("<RankIn>");
  fields.skip_integer("<RankOut>");
  fields.skip_number("<OrthonormalConstraint>");
  fields.skip_integer("<UpdatePeriod>");
  fields.skip_number("<NumSamplesHistory>");
  fields.skip_number("<Alpha>");
  fields.skip_number("<MaxChangePerSample>");
  fields.skip_boolean("<IsGradient>");
  fields.skip_number("<OrthonormalConstraint>");
  fields.skip_number("<UpdateCount>");
  fields.skip_number("<ActiveScalingCount>");
  fields.skip_number("<MaxChangeScaleStats>");
  return checked(fields, std::move(map));
}

ComponentFunction read_linear(ComponentFields& fields) {
  fields.skip_training();
  AffineMap map{.weight = fields.matrix("<Params>"), .bias = {}};
  fields.skip_number("<OrthonormalConstraint>");
  fields.skip_boolean("<UseNaturalGradient>");
  fields.skip_integers("<RankInOut>");
  fields.skip_number("<Alpha>");
  fields.skip_number("<NumSamplesHistory>");
  fields.skip_integer("<UpdatePeriod>");
  return checked(fields, std::move(map));
}

ComponentFunction read_fixed_affine(ComponentFields& fields) {
  AffineMap map{.weight = fields.matrix("<LinearParams>"), .bias = fields.vector("<BiasParams>")};
  return checked(fields, std::move(map));
}

ComponentFunction read_tdnn(ComponentFields& fields) {
  fields.skip_training();
  AffineMap map;
  map.offsets = fields.integers("<TimeOffsets>");
  map.weight = fields.matrix("<LinearParams>");
  map.bias = fields.vector("<BiasParams>");
  fields.skip_number("<OrthonormalConstraint>");
  fields.skip_natural_gradient();
  return checked(fields, std::move(map));
}

ComponentFunction read_convolution(ComponentFields& fields) {
  fields.skip_training();
  fields.expect("<Model>");
  fields.expect("<ConvolutionModel>");
  HeightConvolution map;
  map.filters_in = fields.dim("<NumFiltersIn>");
  map.filters_out = fields.dim("<NumFiltersOut>");
  map.height_in = fields.dim("<HeightIn>");
  map.height_out = fields.dim("<HeightOut>");
  map.stride = fields.dim("<HeightSubsampleOut>");
  map.offsets = fields.integer_pairs("<Offsets>");
  fields.integers("<RequiredTimeOffsets>");  // others are there but at the ends of a recording
  fields.expect("</ConvolutionModel>");
  map.weight = fields.matrix("<LinearParams>");
  map.bias = fields.vector("<BiasParams>");
  fields.skip_number("<MaxMemoryMb>");
  fields.skip_natural_gradient();
  check_bias(fields, map.bias, map.filters_out);
  if (map.offsets.empty() || map.weight.rows != map.filters_out ||
      map.weight.columns != std::ssize(map.offsets) * map.filters_in ||
      map.filters_in * map.height_in > kLargestDim ||
      map.filters_out * map.height_out > kLargestDim) {
    fields.refuse("weights that do not fit the convolution");
  }
  return map;
}

/// Repeats a block of values until there are `dim`.
std::vector<float> repeated(const ComponentFields& fields, const std::vector<float>& block,
                            std::int64_t dim) {
  if (block.empty() || dim % std::ssize(block) != 0) fields.refuse("a block that does not fit");
  std::vector<float> values;
  while (std::ssize(values) < dim) values.insert(values.end(), block.begin(), block.end());
  return values;
}

ComponentFunction read_batch_norm(ComponentFields& fields) {
  const std::int64_t dim = fields.dim("<Dim>");
  fields.dim("<BlockDim>");
  const double epsilon = fields.number("<Epsilon>");
  const double target_rms = fields.number("<TargetRms>");
  fields.boolean("<TestMode>");
  const double count = fields.number("<Count>");
  const std::vector<float> mean = fields.vector("<StatsMean>");
  const std::vector<float> variance = fields.vector("<StatsVar>");
  if (count <= 0.0 || mean.empty() || mean.size() != variance.size() || !(epsilon > 0.0)) {
    fields.refuse("no statistics to normalise by: it was never trained");
  }
  ScaleAndShift map;
  for (std::size_t d = 0; d < mean.size(); ++d) {
    const double scale =
        target_rms / std::sqrt(std::max(0.0, static_cast<double>(variance[d])) + epsilon);
    map.scale.push_back(static_cast<float>(scale));
    map.offset.push_back(static_cast<float>(-scale * mean[d]));
  }
  return ScaleAndShift{.scale = repeated(fields, map.scale, dim),
                       .offset = repeated(fields, map.offset, dim)};
}

/// What components that apply a function to values hold.
std::int64_t read_function_dim(ComponentFields& fields) {
  const std::int64_t dim = fields.dim("<Dim>");
  fields.skip_integer("<BlockDim>");
  skip_statistics(fields);
  fields.skip_vector("<OderivRms>");
  fields.skip_number("<OderivCount>");
  fields.skip_number("<NumDimsSelfRepaired>");
  fields.skip_number("<NumDimsProcessed>");
  fields.skip_number("<SelfRepairLowerThreshold>");
  fields.skip_number("<SelfRepairUpperThreshold>");
  fields.skip_number("<SelfRepairScale>");
  return dim;
}

template <ActivationKind kind>
ComponentFunction read_value_function(ComponentFields& fields) {
  return ValueFunction{.kind = kind, .dim = read_function_dim(fields)};
}

ComponentFunction read_log_softmax(ComponentFields& fields) {
  return LogSoftmaxFunction{.dim = read_function_dim(fields)};
}

ComponentFunction read_normalize(ComponentFields& fields) {
  RmsNormalization map;
  map.dim = fields.take("<InputDim>") ? fields.dim() : fields.dim("<Dim>");
  map.block_dim = fields.take("<BlockDim>") ? fields.dim() : map.dim;
  if (fields.take("<TargetRms>")) map.target_rms = fields.number();
  if (fields.take("<AddLogStddev>") && fields.boolean()) {
    fields.refuse("add-log-stddev is not supported");
  }
  skip_statistics(fields);
  if (map.dim % map.block_dim != 0 || !(map.target_rms > 0.0)) fields.refuse("impossible sizes");
  return map;
}

ComponentFunction read_no_op(ComponentFields& fields) {
  const std::int64_t dim = fields.dim("<Dim>");
  fields.skip_number("<BackpropScale>");
  skip_statistics(fields);
  fields.skip_vector("<OderivRms>");
  fields.skip_number("<OderivCount>");
  fields.skip_number("<NumDimsSelfRepaired>");
  fields.skip_number("<NumDimsProcessed>");
  return Identity{.dim = dim};
}

ComponentFunction read_dropout(ComponentFields& fields) {
  const auto dim = static_cast<std::size_t>(fields.dim("<Dim>"));
  const auto kept = static_cast<float>(1.0 - fields.number("<DropoutProportion>"));
  fields.skip_boolean("<DropoutPerFrame>");
  fields.skip_boolean("<TestMode>");
  return ScaleAndShift{.scale = std::vector<float>(dim, kept), .offset = std::vector<float>(dim)};
}

ComponentFunction read_general_dropout(ComponentFields& fields) {
  const std::int64_t dim = fields.dim("<Dim>");
  fields.skip_integer("<BlockDim>");
  fields.skip_integer("<TimePeriod>");
  fields.skip_number("<DropoutProportion>");
  fields.skip_number("<SpecAugmentMaxProportion>");
  fields.skip_integer("<SpecAugmentMaxRegions>");
  fields.take("<TestMode>");
  fields.take("<Continuous>");
  return Identity{.dim = dim};
}

ComponentFunction read_time_mask(ComponentFields& fields) {
  const std::int64_t dim = fields.dim("<Dim>");
  fields.skip_number("<ZeroedProportion>");
  fields.skip_integer("<TimeMaskMaxFrames>");
  fields.take("<TestMode>");
  return Identity{.dim = dim};
}

ComponentFunction read_clip_gradient(ComponentFields& fields) {
  const std::int64_t dim = fields.dim("<Dim>");
  fields.skip_number("<ClippingThreshold>");
  fields.skip_boolean("<NormBasedClipping>");
  fields.skip_number("<SelfRepairClippedProportionThreshold>");
  fields.skip_number("<SelfRepairTarget>");
  fields.skip_number("<SelfRepairScale>");
  for (const char* const field : {"<NumElementsClipped>", "<NumElementsProcessed>",
                                  "<NumSelfRepaired>", "<NumBackpropped>"}) {
    fields.skip_integer(field);
  }
  return Identity{.dim = dim};
}

ComponentFunction read_scale_and_offset(ComponentFields& fields) {
  constexpr float kLeastScale = 1e-4F;
  fields.skip_training();
  const std::int64_t dim = fields.dim("<Dim>");
  std::vector<float> scale = fields.vector("<Scales>");
  for (float& value : scale) {
    if (std::abs(value) < kLeastScale) value = std::copysign(kLeastScale, value);
  }
  const std::vector<float> offset = fields.vector("<Offsets>");
  fields.skip_boolean("<UseNaturalGradient>");
  fields.skip_integer("<Rank>");
  return ScaleAndShift{.scale = repeated(fields, scale, dim),
                       .offset = repeated(fields, offset, dim)};
}

ScaleAndShift scale_only(std::vector<float> scale) {
  const std::size_t dim = scale.size();
  return {.scale = std::move(scale), .offset = std::vector<float>(dim)};
}

ScaleAndShift offset_only(std::vector<float> offset) {
  const std::size_t dim = offset.size();
  return {.scale = std::vector<float>(dim, 1.0F), .offset = std::move(offset)};
}

ComponentFunction read_fixed_scale(ComponentFields& fields) {
  return scale_only(fields.vector("<Scales>"));
}

ComponentFunction read_fixed_bias(ComponentFields& fields) {
  return offset_only(fields.vector("<Bias>"));
}

ComponentFunction read_element_scale(ComponentFields& fields) {
  fields.skip_training();
  ScaleAndShift map = scale_only(fields.vector("<Params>"));
  fields.skip_boolean("<IsGradient>");
  fields.skip_integer("<Rank>");
  fields.skip_integer("<UpdatePeriod>");
  fields.skip_number("<NumSamplesHistory>");
  fields.skip_number("<Alpha>");
  fields.skip_number("<MaxChangePerMinibatch>");
  return map;
}

ComponentFunction read_element_offset(ComponentFields& fields) {
  fields.skip_training();
  const std::vector<float> offset = fields.vector("<Offsets>");
  std::int64_t dim = std::ssize(offset);
  fields.skip_boolean("<IsGradient>");
  if (fields.take("<Dim>")) dim = fields.dim();
  fields.skip_boolean("<UseNaturalGradient>");
  return offset_only(repeated(fields, offset, dim));
}

ComponentFunction read_permute(ComponentFields& fields) {
  Permutation map{.columns = fields.integers("<ColumnMap>")};
  std::vector<bool> is_taken(map.columns.size());
  for (const std::int32_t column : map.columns) {
    if (column < 0 || static_cast<std::size_t>(column) >= is_taken.size() ||
        is_taken[static_cast<std::size_t>(column)]) {
      fields.refuse("the columns are no permutation");
    }
    is_taken[static_cast<std::size_t>(column)] = true;
  }
  return map;
}

struct ComponentType {
  std::string_view name;
  ComponentFunction (*read)(ComponentFields&);
};

constexpr std::array kComponentTypes{
    ComponentType{"AffineComponent", read_affine},
    ComponentType{"BatchNormComponent", read_batch_norm},
    ComponentType{"ClipGradientComponent", read_clip_gradient},
    ComponentType{"DropoutComponent", read_dropout},
    ComponentType{"FixedAffineComponent", read_fixed_affine},
    ComponentType{"FixedBiasComponent", read_fixed_bias},
    ComponentType{"FixedScaleComponent", read_fixed_scale},
    ComponentType{"GeneralDropoutComponent", read_general_dropout},
    ComponentType{"LinearComponent", read_linear},
    ComponentType{"LogSoftmaxComponent", read_log_softmax},
    ComponentType{"NaturalGradientAffineComponent", read_affine},
    ComponentType{"NaturalGradientPerElementScaleComponent", read_element_scale},
    ComponentType{"NoOpComponent", read_no_op},
    ComponentType{"NormalizeComponent", read_normalize},
    ComponentType{"PerElementOffsetComponent", read_element_offset},
    ComponentType{"PerElementScaleComponent", read_element_scale},
    ComponentType{"PermuteComponent", read_permute},
    ComponentType{"RectifiedLinearComponent", read_value_function<ActivationKind::kRelu>},
    ComponentType{"ScaleAndOffsetComponent", read_scale_and_offset},
    ComponentType{"SigmoidComponent", read_value_function<ActivationKind::kSigmoid>},
    ComponentType{"SpecAugmentTimeMaskComponent", read_time_mask},
    ComponentType{"TanhComponent", read_value_function<ActivationKind::kTanh>},
    ComponentType{"TdnnComponent", read_tdnn},
    ComponentType{"TimeHeightConvolutionComponent", read_convolution},
};

}  // namespace

std::int64_t input_dim(const ComponentFunction& function) {
  return std::visit(
      Overloaded{[](const AffineMap& map) { return map.weight.columns / std::ssize(map.offsets); },
                 [](const ScaleAndShift& map) { return std::int64_t{std::ssize(map.scale)}; },
                 [](const Permutation& map) { return std::int64_t{std::ssize(map.columns)}; },
                 [](const HeightConvolution& map) { return map.filters_in * map.height_in; },
                 [](const auto& map) { return map.dim; }},
      function);
}

Component read_component(ObjectReader& reader, std::string name) {
  const std::string_view next = reader.next_token();
  const std::string type(next.substr(0, 80));
  for (const ComponentType& known : kComponentTypes) {
    if (!is_opened_by(known.name, type)) continue;
    reader.token();
    ComponentFields fields(reader, "component " + name + " of type " + std::string(known.name));
    Component component{.name = std::move(name), .function = known.read(fields)};
    // Old files close NaturalGradientAffineComponent with the opening token.
    if (!reader.take(type)) reader.expect("</" + type.substr(1));
    return component;
  }
  std::string types;
  for (const ComponentType& known : kComponentTypes) {
    types += (types.empty() ? "" : ", ") + std::string(known.name);
  }
  throw reader.failure("component " + name + " of type \"" + type + "\" " + describe_missing(type) +
                       "; known are " + types);
}

}  // namespace harpy::kaldi

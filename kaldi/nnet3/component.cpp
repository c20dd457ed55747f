#include "kaldi/nnet3/component.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace harpy::kaldi {

namespace {

constexpr std::int64_t kLargestDim = 1 << 20;

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

/// Reads the fields of one component.
class ComponentReader {
 public:
  ComponentReader(ObjectReader& reader, std::string place)
      : reader_(reader), place_(std::move(place)) {}

  [[noreturn]] void refuse(const std::string& what) const {
    throw reader_.failure(place_ + ": " + what);
  }

  bool take(std::string_view field) { return reader_.take(field); }
  void expect(std::string_view field) { reader_.expect(field); }

  std::int64_t dim(std::string_view field) {
    expect(field);
    return dim();
  }
  std::int64_t dim() {
    const std::int64_t value = reader_.integer();
    if (value < 1 || value > kLargestDim) refuse("expected a size, got " + std::to_string(value));
    return value;
  }
  double number(std::string_view field) {
    expect(field);
    return number();
  }
  double number() { return reader_.number(); }
  std::vector<float> vector(std::string_view field) {
    expect(field);
    return reader_.vector<float>();
  }
  Matrix<float> matrix(std::string_view field) {
    expect(field);
    return reader_.matrix<float>();
  }
  std::vector<std::int32_t> integers(std::string_view field) {
    expect(field);
    return reader_.integers();
  }
  auto integer_pairs(std::string_view field) {
    expect(field);
    return reader_.integer_pairs();
  }
  bool boolean(std::string_view field) {
    expect(field);
    return boolean();
  }
  bool boolean() { return reader_.boolean(); }

  /// Passes over a field that may be absent, and that only training uses.
  void skip_number(std::string_view field) {
    if (take(field)) reader_.number();
  }
  void skip_boolean(std::string_view field) {
    if (take(field)) reader_.boolean();
  }
  void skip_vector(std::string_view field) {
    if (take(field)) reader_.vector<float>();
  }
  void skip_numbers(std::string_view field) {
    if (!take(field)) return;
    reader_.number();
    reader_.number();
  }
  void skip_integer(std::string_view field) {
    if (take(field)) reader_.integer();
  }
  void skip_integers(std::string_view field) {
    if (!take(field)) return;
    reader_.integer();
    reader_.integer();
  }

  /// What all components that learn begin with.
  void skip_training() {
    skip_number("<LearningRateFactor>");
    skip_boolean("<IsGradient>");
    skip_number("<MaxChange>");
    skip_number("<L2Regularize>");
    skip_number("<LearningRate>");
  }
  /// Options of the natural gradient, of which each type writes some.
  void skip_natural_gradient() {
    skip_boolean("<UseNaturalGradient>");
    skip_number("<NumSamplesHistory>");
    skip_number("<NumMinibatchesHistory>");
    skip_numbers("<AlphaInOut>");
    skip_number("<Alpha>");
    skip_integers("<RankInOut>");
  }

 private:
  ObjectReader& reader_;
  std::string place_;
};

void check_bias(const ComponentReader& fields, std::vector<float>& bias, std::int64_t outputs) {
  if (bias.empty()) bias.resize(static_cast<std::size_t>(outputs));
  if (std::ssize(bias) != outputs) fields.refuse("weights and bias that do not fit");
}

AffineMap checked(const ComponentReader& fields, AffineMap map) {
  if (map.weight.values.empty()) fields.refuse("no weights");
  check_bias(fields, map.bias, map.weight.rows);
  if (map.offsets.empty() || map.weight.columns % std::ssize(map.offsets) != 0) {
    fields.refuse("weights that do not fit the time offsets");
  }
  return map;
}

ComponentFunction read_affine(ComponentReader& fields) {
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

ComponentFunction read_linear(ComponentReader& fields) {
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

ComponentFunction read_fixed_affine(ComponentReader& fields) {
  AffineMap map{.weight = fields.matrix("<LinearParams>"), .bias = fields.vector("<BiasParams>")};
  return checked(fields, std::move(map));
}

ComponentFunction read_tdnn(ComponentReader& fields) {
  fields.skip_training();
  AffineMap map;
  map.offsets = fields.integers("<TimeOffsets>");
  map.weight = fields.matrix("<LinearParams>");
  map.bias = fields.vector("<BiasParams>");
  fields.skip_number("<OrthonormalConstraint>");
  fields.skip_natural_gradient();
  return checked(fields, std::move(map));
}

ComponentFunction read_convolution(ComponentReader& fields) {
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
std::vector<float> repeated(const ComponentReader& fields, const std::vector<float>& block,
                            std::int64_t dim) {
  if (block.empty() || dim % std::ssize(block) != 0) fields.refuse("a block that does not fit");
  std::vector<float> values;
  while (std::ssize(values) < dim) values.insert(values.end(), block.begin(), block.end());
  return values;
}

ComponentFunction read_batch_norm(ComponentReader& fields) {
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
std::int64_t read_function_dim(ComponentReader& fields) {
  const std::int64_t dim = fields.dim("<Dim>");
  fields.skip_integer("<BlockDim>");
  fields.skip_vector("<ValueAvg>");
  fields.skip_vector("<DerivAvg>");
  fields.skip_number("<Count>");
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
ComponentFunction read_value_function(ComponentReader& fields) {
  return ValueFunction{.kind = kind, .dim = read_function_dim(fields)};
}

ComponentFunction read_log_softmax(ComponentReader& fields) {
  return LogSoftmaxFunction{.dim = read_function_dim(fields)};
}

ComponentFunction read_normalize(ComponentReader& fields) {
  RmsNormalization map;
  map.dim = fields.take("<InputDim>") ? fields.dim() : fields.dim("<Dim>");
  map.block_dim = fields.take("<BlockDim>") ? fields.dim() : map.dim;
  if (fields.take("<TargetRms>")) map.target_rms = fields.number();
  if (fields.take("<AddLogStddev>") && fields.boolean()) {
    fields.refuse("add-log-stddev is not supported");
  }
  fields.skip_vector("<ValueAvg>");
  fields.skip_vector("<DerivAvg>");
  fields.skip_number("<Count>");
  if (map.dim % map.block_dim != 0 || !(map.target_rms > 0.0)) fields.refuse("impossible sizes");
  return map;
}

ComponentFunction read_no_op(ComponentReader& fields) {
  const std::int64_t dim = fields.dim("<Dim>");
  fields.skip_number("<BackpropScale>");
  fields.skip_vector("<ValueAvg>");
  fields.skip_vector("<DerivAvg>");
  fields.skip_number("<Count>");
  fields.skip_vector("<OderivRms>");
  fields.skip_number("<OderivCount>");
  fields.skip_number("<NumDimsSelfRepaired>");
  fields.skip_number("<NumDimsProcessed>");
  return Identity{.dim = dim};
}

ComponentFunction read_dropout(ComponentReader& fields) {
  const auto dim = static_cast<std::size_t>(fields.dim("<Dim>"));
  const auto kept = static_cast<float>(1.0 - fields.number("<DropoutProportion>"));
  fields.skip_boolean("<DropoutPerFrame>");
  fields.skip_boolean("<TestMode>");
  return ScaleAndShift{.scale = std::vector<float>(dim, kept), .offset = std::vector<float>(dim)};
}

ComponentFunction read_general_dropout(ComponentReader& fields) {
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

ComponentFunction read_time_mask(ComponentReader& fields) {
  const std::int64_t dim = fields.dim("<Dim>");
  fields.skip_number("<ZeroedProportion>");
  fields.skip_integer("<TimeMaskMaxFrames>");
  fields.take("<TestMode>");
  return Identity{.dim = dim};
}

ComponentFunction read_clip_gradient(ComponentReader& fields) {
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

ComponentFunction read_scale_and_offset(ComponentReader& fields) {
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

ComponentFunction read_fixed_scale(ComponentReader& fields) {
  return scale_only(fields.vector("<Scales>"));
}

ComponentFunction read_fixed_bias(ComponentReader& fields) {
  return offset_only(fields.vector("<Bias>"));
}

ComponentFunction read_element_scale(ComponentReader& fields) {
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

ComponentFunction read_element_offset(ComponentReader& fields) {
  fields.skip_training();
  const std::vector<float> offset = fields.vector("<Offsets>");
  std::int64_t dim = std::ssize(offset);
  fields.skip_boolean("<IsGradient>");
  if (fields.take("<Dim>")) dim = fields.dim();
  fields.skip_boolean("<UseNaturalGradient>");
  return offset_only(repeated(fields, offset, dim));
}

ComponentFunction read_permute(ComponentReader& fields) {
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
  ComponentFunction (*read)(ComponentReader&);
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
    if (type.size() != known.name.size() + 2 || type.substr(1, known.name.size()) != known.name) {
      continue;
    }
    reader.token();
    ComponentReader fields(reader, "component " + name + " of type " + std::string(known.name));
    Component component{.name = std::move(name), .function = known.read(fields)};
    // Old files close NaturalGradientAffineComponent with the opening token.
    if (!reader.take(type)) reader.expect("</" + type.substr(1));
    return component;
  }
  std::string types;
  for (const ComponentType& known : kComponentTypes) {
    types += (types.empty() ? "" : ", ") + std::string(known.name);
  }
  throw reader.failure("component " + name + " is of a type that is not known, \"" + type +
                       "\"; known are " + types);
}

}  // namespace harpy::kaldi

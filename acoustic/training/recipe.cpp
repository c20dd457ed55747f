#include "acoustic/training/recipe.hpp"

#include <array>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "acoustic/layers/layer_fields.hpp"
#include "models/files/json_object.hpp"
#include "models/files/text_lines.hpp"

namespace harpy {
namespace {

namespace json = boost::json;

constexpr double kNoLimit = std::numeric_limits<float>::max();

/// A part of the recipe, empty if it is left out.
json::object section(const json::object& recipe, const char* name) {
  LayerFields fields("recipe", recipe);
  return recipe.contains(name) ? fields.object(name) : json::object();
}

FeatureOptions read_features(const json::object& object) {
  FeatureOptions options;
  for (const auto& field : object) {
    const json::value& value = field.value();
    const std::string text =
        value.is_string() ? std::string(value.get_string()) : json::serialize(value);
    try {
      set_feature_option(options, std::string(field.key()), text);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(std::string("recipe features: ") + error.what());
    }
  }
  return options;
}

using AnyLossOptions = decltype(Recipe::loss);

AnyLossOptions read_ctc(LayerFields&) { return CtcLossOptions(); }

AnyLossOptions read_lattice_free_mmi(LayerFields& fields) {
  constexpr std::int64_t kLargestOrder = 6;
  LatticeFreeMmiLossOptions options;
  options.order = fields.integer("order", 1, options.order);
  if (options.order > kLargestOrder) fields.refuse("order", "an integer from 1 to 6");
  options.contexts = fields.integer("contexts", 0, options.contexts);
  options.ctc_weight = fields.number("ctc_weight", kNoLimit, options.ctc_weight);
  return options;
}

struct LossKind {
  std::string_view name;
  AnyLossOptions (*read)(LayerFields& fields);
};

constexpr std::array kLossKinds{LossKind{"ctc", read_ctc},
                                LossKind{"lattice_free_mmi", read_lattice_free_mmi}};
static_assert(kLossKinds.size() == std::variant_size_v<AnyLossOptions>,
              "each loss has its line in the table");

AnyLossOptions read_loss(const json::object& object) {
  LayerFields fields("recipe loss", object);
  const std::string kind = object.contains("kind") ? fields.text("kind") : "ctc";
  std::string names;
  for (const LossKind& known : kLossKinds) {
    names += (names.empty() ? "" : " or ") + std::string(known.name);
    if (known.name != kind) continue;
    AnyLossOptions options = known.read(fields);
    fields.refuse_others();
    return options;
  }
  fields.refuse("kind", names);
}

decltype(Recipe::optimizer) read_optimizer(const json::object& object) {
  LayerFields fields("recipe optimizer", object);
  const std::string kind = object.contains("kind") ? fields.text("kind") : "adam";
  if (kind == "sgd") {
    SgdOptions options;
    options.momentum = fields.number("momentum", 1.0, options.momentum);
    fields.refuse_others();
    return options;
  }
  if (kind != "adam") fields.refuse("kind", "adam or sgd");
  AdamOptions options;
  options.beta1 = fields.number("beta1", 1.0, options.beta1);
  options.beta2 = fields.number("beta2", 1.0, options.beta2);
  options.epsilon = fields.number("epsilon", 1.0, options.epsilon);
  fields.refuse_others();
  return options;
}

LearningRateOptions read_learning_rate(const json::object& object) {
  LayerFields fields("recipe learning_rate", object);
  LearningRateOptions options;
  options.peak = fields.number("peak", 1.0, options.peak);
  options.warmup_steps = fields.integer("warmup_steps", 0, options.warmup_steps);
  options.final_ratio = fields.number("final_ratio", 1.0, options.final_ratio);
  if (object.contains("decay")) {
    const std::string decay = fields.text("decay");
    if (decay == "constant") {
      options.decay = LearningRateDecay::kConstant;
    } else if (decay == "cosine") {
      options.decay = LearningRateDecay::kCosine;
    } else if (decay == "exponential") {
      options.decay = LearningRateDecay::kExponential;
    } else {
      fields.refuse("decay", "constant, cosine or exponential");
    }
  }
  fields.refuse_others();
  learning_rate(options, 1, 1);  // refuses impossible values
  return options;
}

/// The speeds besides 1, which must be among those listed.
std::vector<double> read_speeds(LayerFields& fields, const json::object& object) {
  constexpr double kSlowest = 0.5;
  constexpr double kFastest = 2.0;
  std::vector<double> speeds;
  if (!object.contains("speed")) return speeds;
  bool good = true;
  for (const json::value& value : fields.array("speed")) {
    speeds.push_back(value.is_number() ? value.to_number<double>() : 0.0);
    good = good && speeds.back() >= kSlowest && speeds.back() <= kFastest;
  }
  if (!good || std::erase(speeds, 1.0) == 0) {
    fields.refuse("speed", "numbers from 0.5 to 2, 1 among them");
  }
  return speeds;
}

void read_augmentation(const json::object& object, Recipe& recipe) {
  LayerFields fields("recipe augmentation", object);
  recipe.speeds = read_speeds(fields, object);
  recipe.distortion_probability =
      fields.number("distortion_probability", 1.0, recipe.distortion_probability);
  AugmentationOptions& options = recipe.augmentation;
  if (!recipe.speeds.empty()) {
    options.tempo_range = 0.0;
    options.frequency_warp_range = 0.0;
  }
  options.tempo_range = fields.number("tempo_range", 0.5, options.tempo_range);
  options.frequency_warp_range =
      fields.number("frequency_warp_range", 0.5, options.frequency_warp_range);
  options.level_range = fields.number("level_range", 20.0, options.level_range);
  options.time_masks = fields.integer("time_masks", 0, options.time_masks);
  options.time_mask_frames = fields.integer("time_mask_frames", 0, options.time_mask_frames);
  options.time_mask_fraction = fields.number("time_mask_fraction", 1.0, options.time_mask_fraction);
  options.frequency_masks = fields.integer("frequency_masks", 0, options.frequency_masks);
  options.frequency_mask_bins =
      fields.integer("frequency_mask_bins", 0, options.frequency_mask_bins);
  BackgroundOptions& background = options.background;
  background.recording_probability =
      fields.number("background_probability", 1.0, background.recording_probability);
  background.babble_probability =
      fields.number("babble_probability", 1.0, background.babble_probability);
  ChannelVariationOptions& channel = options.channel;
  channel.response_range = fields.number("response_range", 20.0, channel.response_range);
  channel.noise_probability = fields.number("noise_probability", 1.0, channel.noise_probability);
  channel.band_limit_probability =
      fields.number("band_limit_probability", 1.0, channel.band_limit_probability);
  channel.reverberation_probability =
      fields.number("reverberation_probability", 1.0, channel.reverberation_probability);
  channel.quiet_probability = fields.number("quiet_probability", 1.0, channel.quiet_probability);
  fields.refuse_others();
}

}  // namespace

Recipe parse_recipe(std::string_view text) {
  json::object object;
  try {
    object = parse_json_object(text, "recipe");
  } catch (const std::runtime_error& error) {
    throw std::invalid_argument(error.what());
  }
  Recipe recipe;
  LayerFields fields("recipe", object);
  recipe.network = fields.object("network");
  for (const char* name : {"features", "loss", "optimizer", "learning_rate", "augmentation"}) {
    if (object.contains(name)) fields.object(name);
  }
  recipe.features = read_features(section(object, "features"));
  recipe.loss = read_loss(section(object, "loss"));
  recipe.optimizer = read_optimizer(section(object, "optimizer"));
  recipe.trainer.learning_rate = read_learning_rate(section(object, "learning_rate"));
  read_augmentation(section(object, "augmentation"), recipe);
  recipe.biphone_count = fields.integer("biphone_count", 0, recipe.biphone_count);
  recipe.batch_frames = fields.integer("batch_frames", 1, recipe.batch_frames);
  recipe.trainer.microbatches = fields.integer("microbatches", 1, recipe.trainer.microbatches);
  recipe.length_groups = fields.integer("length_groups", 1, recipe.length_groups);
  recipe.trainer.epochs = fields.integer("epochs", 1, recipe.trainer.epochs);
  recipe.trainer.seed = static_cast<std::uint64_t>(
      fields.integer("seed", 0, static_cast<std::int64_t>(recipe.trainer.seed)));
  recipe.trainer.patience = fields.integer("patience", 0, recipe.trainer.patience);
  recipe.trainer.average_decay = fields.number("average_decay", 1.0, recipe.trainer.average_decay);
  recipe.trainer.gradient_norm_limit =
      fields.number("gradient_norm_limit", kNoLimit, recipe.trainer.gradient_norm_limit);
  recipe.trainer.fixed_statistics =
      fields.boolean("fixed_statistics", recipe.trainer.fixed_statistics);
  fields.refuse_others();
  return recipe;
}

void set_unit_count(json::object& network, std::int64_t unit_count) {
  json::value* heads = network.if_contains("heads");
  if (heads == nullptr || !heads->is_object()) return;  // Network refuses it
  for (json::key_value_pair& head : heads->get_object()) {
    if (!head.value().is_array()) continue;
    for (json::value& layer : head.value().get_array()) {
      json::object* fields = layer.if_object();
      json::value* outputs = fields == nullptr ? nullptr : fields->if_contains("output_dim");
      if (outputs != nullptr && *outputs == "units") *outputs = unit_count;
    }
  }
}

std::unique_ptr<Optimizer> make_optimizer(const Recipe& recipe) {
  if (const auto* options = std::get_if<SgdOptions>(&recipe.optimizer)) {
    return std::make_unique<Sgd>(*options);
  }
  return std::make_unique<Adam>(std::get<AdamOptions>(recipe.optimizer));
}

MelAxis mel_axis(const FeatureOptions& features, const AugmentationOptions& augmentation,
                 std::int64_t dim) {
  const bool plain = features.kind == FeatureKind::kLogMel && !features.use_energy &&
                     features.delta_order == 0 &&
                     features.normalization == NormalizationKind::kNone;
  const ChannelVariationOptions& channel = augmentation.channel;
  const bool needs_plain =
      augmentation.frequency_warp_range > 0.0 || augmentation.level_range > 0.0 ||
      channel.response_range > 0.0 || channel.noise_probability > 0.0 ||
      channel.band_limit_probability > 0.0 || channel.reverberation_probability > 0.0 ||
      channel.quiet_probability > 0.0 || augmentation.background.recording_probability > 0.0 ||
      augmentation.background.babble_probability > 0.0;
  if (needs_plain && !plain) {
    throw std::invalid_argument(
        "augmentation: frequency_warp_range, level_range, response_range and all probabilities "
        "must be 0 for features that are not log_mel without energy, deltas and normalization");
  }
  return {features.low_freq_hz, upper_edge_hz(features), dim};
}

Recipe read_recipe(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  try {
    return parse_recipe(text);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
}

}  // namespace harpy

#include "service/recognizer/model_description.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include <boost/json.hpp>

#include "models/files/escaped_text.hpp"
#include "models/files/json_object.hpp"
#include "models/files/replacement_file.hpp"
#include "models/files/text_lines.hpp"
#include "service/json/json_text.hpp"

namespace harpy {

namespace json = boost::json;

namespace {

constexpr std::int64_t kFormatVersion = 1;
constexpr double kMaxDeadline_ms = 3.6e6;

/// Reads the fields of one object and complains about those it was not asked for.
class FieldReader {
 public:
  FieldReader(const json::object& object, std::string prefix)
      : object_(object), prefix_(std::move(prefix)) {}

  const json::value& value(std::string_view name) {
    ++read_;
    const json::value* found = object_.if_contains(name);
    if (found == nullptr) throw std::runtime_error("field \"" + full(name) + "\" is missing");
    return *found;
  }
  std::string text(std::string_view name) {
    const json::value& found = value(name);
    if (!found.is_string()) throw wrong(name, "text");
    return std::string(found.get_string());
  }
  const json::object& object(std::string_view name) {
    const json::value& found = value(name);
    if (!found.is_object()) throw wrong(name, "an object");
    return found.get_object();
  }
  const json::array& array(std::string_view name) {
    const json::value& found = value(name);
    if (!found.is_array()) throw wrong(name, "an array");
    return found.get_array();
  }
  double number(std::string_view name) {
    const json::value& found = value(name);
    if (!found.is_number()) throw wrong(name, "a number");
    return found.to_number<double>();
  }
  /// A number that may be left out.
  double number_or(std::string_view name, double otherwise) {
    return object_.contains(name) ? number(name) : otherwise;
  }
  bool boolean(std::string_view name) {
    const json::value& found = value(name);
    if (!found.is_bool()) throw wrong(name, "true or false");
    return found.get_bool();
  }
  bool contains(std::string_view name) const { return object_.contains(name); }
  std::int64_t count(std::string_view name) {
    const json::value& found = value(name);
    if (!found.is_int64() || found.get_int64() < 1)
      throw wrong(name, "a whole number of at least 1");
    return found.get_int64();
  }
  /// Every field must have been read.
  void finish() const {
    if (read_ == object_.size()) return;
    throw std::runtime_error((prefix_.empty() ? "the model" : "\"" + prefix_ + "\"") +
                             std::string(" has fields that are not known: expected ") +
                             std::to_string(read_) + ", got " + std::to_string(object_.size()));
  }

 private:
  std::string full(std::string_view name) const {
    return prefix_.empty() ? std::string(name) : prefix_ + "." + std::string(name);
  }
  std::runtime_error wrong(std::string_view name, std::string_view expected) const {
    return std::runtime_error("field \"" + full(name) + "\" must be " + std::string(expected));
  }

  const json::object& object_;
  std::string prefix_;
  std::size_t read_ = 0;
};

FeatureOptions read_features(const json::object& object) {
  FeatureOptions options;
  for (const auto& [name, value] : object) {
    if (!value.is_string())
      throw std::runtime_error("field \"features." + std::string(name) + "\" must be text");
    try {
      set_feature_option(options, name, std::string_view(value.get_string()));
    } catch (const std::invalid_argument& error) {
      throw std::runtime_error("field \"features." + std::string(name) + "\": " + error.what());
    }
  }
  return options;
}

BeamSearchOptions read_search(const json::object& object) {
  FieldReader fields(object, "search");
  BeamSearchOptions options;
  options.beam = static_cast<float>(fields.number("beam"));
  options.lattice_beam = static_cast<float>(fields.number("lattice_beam"));
  options.max_active = static_cast<std::int32_t>(fields.count("max_active"));
  options.min_active = static_cast<std::int32_t>(fields.count("min_active"));
  options.acoustic_scale = static_cast<float>(fields.number("acoustic_scale"));
  fields.finish();
  return options;
}

ConfidenceScale read_confidence(const json::object& object) {
  FieldReader fields(object, "confidence");
  ConfidenceScale scale;
  scale.posterior_scale = fields.number("posterior_scale");
  scale.slope = fields.number("slope");
  scale.offset = fields.number("offset");
  fields.finish();
  if (!(scale.posterior_scale > 0.0 && scale.slope > 0.0)) {
    throw std::runtime_error(
        "fields \"confidence.posterior_scale\" and \"confidence.slope\" must be above 0");
  }
  return scale;
}

RescoringDescription read_rescoring(const json::object& object) {
  FieldReader fields(object, "rescoring");
  RescoringDescription rescoring;
  rescoring.language_model = fields.text("language_model");
  rescoring.graph_language_model = fields.text("graph_language_model");
  rescoring.scale = fields.number_or("scale", rescoring.scale);
  if (fields.contains("deadline_ms")) rescoring.deadline_ms = fields.number("deadline_ms");
  fields.finish();
  if (!(rescoring.scale >= 0.0)) {
    throw std::runtime_error("field \"rescoring.scale\" must be at least 0");
  }
  const double deadline_ms = rescoring.deadline_ms.value_or(0.0);
  if (!(deadline_ms >= 0.0 && deadline_ms <= kMaxDeadline_ms)) {
    throw std::runtime_error("field \"rescoring.deadline_ms\" must be 0 to 3600000");
  }
  return rescoring;
}

EndpointRule read_endpoint_rule(const json::object& object) {
  FieldReader fields(object, "endpoint_rules");
  EndpointRule rule;
  rule.needs_words = fields.boolean("needs_words");
  rule.max_ending_cost = fields.number_or("max_ending_cost", rule.max_ending_cost);
  rule.min_trailing_silence_s = fields.number("min_trailing_silence_s");
  rule.min_utterance_s = fields.number("min_utterance_s");
  fields.finish();
  return rule;
}

json::object to_json(const EndpointRule& rule) {
  json::object object{{"needs_words", rule.needs_words},
                      {"min_trailing_silence_s", rule.min_trailing_silence_s},
                      {"min_utterance_s", rule.min_utterance_s}};
  if (!std::isinf(rule.max_ending_cost)) object["max_ending_cost"] = rule.max_ending_cost;
  return object;
}

json::object to_json(const RescoringDescription& rescoring) {
  json::object object{{"language_model", rescoring.language_model},
                      {"graph_language_model", rescoring.graph_language_model},
                      {"scale", rescoring.scale}};
  if (rescoring.deadline_ms) object["deadline_ms"] = *rescoring.deadline_ms;
  return object;
}

/// A file or folder that a package names, below its own folder or, `is_shared`, below the folder
/// that it stands in: a package cannot name whatever file it likes.
void check_place(std::string_view field, const std::string& name, bool is_shared = false) {
  const std::filesystem::path path = std::filesystem::path(name).lexically_normal();
  int up_count = 0;
  for (const std::filesystem::path& part : path) up_count += part == ".." ? 1 : 0;
  if (!path.empty() && path.is_relative() && up_count <= (is_shared ? 1 : 0)) return;
  throw std::runtime_error("field \"" + std::string(field) + "\": \"" + escape_for_line(name) +
                           "\" is not in the " +
                           (is_shared ? "folder of packages" : "package's folder"));
}

/// The other files and folders of a package.
void check_places(const ModelDescription& model) {
  check_place("acoustic.file", model.acoustic_file);
  check_place("graph", model.graph_file);
  if (model.rescoring) {
    check_place("rescoring.language_model", model.rescoring->language_model);
    check_place("rescoring.graph_language_model", model.rescoring->graph_language_model);
  }
  if (!model.written_folder.empty()) check_place("written", model.written_folder, true);
}

std::vector<double> read_training_means(const json::array& array) {
  std::vector<double> means;
  for (const json::value& mean : array) {
    if (!mean.is_number()) throw std::runtime_error("field \"training_means\" must hold numbers");
    means.push_back(mean.to_number<double>());
  }
  return means;
}

ModelDescription parse(const json::object& object) {
  FieldReader fields(object, "");
  const std::int64_t version = fields.count("format");
  if (version != kFormatVersion) {
    throw std::runtime_error("field \"format\": expected version " +
                             std::to_string(kFormatVersion) + ", got " + std::to_string(version));
  }
  ModelDescription model;
  model.name = fields.text("name");
  model.version = fields.text("version");
  model.language = fields.text("language");
  model.features = read_features(fields.object("features"));
  if (fields.contains("training_means")) {
    model.training_means = read_training_means(fields.array("training_means"));
  }
  model.network = fields.object("network");
  model.head = fields.text("head");
  for (const json::value& unit : fields.array("units")) {
    if (!unit.is_string()) throw std::runtime_error("field \"units\" must hold texts");
    model.units.emplace_back(unit.get_string());
  }
  model.block_frames = fields.count("block_frames");
  model.blank_penalty = fields.number("blank_penalty");
  model.blank_skip_threshold = fields.number_or("blank_skip_threshold", 1.0);
  if (!(model.blank_skip_threshold > 0.0 && model.blank_skip_threshold <= 1.0)) {
    throw std::runtime_error("field \"blank_skip_threshold\" must be above 0 and at most 1");
  }
  model.word_cost = fields.number_or("word_cost", 0.0);
  if (!(model.word_cost >= 0.0 && model.word_cost <= 20.0)) {
    throw std::runtime_error("field \"word_cost\" must be from 0 to 20");
  }
  model.search = read_search(fields.object("search"));
  if (fields.contains("endpoint_rules")) {
    for (const json::value& rule : fields.array("endpoint_rules")) {
      if (!rule.is_object()) throw std::runtime_error("field \"endpoint_rules\" must hold objects");
      model.endpoint_rules.push_back(read_endpoint_rule(rule.get_object()));
    }
  }
  if (fields.contains("confidence"))
    model.confidence = read_confidence(fields.object("confidence"));
  if (fields.contains("minimum_bayes_risk")) {
    model.minimum_bayes_risk = fields.boolean("minimum_bayes_risk");
  }
  if (fields.contains("least_confidence")) {
    model.least_confidence = fields.number("least_confidence");
    if (model.least_confidence < 0.0 || model.least_confidence > 1.0) {
      throw std::runtime_error("field \"least_confidence\" must be from 0 to 1");
    }
  }
  if (fields.contains("rescoring")) model.rescoring = read_rescoring(fields.object("rescoring"));
  FieldReader acoustic(fields.object("acoustic"), "acoustic");
  model.acoustic_file = acoustic.text("file");
  model.acoustic_checksum = acoustic.text("xxh3");
  acoustic.finish();
  model.graph_file = fields.text("graph");
  if (fields.contains("ivectors")) model.ivector_file = fields.text("ivectors");
  if (fields.contains("repeats_edges")) model.repeats_edges = fields.boolean("repeats_edges");
  if (fields.contains("written")) model.written_folder = fields.text("written");
  fields.finish();
  check_places(model);
  return model;
}

json::object to_json(const ModelDescription& model) {
  json::object features;
  for (const auto& [name, value] : feature_option_fields(model.features)) features[name] = value;
  // A float's shortest decimal, so that 0.3 is not written as 0.30000001192092896.
  const auto number = [](float value) {
    std::array<char, 32> digits{};
    std::to_chars(digits.begin(), digits.end(), value);
    return std::strtod(digits.data(), nullptr);
  };
  json::object object{
      {"format", kFormatVersion},
      {"name", model.name},
      {"version", model.version},
      {"language", model.language},
      {"features", features},
      {"network", model.network},
      {"head", model.head},
      {"units", json::array(model.units.begin(), model.units.end())},
      {"block_frames", model.block_frames},
      {"blank_penalty", model.blank_penalty},
      {"blank_skip_threshold", model.blank_skip_threshold},
      {"word_cost", model.word_cost},
      {"search",
       {{"beam", number(model.search.beam)},
        {"lattice_beam", number(model.search.lattice_beam)},
        {"max_active", model.search.max_active},
        {"min_active", model.search.min_active},
        {"acoustic_scale", number(model.search.acoustic_scale)}}},
      {"confidence",
       {{"posterior_scale", model.confidence.posterior_scale},
        {"slope", model.confidence.slope},
        {"offset", model.confidence.offset}}},
      {"acoustic", {{"file", model.acoustic_file}, {"xxh3", model.acoustic_checksum}}},
      {"graph", model.graph_file}};
  if (!model.training_means.empty()) {
    object["training_means"] =
        json::array(model.training_means.begin(), model.training_means.end());
  }
  if (!model.endpoint_rules.empty()) {
    json::array rules;
    for (const EndpointRule& rule : model.endpoint_rules) rules.push_back(to_json(rule));
    object["endpoint_rules"] = std::move(rules);
  }
  if (model.minimum_bayes_risk) object["minimum_bayes_risk"] = true;
  if (model.least_confidence > 0.0) object["least_confidence"] = model.least_confidence;
  if (model.rescoring) object["rescoring"] = to_json(*model.rescoring);
  if (!model.ivector_file.empty()) object["ivectors"] = model.ivector_file;
  if (model.repeats_edges) object["repeats_edges"] = true;
  if (!model.written_folder.empty()) object["written"] = model.written_folder;
  return object;
}

}  // namespace

ModelDescription read_model_description(const std::filesystem::path& path) {
  const json::object object = parse_json_object(read_text(path), path.string());
  try {
    return parse(object);
  } catch (const std::runtime_error& failure) {
    throw std::runtime_error(path.string() + ": " + failure.what());
  }
}

void write_model_description(const std::filesystem::path& path,
                             const ModelDescription& description) {
  replace_file(path, indented_json(to_json(description)) + "\n");
}

}  // namespace harpy

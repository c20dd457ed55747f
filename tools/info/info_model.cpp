#include "tools/info/info_model.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "acoustic/acoustic_model.hpp"
#include "frontend/feature_extractor.hpp"
#include "models/files/checksum.hpp"
#include "service/recognizer/model_package.hpp"
#include "tools/info/info_graph.hpp"
#include "tools/info/info_network.hpp"

namespace harpy::tools {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// The options that differ from the defaults for people, all for machines.
InfoValue features_value(const FeatureOptions& options) {
  InfoValue value{"", json::object()};
  const auto defaults = feature_option_fields(FeatureOptions{});
  const auto fields = feature_option_fields(options);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto& [name, text] = fields[i];
    value.value.as_object()[name] = text;
    const bool is_always_shown = name == "kind" || name == "sample_rate_hz";
    if (!is_always_shown && fields[i] == defaults[i]) continue;
    value.text += (value.text.empty() ? "" : ", ") + name + " " + text;
  }
  return value;
}

InfoTable files_table(const fs::path& directory) {
  InfoTable table{.title = "files",
                  .name = "files",
                  .columns = {{"name", "name", false},
                              {"bytes", "size_bytes", true},
                              {"checksum (XXH3)", "xxh3", false}},
                  .rows = {}};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    table.rows.push_back({info_text(file.filename().string()),
                          info_count(static_cast<std::int64_t>(fs::file_size(file))),
                          info_text(file_checksum(file))});
  }
  return table;
}

/// The package as the recogniser loads it; without its graph, the parts that are there.
struct LoadedModel {
  std::shared_ptr<const AcousticModel> acoustic;
  std::shared_ptr<const ModelPackage> package;  ///< null without a graph
};

LoadedModel load(const fs::path& directory, const ModelDescription& description) {
  const auto backend = create_backend({});
  if (fs::exists(directory / description.graph_file)) {
    auto package = ModelPackage::load(*backend, directory);
    return {package->acoustic(), package};
  }
  const fs::path weights = directory / description.acoustic_file;
  if (file_checksum(weights) != description.acoustic_checksum) {
    throw std::runtime_error(weights.string() + ": is not the file that " +
                             (directory / "model.json").string() + " was written for");
  }
  return {AcousticModel::load(*backend, description.network, weights), nullptr};
}

void add_network_facts(const ModelDescription& description, const Network& network,
                       const FeatureExtractor& features, std::int64_t parameter_count,
                       std::vector<InfoFact>& facts) {
  const double frame_ms = 1000.0 * features.frame_shift_s();
  const FrameContext context = network.context();
  const auto in_ms = [&](std::int64_t frames) {
    return info_number(static_cast<double>(frames) * frame_ms, 0, "ms");
  };
  facts.push_back({"parameters", "parameter_count", info_count(parameter_count)});
  facts.push_back({"left context", "left_context_ms", in_ms(context.left)});
  facts.push_back({"right context", "right_context_ms", in_ms(context.right)});
  facts.push_back({"subsampling", "subsampling", info_count(network.subsampling())});
  facts.push_back({"output frame", "output_frame_ms", in_ms(network.subsampling())});
  facts.push_back({"block", "block_ms", in_ms(network.subsampling() * description.block_frames)});
  const std::vector<std::string> head_names = network.head_names();
  std::string heads;
  for (const std::string& name : head_names) heads += (heads.empty() ? "" : " ") + name;
  facts.push_back({"heads",
                   "heads",
                   {heads + " (" + description.head + " is used)",
                    json::array(head_names.begin(), head_names.end())}});
  facts.push_back({"units", "unit_count", info_count(std::ssize(description.units))});
  facts.push_back(
      {"blank penalty", "blank_penalty", info_number(description.blank_penalty, 2, "nats")});
  facts.push_back({"search beam", "beam", info_number(description.search.beam, 1, "nats")});
  facts.push_back({"search tokens", "max_active", info_count(description.search.max_active)});
}

}  // namespace

InfoReport describe_model(const fs::path& directory) {
  const fs::path description_file = directory / "model.json";
  if (!fs::exists(description_file)) {
    throw std::runtime_error(directory.string() +
                             ": holds no model.json, so it is no model package");
  }
  const ModelDescription description = read_model_description(description_file);
  const LoadedModel model = load(directory, description);
  const FeatureExtractor features(description.features);
  InfoTable layers = describe_layers(description.network);
  std::int64_t parameter_count = 0;
  for (const auto& row : layers.rows) {
    const bool is_inner = row[0].text.starts_with(' ');  // counted in the layer it is part of
    if (!is_inner) parameter_count += row[4].value.to_number<std::int64_t>();
  }
  InfoReport report{.subject = directory.string(),
                    .kind = "model",
                    .facts = {{"name", "name", info_text(description.name)},
                              {"version", "version", info_text(description.version)},
                              {"language", "language", info_text(description.language)},
                              {"features", "features", features_value(description.features)}},
                    .tables = {}};
  add_network_facts(description, model.acoustic->network(), features, parameter_count,
                    report.facts);
  if (model.package) {
    const InfoReport graph = describe_graph(directory / description.graph_file);
    json::object fields = to_json(graph);
    report.facts.push_back({"graph", "graph", {description.graph_file, std::move(fields)}});
    for (const InfoFact& fact : graph.facts) {
      static const std::vector<std::string> kShown{"topology", "word_count", "state_count",
                                                   "arc_count"};
      if (std::find(kShown.begin(), kShown.end(), fact.name) == kShown.end()) continue;
      report.facts.back().value.text += ", " + fact.value.text;
      if (fact.name != "topology") report.facts.back().value.text += " " + fact.label;
    }
  } else {
    report.facts.push_back({"graph", "graph", {"missing; `harpy graph` compiles it", nullptr}});
  }
  report.tables.push_back(std::move(layers));
  report.tables.push_back(files_table(directory));
  return report;
}

}  // namespace harpy::tools

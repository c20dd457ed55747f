#include "service/recognizer/model_package.hpp"
#include "frontend/ivector/ivector_file.hpp"
#include "models/files/checksum.hpp"

#include <stdexcept>
#include <utility>

namespace harpy {

namespace {

std::shared_ptr<const FeatureExtractor> make_features(const ModelDescription& description,
                                                      const std::filesystem::path& directory) {
  const std::string file = (directory / "model.json").string();
  std::shared_ptr<const IvectorExtractor> ivectors;
  if (!description.ivector_file.empty()) {
    ivectors = read_ivector_file(directory / description.ivector_file);
  }
  try {
    return std::make_shared<FeatureExtractor>(description.features, std::move(ivectors),
                                              description.training_means);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(file + ": field \"features\": " + error.what());
  }
}

Tensor blank_offset(Backend& backend, const ModelDescription& description, std::int32_t pdf_count) {
  std::vector<float> offsets(static_cast<std::size_t>(pdf_count));
  if (!offsets.empty()) offsets.front() = static_cast<float>(-description.blank_penalty);
  return backend.from_host({static_cast<std::int64_t>(offsets.size())}, offsets);
}

/// The n-gram file of the graph's model where nothing names it.
constexpr const char* kGraphLanguageModelFile = "language-model.ngram";

void override_rescoring(ModelDescription& description, const RescoringOverrides& overrides) {
  if (overrides == RescoringOverrides{}) return;
  const auto absolute = [](const std::filesystem::path& path) {
    return std::filesystem::absolute(path).string();
  };
  if (!description.rescoring) {
    if (overrides.language_model.empty()) {
      throw std::runtime_error("the model \"" + description.name +
                               "\" has no larger n-gram model to rescore with");
    }
    description.rescoring = {.graph_language_model = kGraphLanguageModelFile};
  }
  RescoringDescription& rescoring = *description.rescoring;
  if (!overrides.language_model.empty()) {
    rescoring.language_model = absolute(overrides.language_model);
    rescoring.deadline_ms.reset();
  }
  if (!overrides.graph_language_model.empty()) {
    rescoring.graph_language_model = absolute(overrides.graph_language_model);
  }
  rescoring.scale = overrides.scale.value_or(rescoring.scale);
}

std::optional<SecondPass> load_second_pass(const std::filesystem::path& directory,
                                           const ModelDescription& description,
                                           const SymbolTable& words, FileMemory memory) {
  if (!description.rescoring) return std::nullopt;
  const RescoringDescription& rescoring = *description.rescoring;
  return SecondPass{
      .rescorer = load_rescorer({.language_model = directory / rescoring.language_model,
                                 .graph_language_model = directory / rescoring.graph_language_model,
                                 .scale = rescoring.scale},
                                words, memory),
      .deadline_ms = rescoring.deadline_ms};
}

std::shared_ptr<const GraphPackage> load_graph(const std::filesystem::path& directory,
                                               const ModelDescription& description,
                                               FileMemory memory) {
  const std::filesystem::path graph_file = directory / description.graph_file;
  if (!std::filesystem::exists(graph_file)) {
    throw std::runtime_error(
        graph_file.string() +
        ": missing; `harpy graph` compiles it (tools/quickstart does so for the default model)");
  }
  auto graph = std::make_shared<const GraphPackage>(map_graph_package(graph_file, memory));
  if (graph->labels.names() != description.units) {
    throw std::runtime_error(graph_file.string() + ": its labels are not the units of " +
                             (directory / "model.json").string());
  }
  return graph;
}

void check_weights(const std::filesystem::path& directory, const ModelDescription& description) {
  const std::filesystem::path weights = directory / description.acoustic_file;
  if (const std::string checksum = file_checksum(weights);
      checksum != description.acoustic_checksum) {
    throw std::runtime_error(weights.string() + ": expected the checksum " +
                             description.acoustic_checksum + " of " +
                             (directory / "model.json").string() + ", got " + checksum);
  }
}

}  // namespace

std::shared_ptr<const ModelPackage> ModelPackage::load(Backend& backend,
                                                       const std::filesystem::path& directory,
                                                       const SearchOverrides& overrides,
                                                       FileMemory memory) {
  const std::filesystem::path file = directory / "model.json";
  ModelDescription description = read_model_description(file);
  if (overrides.beam) description.search.beam = *overrides.beam;
  if (overrides.max_active) description.search.max_active = *overrides.max_active;
  if (overrides.acoustic_scale) description.search.acoustic_scale = *overrides.acoustic_scale;
  if (overrides.blank_penalty) description.blank_penalty = *overrides.blank_penalty;
  if (overrides.blank_skip_threshold) {
    description.blank_skip_threshold = *overrides.blank_skip_threshold;
  }
  if (overrides.minimum_bayes_risk) {
    description.minimum_bayes_risk = *overrides.minimum_bayes_risk;
  }
  if (overrides.least_confidence) description.least_confidence = *overrides.least_confidence;
  override_rescoring(description, overrides.rescoring);

  check_weights(directory, description);
  std::shared_ptr<ModelPackage> package(new ModelPackage);
  package->directory_ = directory;
  auto graph = load_graph(directory, description, memory);
  package->features_ = make_features(description, directory);
  package->description_ = std::move(description);
  package->load_network(backend, graph->graph.view().pdf_count);
  package->decoding_ = package->make_decoding(std::move(graph), memory);
  package->check(file.string());
  return package;
}

std::shared_ptr<const ModelPackage> ModelPackage::load_for(Backend& backend) const {
  std::shared_ptr<ModelPackage> package(new ModelPackage);
  package->directory_ = directory_;
  package->features_ = features_;
  package->description_ = description_;
  package->decoding_ = decoding_;
  check_weights(directory_, description_);
  package->load_network(backend, graph().graph.view().pdf_count);
  return package;
}

std::shared_ptr<const DecodingModel> ModelPackage::make_decoding(
    std::shared_ptr<const GraphPackage> graph, FileMemory memory) const {
  std::optional<float> silence_weight;
  if (features_->ivectors() && features_->ivectors()->options().weighs_frames()) {
    silence_weight = features_->ivectors()->options().silence_weight;
  }
  auto second_pass = load_second_pass(directory_, description_, graph->words, memory);
  const std::string& written = description_.written_folder;
  return std::make_shared<const DecodingModel>(DecodingModel{
      .package = std::move(graph),
      .search = description_.search,
      .frame_s =
          features_->frame_shift_s() * static_cast<double>(acoustic()->network().subsampling()),
      .blank_penalty = description_.blank_penalty,
      .blank_skip_threshold = description_.blank_skip_threshold,
      .confidence = description_.confidence,
      .minimum_bayes_risk = description_.minimum_bayes_risk,
      .least_confidence = description_.least_confidence,
      .endpoint_rules = description_.endpoint_rules,
      .silence_weight = silence_weight,
      .second_pass = std::move(second_pass),
      .written_form = written.empty()
                          ? nullptr
                          : std::make_shared<const WrittenFormFolder>(directory_ / written)});
}

void ModelPackage::load_network(Backend& backend, std::int32_t pdf_count) {
  const std::filesystem::path weights = directory_ / description_.acoustic_file;
  acoustic_grid_ = std::make_shared<AcousticGrid>(
      AcousticModel::load(backend, description_.network, weights),
      AcousticStreamOptions{.head = description_.head,
                            .block_frames = description_.block_frames,
                            .repeats_edges = description_.repeats_edges});
  output_offsets_ = blank_offset(backend, description_, pdf_count);
  backend.synchronize();  // other backends read it
}

void ModelPackage::check(const std::string& file) const {
  if (acoustic()->feature_dim() != features_->dim()) {
    throw std::runtime_error(
        file + ": the network takes " + std::to_string(acoustic()->feature_dim()) +
        " features a frame, the front end gives " + std::to_string(features_->dim()));
  }
  if (description_.blank_skip_threshold < 1.0 && graph().frame_labels.topology != Topology::kCtc) {
    throw std::runtime_error(file + ": field \"blank_skip_threshold\": frames are skipped in " +
                             "graphs of the topology ctc alone, which have blanks");
  }
  const std::int64_t output_dim = acoustic_grid_->output_dim();
  const std::int64_t pdf_count = graph().graph.view().pdf_count;
  if (output_dim != pdf_count) {
    throw std::runtime_error(file + ": the network has " + std::to_string(output_dim) +
                             " outputs, the graph scores " + std::to_string(pdf_count));
  }
}

}  // namespace harpy

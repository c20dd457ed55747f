#include "service/recognizer/model_package.hpp"

#include <stdexcept>

namespace harpy {

namespace {

std::shared_ptr<const FeatureExtractor> make_features(const ModelDescription& description,
                                                      const std::string& file) {
  try {
    return std::make_shared<FeatureExtractor>(description.features);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(file + ": field \"features\": " + error.what());
  }
}

}  // namespace

ModelPackage::ModelPackage(ModelDescription description, GraphPackage graph)
    : description_(std::move(description)), graph_(std::move(graph)) {}

std::shared_ptr<const ModelPackage> ModelPackage::load(const std::filesystem::path& directory,
                                                       const SearchOverrides& overrides) {
  const std::filesystem::path file = directory / "model.json";
  ModelDescription description = read_model_description(file);
  if (overrides.beam) description.search.beam = *overrides.beam;
  if (overrides.max_active) description.search.max_active = *overrides.max_active;
  if (overrides.acoustic_scale) description.search.acoustic_scale = *overrides.acoustic_scale;

  const std::filesystem::path weights = directory / description.acoustic_file;
  if (const std::string checksum = file_checksum(weights);
      checksum != description.acoustic_checksum) {
    throw std::runtime_error(weights.string() + ": expected the checksum " +
                             description.acoustic_checksum + " of " + file.string() + ", got " +
                             checksum);
  }
  const std::filesystem::path graph_file = directory / description.graph_file;
  if (!std::filesystem::exists(graph_file)) {
    throw std::runtime_error(
        graph_file.string() +
        ": missing; `harpy graph` compiles it (tools/quickstart does so for the default model)");
  }
  GraphPackage graph = map_graph_package(graph_file);
  if (graph.labels.names() != description.units) {
    throw std::runtime_error(graph_file.string() + ": its labels are not the units of " +
                             file.string());
  }

  std::shared_ptr<ModelPackage> package(new ModelPackage(std::move(description), std::move(graph)));
  package->features_ = make_features(package->description_, file.string());
  package->acoustic_ =
      AcousticModel::load(package->description_.network, weights, package->description_.head);
  if (package->acoustic_->input_dim() != package->features_->dim()) {
    throw std::runtime_error(
        file.string() + ": the network takes " + std::to_string(package->acoustic_->input_dim()) +
        " features a frame, the front end gives " + std::to_string(package->features_->dim()));
  }
  const auto unit_count = static_cast<std::int64_t>(package->description_.units.size());
  if (package->acoustic_->pdf_count() != unit_count) {
    throw std::runtime_error(file.string() + ": the network has " +
                             std::to_string(package->acoustic_->pdf_count()) + " outputs for " +
                             std::to_string(unit_count) + " units");
  }
  return package;
}

double ModelPackage::frame_s() const {
  return features_->frame_shift_s() * static_cast<double>(acoustic_->subsampling());
}

}  // namespace harpy

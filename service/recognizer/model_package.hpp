#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "acoustic/acoustic_stream.hpp"
#include "frontend/feature_extractor.hpp"
#include "service/recognizer/decoding_model.hpp"
#include "service/recognizer/model_description.hpp"

namespace harpy {

/// What replaces a model's own rescoring, or stands in for it.
struct RescoringOverrides {
  /// n-gram files; empty: the model's.
  std::filesystem::path language_model = {};
  std::filesystem::path graph_language_model = {};
  std::optional<double> scale = std::nullopt;

  bool operator==(const RescoringOverrides&) const = default;
};

/// Search settings that replace a model's own.
struct SearchOverrides {
  std::optional<float> beam;
  std::optional<std::int32_t> max_active;
  std::optional<float> acoustic_scale;
  std::optional<double> blank_penalty;
  std::optional<double> blank_skip_threshold;
  std::optional<bool> minimum_bayes_risk;
  std::optional<double> least_confidence;
  RescoringOverrides rescoring;
};

/// A loaded model: features, network and graph, all immutable.
/// Threads: const access from any thread.
class ModelPackage {
 public:
  /// Loads the package of a directory for the device of `backend`, and so for any other backend of
  /// that device, and checks every file's checksum. Errors: std::runtime_error naming the file and
  /// what is wrong, such as a graph made for other units. `memory`: of the graph and the n-gram
  /// models, the large files.
  static std::shared_ptr<const ModelPackage> load(Backend& backend,
                                                  const std::filesystem::path& directory,
                                                  const SearchOverrides& overrides = {},
                                                  FileMemory memory = FileMemory::kShared);

  /// The same package for backends of another device; graph and feature tables are shared.
  /// Errors: std::runtime_error if the weights' file is no longer the one that was loaded.
  std::shared_ptr<const ModelPackage> load_for(Backend& backend) const;

  const ModelDescription& description() const { return description_; }
  const BeamSearchOptions& search_options() const { return description_.search; }
  const std::shared_ptr<const FeatureExtractor>& features() const { return features_; }
  const std::shared_ptr<const AcousticModel>& acoustic() const { return acoustic_grid_->model(); }
  /// How the network is run through in blocks.
  const std::shared_ptr<const AcousticGrid>& acoustic_grid() const { return acoustic_grid_; }
  /// What is added to the network's outputs before the search, one value a pdf.
  ConstTensorView output_offsets() const { return output_offsets_; }
  /// All that comes behind the network.
  const std::shared_ptr<const DecodingModel>& decoding() const { return decoding_; }
  const GraphPackage& graph() const { return *decoding_->package; }
  /// Seconds from one output frame to the next.
  double frame_s() const { return decoding_->frame_s; }

 private:
  ModelPackage() = default;

  /// What comes behind the network. Errors: as load.
  std::shared_ptr<const DecodingModel> make_decoding(std::shared_ptr<const GraphPackage> graph,
                                                     FileMemory memory) const;

  /// Fills in what lies in the backend's memory.
  void load_network(Backend& backend, std::int32_t pdf_count);

  /// Checks that features, network and units fit each other; errors name `file`.
  void check(const std::string& file) const;

  std::filesystem::path directory_;
  ModelDescription description_;
  std::shared_ptr<const FeatureExtractor> features_;
  std::shared_ptr<const AcousticGrid> acoustic_grid_;
  Tensor output_offsets_;
  std::shared_ptr<const DecodingModel> decoding_;
};

}  // namespace harpy

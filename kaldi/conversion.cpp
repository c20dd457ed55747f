#include "kaldi/conversion.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "acoustic/network_file.hpp"
#include "decoder/language_model/mapped_ngram.hpp"
#include "frontend/feature_extractor.hpp"
#include "frontend/ivector/ivector_file.hpp"
#include "kaldi/acoustic_file.hpp"
#include "kaldi/configuration.hpp"
#include "kaldi/feature_sums.hpp"
#include "kaldi/ivector_files.hpp"
#include "kaldi/ngram_files.hpp"
#include "kaldi/nnet3/layer_plan.hpp"
#include "models/files/checksum.hpp"
#include "service/recognizer/model_description.hpp"

namespace harpy::kaldi {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kHead = "output";
constexpr const char* kWeightsFile = "acoustic.safetensors";
constexpr const char* kGraphFile = "graph.harpy";
constexpr const char* kIvectorFile = "ivectors.harpy";
constexpr const char* kLargerModelFile = "large.ngram";
constexpr const char* kGraphModelFile = "language-model.ngram";
/// Output frames computed together: 210 ms, as Kaldi's decoders do at 3-fold subsampling.
constexpr std::int64_t kBlockFrames = 7;

/// The name, version and language that packages named like vosk-model-small-en-us-0.15 have.
void name_package(const fs::path& folder, ModelDescription& description) {
  description.name = fs::weakly_canonical(folder).filename().string();
  description.version = "1";
  description.language = "und";
  std::string_view rest = description.name;
  for (const std::string_view prefix : {"vosk-model-", "small-"}) {
    if (!rest.starts_with(prefix)) continue;
    rest.remove_prefix(prefix.size());
  }
  const std::size_t dash = rest.rfind('-');
  if (rest.size() == description.name.size() || dash == std::string_view::npos) return;
  description.language = rest.substr(0, dash);
  description.version = rest.substr(dash + 1);
}

/// Kaldi's decoders count all frames alike unless told otherwise.
float silence_weight(const ConversionOptions& options, const ModelFolder& files,
                     const DecodingOptions& decoding) {
  constexpr float kVosksWeight = 0.001F;
  if (options.silence_weight) return *options.silence_weight;
  return files.is_vosks && !decoding.silence_phones.empty() ? kVosksWeight : 1.0F;
}

RescoringDescription convert_rescoring(const ModelFolder& files, const fs::path& package) {
  constexpr int kBits = 16;
  const LabelNames words = read_word_numbers(files).names;
  write_mapped_ngram(read_const_arpa(files.larger_model, words), package / kLargerModelFile, kBits);
  write_mapped_ngram(read_grammar_model(files.graph_model, words), package / kGraphModelFile,
                     kBits);
  return {.language_model = kLargerModelFile, .graph_language_model = kGraphModelFile};
}

}  // namespace

Network make_network(Backend& backend, const EvaluatedNnet& nnet, std::int64_t subsampling,
                     const std::vector<std::int32_t>& pdfs) {
  LayerPlan plan = plan_layers(nnet, subsampling);
  const json::object selection{{"type", "select"},
                               {"columns", json::array(pdfs.begin(), pdfs.end())}};
  Network network(backend,
                  {{"input_dim", nnet.feature_dim + nnet.ivector_dim},
                   {"trunk", std::move(plan.trunk)},
                   {"heads", json::object{{kHead, json::array{selection}}}}},
                  0);
  std::map<std::string, std::vector<float>> values;
  for (TensorValues& tensor : plan.tensors) values.emplace(tensor.name, std::move(tensor.values));
  for (const NamedTensor& named : network.tensors()) {
    const auto found = values.find(named.name);
    if (found == values.end()) throw std::logic_error("no values for " + named.name);
    backend.copy(backend.from_host(named.tensor->shape(), found->second), *named.tensor);
    values.erase(found);
  }
  if (!values.empty()) throw std::logic_error("no tensor for " + values.begin()->first);
  return network;
}

ConversionReport convert_model(const fs::path& folder, const fs::path& package,
                               const ConversionOptions& options) {
  const ModelFolder files = find_model_files(folder, options.graph_folder);
  ModelDescription description;
  name_package(folder, description);
  description.features = read_feature_options(files.features, files.has_mfcc);
  if (!files.feature_sums.empty()) {
    description.features.normalization = NormalizationKind::kOnline;
    description.training_means = read_feature_sums(files.feature_sums).means();
  }
  const DecodingOptions decoding = read_decoding_options(files.decoding);
  const AcousticFile acoustic = read_acoustic_file(files.model);
  const auto begin = std::chrono::steady_clock::now();
  const ConvertedGraph graph =
      convert_graph(files, acoustic.transitions, decoding.silence_phones, options.most_arcs);
  const std::chrono::duration<double> graph_time = std::chrono::steady_clock::now() - begin;
  std::shared_ptr<const IvectorExtractor> ivectors;
  if (acoustic.nnet.ivector_dim > 0) {
    if (files.ivectors.empty()) {
      throw std::runtime_error((folder / "ivector").string() +
                               ": missing, which the network needs");
    }
    ivectors = read_ivector_files(files.ivectors,
                                  {.silence_weight = silence_weight(options, files, decoding)});
  }
  const std::int64_t ivector_dim = ivectors ? ivectors->dim() : 0;
  const std::int64_t feature_dim = [&] {
    try {
      return std::int64_t{
          FeatureExtractor(description.features, ivectors, description.training_means)
              .feature_dim()};
    } catch (const std::invalid_argument& error) {
      throw std::runtime_error(files.features.string() + ": " + error.what());
    }
  }();
  if (feature_dim != acoustic.nnet.feature_dim || ivector_dim != acoustic.nnet.ivector_dim) {
    throw std::runtime_error(files.model.string() + ": the network takes " +
                             std::to_string(acoustic.nnet.feature_dim) + " features and " +
                             std::to_string(acoustic.nnet.ivector_dim) +
                             " values of an i-vector, which is not what the other files give");
  }
  const auto backend = create_backend({});
  Network network = [&] {
    try {
      return make_network(*backend, acoustic.nnet, decoding.subsampling, graph.pdfs);
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(files.model.string() + ": " + error.what());
    }
  }();
  description.network = network.description();
  description.head = kHead;
  description.units = graph.package.labels.names();
  description.search = decoding.search;
  description.endpoint_rules = decoding.endpoint_rules;
  description.block_frames = kBlockFrames;
  description.repeats_edges = true;

  fs::create_directories(package);
  write_network_file(package / kWeightsFile, *backend, network.tensors());
  description.acoustic_file = kWeightsFile;
  description.acoustic_checksum = file_checksum(package / kWeightsFile);
  write_graph_package(package / kGraphFile, graph.package);
  description.graph_file = kGraphFile;
  if (ivectors) {
    write_ivector_file(package / kIvectorFile, *ivectors);
    description.ivector_file = kIvectorFile;
  }
  if (!files.larger_model.empty()) description.rescoring = convert_rescoring(files, package);
  write_model_description(package / "model.json", description);
  const GraphView& view = graph.package.graph.view();
  return {.is_composed = files.graph.empty(),
          .state_count = view.state_count,
          .arc_count = view.arc_count(),
          .graph_seconds = graph_time.count(),
          .left_out = files.neural_model};
}

}  // namespace harpy::kaldi

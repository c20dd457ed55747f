#include "tests/bench/search_workload.hpp"

#include <filesystem>

#include "acoustic/acoustic_batch.hpp"
#include "acoustic/training/manifest.hpp"
#include "frontend/audio_file.hpp"
#include "frontend/feature_stream.hpp"
#include "frontend/resampler.hpp"
#include "service/recognizer/model_package.hpp"
#include "tests/decoder/search/golden_search.hpp"

namespace harpy::bench {

namespace {

constexpr std::size_t kUtterances = 12;

std::filesystem::path model_folder() {
  return std::filesystem::path(HARPY_SOURCE_DIR) / "models/en-small";
}
std::filesystem::path dev_manifest() {
  return std::filesystem::path(HARPY_SHARED_DIR) / "data/dev.jsonl";
}

std::vector<float> read_samples(const std::filesystem::path& path, double rate_hz) {
  AudioFile file(path);
  MonoReader reader(file);
  Resampler resampler(file.sample_rate_hz(), rate_hz);
  std::vector<float> samples;
  for (auto read = reader.read(); !read.empty(); read = reader.read()) {
    resampler.process(read, samples);
  }
  resampler.finish(samples);
  return samples;
}

/// Scaled log-likelihoods of a recording, as the recogniser hands them to the search.
std::vector<float> log_likelihoods(const ModelPackage& model, Backend& backend,
                                   const std::filesystem::path& path) {
  FeatureStream features(model.features());
  features.accept(read_samples(path, model.features()->sample_rate_hz()));
  features.finish();
  AcousticBatch network(model.acoustic_grid(), backend, {.output_offsets = model.output_offsets()});
  AcousticStream acoustic(model.acoustic_grid(), backend);
  AcousticStream* const stream = &acoustic;
  acoustic.accept(features.take(features.frames_ready()));
  acoustic.finish();
  std::vector<float> values;
  while (acoustic.blocks_ready() > 0) {
    const std::vector<float> block = backend.to_host(network.advance({&stream, 1})[0]);
    values.insert(values.end(), block.begin(), block.end());
  }
  for (float& value : values) value *= model.search_options().acoustic_scale;
  return values;
}

}  // namespace

std::size_t SearchWorkload::frame_count() const {
  std::size_t values = 0;
  for (const auto& utterance : scores) values += utterance.size();
  return values / pdf_count();
}

SearchWorkload golden_workload(const std::string& name) {
  const testing::GoldenCorpus corpus = testing::load_golden_search(name);
  SearchWorkload workload{.graph = corpus.graph,
                          .scores = {},
                          .settings = {{"wide", corpus.settings.at("wide/1.0")},
                                       {"narrow", corpus.settings.at("narrow/1.0")}}};
  for (const auto& [id, utterance] : corpus.utterances) {
    auto& values = workload.scores.emplace_back();
    for (const auto& frame : utterance.scores) {
      values.insert(values.end(), frame.begin(), frame.end());
    }
  }
  return workload;
}

bool has_model_workload() {
  return std::filesystem::exists(model_folder() / "graph.harpy") &&
         std::filesystem::exists(dev_manifest());
}

SearchWorkload model_workload() {
  const auto backend = create_backend({});
  const auto model = ModelPackage::load(*backend, model_folder());
  SearchWorkload workload{
      .graph = model->decoding_graph(),
      .scores = {},
      .settings = {
          {"wide", {.beam = 15.0F, .lattice_beam = 8.0F, .max_active = 10'000, .min_active = 200}},
          {"narrow",
           {.beam = 11.0F, .lattice_beam = 6.0F, .max_active = 2'000, .min_active = 200}}}};
  for (const ManifestEntry& entry : read_manifest(dev_manifest())) {
    if (workload.scores.size() == kUtterances) break;
    workload.scores.push_back(log_likelihoods(*model, *backend, entry.audio));
  }
  return workload;
}

}  // namespace harpy::bench

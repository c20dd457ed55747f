#include "tests/bench/search_workload.hpp"

#include <filesystem>

#include "acoustic/training/manifest.hpp"
#include "service/recognizer/model_package.hpp"
#include "tests/bench/log_likelihoods.hpp"
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
      .graph = model->decoding()->graph(),
      .scores = {},
      .settings = {
          {"wide", {.beam = 15.0F, .lattice_beam = 8.0F, .max_active = 10'000, .min_active = 200}},
          {"narrow",
           {.beam = 11.0F, .lattice_beam = 6.0F, .max_active = 2'000, .min_active = 200}}}};
  for (const ManifestEntry& entry : read_manifest(dev_manifest())) {
    if (workload.scores.size() == kUtterances) break;
    std::vector<float>& scores = workload.scores.emplace_back();
    scores = log_likelihoods(*model, *backend, entry.audio);
    for (float& score : scores) score *= model->search_options().acoustic_scale;
  }
  return workload;
}

}  // namespace harpy::bench

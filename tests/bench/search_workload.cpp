#include "tests/bench/search_workload.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <sstream>
#include <utility>

#include "acoustic/training/manifest.hpp"
#include "service/recognizer/model_package.hpp"
#include "tests/bench/log_likelihoods.hpp"
#include "tests/decoder/search/golden_search.hpp"

namespace harpy::bench {

namespace {

constexpr std::size_t kUtterances = 12;
constexpr std::size_t kPhrases = 1000;

using WordPair = std::pair<std::int32_t, std::int32_t>;

std::shared_ptr<const PhraseAutomaton> boosted(const std::set<WordPair>& pairs) {
  std::vector<BoostedPhrase> phrases;
  for (const auto& [first, second] : pairs) {
    phrases.push_back({.words = {first, second}, .boost = 4.0F});
  }
  return std::make_shared<const PhraseAutomaton>(phrases);
}

std::set<WordPair> drawn_pairs(const SymbolTable& words) {
  std::mt19937 random(1);
  std::uniform_int_distribution<std::int32_t> draw(1, words.size() - 1);
  std::set<WordPair> pairs;
  while (pairs.size() < kPhrases) pairs.emplace(draw(random), draw(random));
  return pairs;
}

std::set<WordPair> said_pairs(const SymbolTable& words, std::span<const ManifestEntry> entries) {
  std::set<WordPair> pairs;
  for (const ManifestEntry& entry : entries) {
    std::istringstream text(entry.text);
    std::optional<std::int32_t> previous;
    for (std::string word; text >> word && pairs.size() < kPhrases;) {
      const std::optional<std::int32_t> id = words.find(word);
      if (previous && id) pairs.emplace(*previous, *id);
      previous = id;
    }
  }
  return pairs;
}

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
  const std::vector<ManifestEntry> entries = read_manifest(dev_manifest());
  const SymbolTable& words = model->decoding()->package->words;
  workload.phrases = {{"drawn", boosted(drawn_pairs(words))},
                      {"said", boosted(said_pairs(words, entries))}};
  for (const ManifestEntry& entry : entries) {
    if (workload.scores.size() == kUtterances) break;
    std::vector<float>& scores = workload.scores.emplace_back();
    scores = log_likelihoods(*model, *backend, entry.audio);
    for (float& score : scores) score *= model->search_options().acoustic_scale;
  }
  return workload;
}

}  // namespace harpy::bench

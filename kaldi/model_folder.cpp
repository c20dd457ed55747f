#include "kaldi/model_folder.hpp"

#include <array>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>

namespace harpy::kaldi {

namespace {

namespace fs = std::filesystem;

constexpr std::array kModelPlaces{"am/final.mdl", "final.mdl"};

/// The first of these places where something is, or an empty path.
fs::path find_place(const fs::path& folder, std::span<const char* const> places) {
  for (const char* const place : places) {
    std::error_code ignored;
    if (fs::exists(folder / place, ignored)) return folder / place;
  }
  return {};
}

fs::path find_place(const fs::path& folder, std::initializer_list<const char*> places) {
  return find_place(folder, std::span(places.begin(), places.size()));
}

fs::path require_place(const fs::path& folder, std::initializer_list<const char*> places) {
  fs::path found = find_place(folder, places);
  if (!found.empty()) return found;
  throw std::runtime_error((folder / *places.begin()).string() +
                           ": missing, which a model of Kaldi or Vosk needs");
}

void refuse_place(const fs::path& folder, std::initializer_list<const char*> places,
                  const std::string& why) {
  const fs::path found = find_place(folder, places);
  if (!found.empty()) throw std::runtime_error(found.string() + ": " + why);
}

/// The files of the graph, which lie in a folder of their own or with the model's.
void find_graph_files(std::span<const fs::path> folders, ModelFolder& files) {
  const auto find = [&](std::initializer_list<const char*> places) {
    for (const fs::path& folder : folders) {
      fs::path found = find_place(folder, places);
      if (!found.empty()) return found;
    }
    return fs::path();
  };
  const auto require = [&](const char* place) {
    const fs::path found = find({place});
    return found.empty() ? require_place(folders.front(), {place}) : found;
  };
  files.graph = find({"HCLG.fst"});
  if (files.graph.empty()) {
    files.lexicon_graph = find({"HCLr.fst"});
    if (files.lexicon_graph.empty()) require("HCLG.fst");
    files.grammar_graph = require("Gr.fst");
    files.disambiguation = require("disambig_tid.int");
  }
  files.words = find({"words.txt"});
  files.word_boundary = find({"phones/word_boundary.int", "word_boundary.int"});
  files.phones = find({"phones.txt"});
}

}  // namespace

bool is_model_folder(const fs::path& folder) { return !find_place(folder, kModelPlaces).empty(); }

ModelFolder find_model_files(const fs::path& folder, const fs::path& graph_folder) {
  ModelFolder files{.folder = folder};
  files.model = require_place(folder, {"am/final.mdl", "final.mdl"});
  refuse_place(folder, {"conf/pitch.conf", "pitch.conf"},
               "the model listens to pitch too, which is not supported");
  refuse_place(folder, {"ivector_extractor/online_cmvn_iextractor"},
               "i-vectors of normalised features are not supported");
  files.features = find_place(folder, {"conf/mfcc.conf", "mfcc.conf"});
  files.has_mfcc = !files.features.empty();
  if (!files.has_mfcc) {
    files.features = find_place(folder, {"conf/fbank.conf", "fbank.conf"});
    if (files.features.empty()) require_place(folder, {"conf/mfcc.conf"});
  }
  files.feature_sums = find_place(folder, {"am/global_cmvn.stats", "global_cmvn.stats"});
  files.decoding = find_place(folder, {"conf/model.conf"});
  if (graph_folder.empty()) {
    find_graph_files(std::array{folder / "graph", folder}, files);
  } else {
    find_graph_files(std::array{graph_folder}, files);
  }
  files.ivectors = find_place(folder, {"ivector", "ivector_extractor"});
  files.is_vosks = files.ivectors.filename() != "ivector_extractor";
  files.larger_model = find_place(folder, {"rescore/G.carpa"});
  files.graph_model = find_place(folder, {"rescore/G.fst"});
  if (files.larger_model.empty() != files.graph_model.empty()) {
    require_place(folder, {"rescore/G.carpa"});
    require_place(folder, {"rescore/G.fst"});
  }
  files.neural_model = find_place(folder, {"rnnlm"});
  return files;
}

}  // namespace harpy::kaldi

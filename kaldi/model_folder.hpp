#pragma once

#include <filesystem>
#include <optional>

namespace harpy::kaldi {

/// Where the files of a model lie; a path is empty where there is no such file.
struct ModelFolder {
  std::filesystem::path folder;
  bool is_vosks = true;            ///< whether it is laid out as Vosk's packages are
  std::filesystem::path model;     ///< final.mdl: transition model and network
  std::filesystem::path features;  ///< mfcc.conf or fbank.conf
  bool has_mfcc = true;
  std::filesystem::path feature_sums;    ///< global_cmvn.stats of features that are normalised
  std::filesystem::path decoding;        ///< model.conf
  std::filesystem::path graph;           ///< HCLG.fst; without it the graph is in two parts:
  std::filesystem::path lexicon_graph;   ///< HCLr.fst,
  std::filesystem::path grammar_graph;   ///< Gr.fst,
  std::filesystem::path disambiguation;  ///< and the inputs of HCLr.fst that stand for nothing
  std::filesystem::path words;           ///< words.txt
  std::filesystem::path word_boundary;   ///< word_boundary.int
  std::filesystem::path phones;          ///< phones.txt
  std::filesystem::path ivectors;        ///< a folder
  /// Language models of a second pass: rescore/G.carpa, and rescore/G.fst, which the graph was made
  /// of. Both or none are there.
  std::filesystem::path larger_model;
  std::filesystem::path graph_model;
  std::filesystem::path neural_model;  ///< the folder rnnlm, which is not supported
};

/// Whether a folder looks like a model of Kaldi or Vosk: it holds a final.mdl where one belongs.
bool is_model_folder(const std::filesystem::path& folder);

/// Finds the files of a model in Vosk's layouts (am/ conf/ graph/ ivector/, or all in one folder)
/// and in that of Kaldi's online decoding (final.mdl conf/ ivector_extractor/ with its graph/). A
/// graph_folder that is named is where the graph's files lie, as in recipes that make graphs beside
/// the tree.
/// Errors: std::runtime_error naming a file that is missing, or one that says that the model is of
/// a kind that is not supported.
ModelFolder find_model_files(const std::filesystem::path& folder,
                             const std::filesystem::path& graph_folder = {});

}  // namespace harpy::kaldi

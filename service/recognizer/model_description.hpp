#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "decoder/endpoint.hpp"
#include "decoder/lattice/word_confidence.hpp"
#include "decoder/search/beam_search.hpp"
#include "frontend/feature_options.hpp"

namespace harpy {

/// A second pass with a larger n-gram model, over the lattice of each utterance
/// (docs/rescoring.md).
struct RescoringDescription {
  std::string language_model;        ///< n-gram file of the larger model
  std::string graph_language_model;  ///< n-gram file of the model that the graph was made of
  /// Share of the larger model's costs in place of the graph's; 0: none, 1: all.
  double scale = 1.0;
  /// Milliseconds after which an utterance's first pass stands, at most an hour's; absent: however
  /// long it takes.
  std::optional<double> deadline_ms;

  bool operator==(const RescoringDescription&) const = default;
};

/// The content of model.json, which says how the other files of a model package fit together
/// (models/FORMAT.md describes each field). File names are relative to the package.
struct ModelDescription {
  std::string name;                    ///< such as "en-small"; for users, not used otherwise
  std::string version;                 ///< such as "4"; for users too
  std::string language;                ///< BCP 47, such as "en"
  FeatureOptions features;             ///< of the audio, as the network was trained on
  std::vector<double> training_means;  ///< of the features; only where they are normalised online
  boost::json::object network;         ///< its layers, as the constructor of Network takes them
  std::string head;                ///< the head of the network whose outputs are log-likelihoods
  std::vector<std::string> units;  ///< what the outputs stand for; the first is the blank
  std::string acoustic_file;       ///< holds the weights (safetensors)
  std::string acoustic_checksum;   ///< XXH3 (64 bits) of that file, 16 hexadecimal digits
  std::string graph_file;          ///< made by harpy graph
  std::string ivector_file;        ///< extractor of the i-vectors that end frames; empty: none do
  /// Whether the first and the last frame stand for those before and behind the audio.
  bool repeats_edges = false;
  std::string written_folder;  ///< of the language's written form; empty: it has none
  /// Output frames of the network that are computed and searched together: the grid of
  /// docs/architecture.md. Larger values make fewer, bigger products and later partial results.
  std::int64_t block_frames = 4;
  /// Subtracted from the blank's log-likelihoods, in nats: networks trained with CTC are surer of
  /// the blank than of anything else (Miao et al., 2015, divide by label priors for the same
  /// reason). Larger: fewer deletions, more insertions.
  double blank_penalty = 0.0;
  /// Where the blank is more probable than this in several frames in a row, only the first of them
  /// is searched; the others still count for times. With 1, the default, every frame is searched.
  /// Smaller values are faster and make more errors; 0.98 costs hardly any.
  double blank_skip_threshold = 1.0;
  /// What each word costs in the model's graph beside the language model, in nats;
  /// GraphCompilerOptions::word_cost where `harpy graph --model` makes it.
  double word_cost = 0.0;
  BeamSearchOptions search;  ///< used unless the command line says otherwise
  /// When utterances end, unless a session asks for times of its own; empty: as EndpointTimes has
  /// it by default.
  std::vector<EndpointRule> endpoint_rules;
  ConfidenceScale confidence;  ///< how costs of a lattice become probabilities
  /// Whether the words of finals are those of least expected errors in the utterance's lattice
  /// rather than those of its best path, except in a session with a closed grammar. Fewer words are
  /// wrong, and finals take a tenth more time.
  bool minimum_bayes_risk = false;
  /// Where minimum_bayes_risk holds: a final none of whose words has at least this confidence has
  /// neither words nor alternatives, since what was heard was noise. In [0, 1]; 0: all have theirs.
  double least_confidence = 0.0;
  std::optional<RescoringDescription> rescoring;
};

/// Errors: std::runtime_error naming the file and the field for text that is not JSON, a field that
/// is missing, of the wrong type or unknown, or a format version of another program.
ModelDescription read_model_description(const std::filesystem::path& path);

/// Replaces the file as a whole. Errors: std::runtime_error naming the file.
void write_model_description(const std::filesystem::path& path,
                             const ModelDescription& description);

}  // namespace harpy

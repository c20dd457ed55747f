#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "decoder/lattice/word_confidence.hpp"
#include "decoder/search/beam_search.hpp"
#include "frontend/feature_options.hpp"

namespace harpy {

/// What model.json of a model package says (models/FORMAT.md). File names are relative to the
/// package.
struct ModelDescription {
  std::string name;
  std::string version;
  std::string language;  ///< BCP 47, such as "en"
  FeatureOptions features;
  boost::json::object network;     ///< as Network takes it
  std::string head;                ///< the head whose outputs are the log-likelihoods
  std::vector<std::string> units;  ///< what the outputs stand for; the first is the blank
  std::string acoustic_file;
  std::string acoustic_checksum;  ///< XXH3 (64 bits) of that file, 16 hexadecimal digits
  std::string graph_file;
  /// Output frames of a block of the grid. Larger: fewer, bigger products; later partials.
  std::int64_t block_frames = 4;
  /// Subtracted from the blank's log-likelihoods, in nats: networks trained with CTC are surer of
  /// the blank than of anything else (Miao et al., 2015, divide by label priors for the same
  /// reason). Larger: fewer deletions, more insertions.
  double blank_penalty = 0.0;
  /// Posterior of the blank above which, in a run of such frames, only the first is searched; the
  /// others still count for times. 1, the default: every frame is searched. Smaller: faster, more
  /// errors; 0.98 or so costs hardly any.
  double blank_skip_threshold = 1.0;
  BeamSearchOptions search;
  ConfidenceScale confidence;
};

/// Errors: std::runtime_error naming the file and the field for text that is not JSON, a field that
/// is missing, of the wrong type or unknown, or a format version of another program.
ModelDescription read_model_description(const std::filesystem::path& path);

/// Replaces the file as a whole. Errors: std::runtime_error naming the file.
void write_model_description(const std::filesystem::path& path,
                             const ModelDescription& description);

}  // namespace harpy

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "decoder/search/beam_search.hpp"
#include "tests/decoder/search/reference_search.hpp"

namespace harpy::testing {

/// Answers of an exhaustive integer search at one acoustic scale.
struct ExactAnswer {
  double cost = 0.0;
  std::vector<std::vector<std::int32_t>> labels;  ///< those that lie on a best path, for each frame
  std::vector<std::pair<double, std::string>> n_best;
};

/// Kaldi's answer in one setting.
struct KaldiAnswer {
  bool reached_final = false;
  double cost = 0.0;
};

struct GoldenUtterance {
  Scores scores;
  std::map<std::string, ExactAnswer> exact;  ///< by scale, "1.0" or "0.5"
  std::map<std::string, KaldiAnswer> kaldi;  ///< by setting, "wide/1.0"
};

/// A graph with scores and exact answers: "tiny" of tests/data, or one of the golden decodings
/// beside the checkout (golden/search/README.md there), which have Kaldi's answers too.
struct GoldenCorpus {
  std::shared_ptr<const DecodingGraph> graph;
  std::vector<std::string> words;  ///< by id
  std::map<std::string, GoldenUtterance> utterances;
  std::map<std::string, BeamSearchOptions> settings;  ///< by name and scale
};

bool has_golden_search(const std::string& name);

/// "tiny", "small", "mono" or "biphone". Scores are generated and checked against their checksums.
/// Errors: std::runtime_error.
GoldenCorpus load_golden_search(const std::string& name);

/// Words by their ids, separated by spaces.
std::string words_of(const std::vector<std::int32_t>& ids, const std::vector<std::string>& words);

/// The ids of a path's words.
std::vector<std::int32_t> outputs_of(const BestPath& path);

/// The input labels of a path that consumed frames.
std::vector<std::int32_t> labels_of(const BestPath& path);

}  // namespace harpy::testing

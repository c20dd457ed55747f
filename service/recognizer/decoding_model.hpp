#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "decoder/endpoint.hpp"
#include "decoder/graph/graph_file.hpp"
#include "decoder/lattice/rescoring.hpp"
#include "decoder/lattice/word_confidence.hpp"
#include "decoder/search/beam_search.hpp"
#include "decoder/written/written_form.hpp"

namespace harpy {

/// The written form of a language, loaded when it is first asked for.
class WrittenFormFolder {
 public:
  explicit WrittenFormFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Threads: any; others wait while it is loaded. Errors: std::runtime_error naming file and
  /// place.
  std::shared_ptr<const WrittenForm> get() const;

 private:
  const std::filesystem::path folder_;
  mutable std::once_flag once_;
  mutable std::shared_ptr<const WrittenForm> form_;
};

/// The second pass over lattices.
struct SecondPass {
  std::shared_ptr<const LatticeRescorer> rescorer;
  /// Milliseconds after which an utterance's first pass stands; absent: however long it takes.
  std::optional<double> deadline_ms = std::nullopt;
};

/// All of a model that comes behind its network: what makes words of log-likelihoods, whichever
/// program they are from. Threads: const access from any thread.
struct DecodingModel {
  std::shared_ptr<const GraphPackage> package;  ///< graph, words and labels
  BeamSearchOptions search = {};
  double frame_s = 0.01;  ///< from one frame to the next
  /// What is taken from the blank's log-likelihoods before they are searched, in nats.
  double blank_penalty = 0.0;
  /// Of several frames in a row whose blank is more probable, only the first is searched; 1: all.
  double blank_skip_threshold = 1.0;
  ConfidenceScale confidence = {};
  /// Whether the words of finals are those of least expected errors rather than the best path's.
  bool minimum_bayes_risk = false;
  /// A final none of whose words is as sure has no words; needs minimum_bayes_risk.
  double least_confidence = 0.0;
  std::vector<EndpointRule> endpoint_rules = {};  ///< empty: those of EndpointTimes
  /// How much a silent frame counts in the i-vectors that come in front of the network, where it
  /// is less than others do.
  std::optional<float> silence_weight = std::nullopt;
  std::optional<SecondPass> second_pass = std::nullopt;             ///< of searches of this graph
  std::shared_ptr<const WrittenFormFolder> written_form = nullptr;  ///< null: there is none

  std::shared_ptr<const DecodingGraph> graph() const { return {package, &package->graph}; }
};

/// The n-gram files of a second pass (docs/rescoring.md).
struct SecondPassFiles {
  std::filesystem::path language_model;        ///< of the larger model
  std::filesystem::path graph_language_model;  ///< of the one that the graph was made of
  double scale = 1.0;                          ///< share of the larger model's costs
};

/// Loads a second pass for the words of a graph; its models lie in `memory`. Errors:
/// std::runtime_error naming the file that is missing, malformed or of other words.
std::shared_ptr<const LatticeRescorer> load_rescorer(const SecondPassFiles& files,
                                                     const SymbolTable& words,
                                                     FileMemory memory = FileMemory::kShared);

}  // namespace harpy

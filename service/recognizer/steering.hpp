#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "decoder/graph/added_words.hpp"
#include "decoder/search/beam_search.hpp"
#include "decoder/word_times.hpp"
#include "service/recognizer/model_words.hpp"
#include "service/recognizer/steering_request.hpp"

namespace harpy {

/// A request made ready for the search.
struct Steering {
  /// Graph and words of the session: the model's or those of a closed grammar.
  std::shared_ptr<const GraphPackage> package;
  StreamSteering search = {};
  /// Words that are not the package's, and further pronunciations of some that are, by number.
  std::map<std::int32_t, SpokenWord> added_words = {};

  const std::string& word_name(std::int32_t word) const;
  /// The names of all words. Where words were added it is made anew, a copy of the package's.
  std::shared_ptr<const SymbolTable> words() const;
  /// When the words of a path and their labels were spoken, see word_times and label_times.
  std::vector<TimedWord> times_of(std::span<const PathStep> steps) const;
  std::vector<std::vector<TimedLabel>> labels_of(std::span<const PathStep> steps) const;
};

/// Makes requests ready and keeps the last ones, since many sessions ask for the same. Threads:
/// any; the worker of a session calls it, for it computes.
class SteeringMaker {
 public:
  explicit SteeringMaker(std::shared_ptr<const GraphPackage> package);

  /// Errors: std::invalid_argument naming the field and what is wrong with it.
  std::shared_ptr<const Steering> make(const SteeringRequest& request);

 private:
  Steering compile(const SteeringRequest& request) const;
  std::shared_ptr<const GraphPackage> compile_closed_grammar(const SteeringRequest& request) const;
  /// A word of a grammar.
  SpokenWord look_up(const std::string& word, const SteeringRequest& request) const;
  std::string obstacle_to_new_words() const;
  std::shared_ptr<const AddedWords> add_words(const Steering& steering, double cost) const;

  const ModelWords words_;
  mutable std::once_flag boundary_once_;
  mutable WordBoundary boundary_;  ///< of the model's graph, found when it is first needed
  std::mutex mutex_;               ///< guards what follows
  /// The last ones asked for, the very last in front.
  std::list<std::pair<SteeringRequest, std::shared_ptr<const Steering>>> made_;
};

}  // namespace harpy

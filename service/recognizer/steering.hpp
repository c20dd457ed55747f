#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

#include "decoder/search/beam_search.hpp"
#include "service/recognizer/model_words.hpp"
#include "service/recognizer/steering_request.hpp"

namespace harpy {

/// A request made ready for the search.
struct Steering {
  /// Graph and words of the session: the model's or those of a closed grammar.
  std::shared_ptr<const GraphPackage> package;
  StreamSteering search = {};
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

  const ModelWords words_;
  std::mutex mutex_;  ///< guards what follows
  /// The last ones asked for, the very last in front.
  std::list<std::pair<SteeringRequest, std::shared_ptr<const Steering>>> made_;
};

}  // namespace harpy

#include "service/recognizer/steering.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "decoder/grammar/jsgf.hpp"
#include "decoder/grammar/phrase_list.hpp"

namespace harpy {

namespace {

/// So many requests are kept ready.
constexpr std::size_t kMostKept = 32;

/// Does a part of the work for one field, whose name is put before its faults.
template <typename Work>
auto for_field(const char* field, const Work& work) {
  try {
    return work();
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string(field) + ": " + error.what());
  }
}

}  // namespace

SteeringMaker::SteeringMaker(std::shared_ptr<const GraphPackage> package)
    : words_(std::move(package)) {}

std::shared_ptr<const Steering> SteeringMaker::make(const SteeringRequest& request) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find_if(
        made_, [&](const auto& entry) { return entry.first == request; });
    if (found != made_.end()) {
      made_.splice(made_.begin(), made_, found);
      return made_.front().second;
    }
  }
  auto steering = std::make_shared<const Steering>(compile(request));
  const std::lock_guard lock(mutex_);
  made_.emplace_front(request, steering);
  if (made_.size() > kMostKept) made_.pop_back();
  return steering;
}

Steering SteeringMaker::compile(const SteeringRequest& request) const {
  check_steering_request(request);
  Steering steering{.package = words_.shared_package(), .search = {}};
  if (!request.has_grammar()) return steering;
  const GraphPackage& model = words_.package();
  const char* const field = request.grammar.empty() ? "phrase_list" : "grammar";
  steering.package = for_field(field, [&] {
    const WordGrammar grammar = request.grammar.empty() ? make_phrase_grammar(request.phrase_list)
                                                        : read_jsgf(request.grammar);
    return std::make_shared<const GraphPackage>(compile_grammar(
        grammar, [&](const std::string& word) { return words_.look_up(word); },
        {.labels = model.labels,
         .frame_labels = model.frame_labels,
         .unknown_phone_cost = static_cast<float>(request.unknown_phone_cost)}));
  });
  steering.search.graph = {steering.package, &steering.package->graph};
  return steering;
}

}  // namespace harpy

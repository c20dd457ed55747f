#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/recognizer/recognizer.hpp"

namespace harpy {

/// A recognizer under the name by which clients ask for its model.
struct NamedRecognizer {
  std::string name;
  std::shared_ptr<Recognizer> recognizer;
};

/// The recognizers of a server, one for each of its models, at least one. The first one recognises
/// for clients that name none.
class RecognizerSet {
 public:
  RecognizerSet() = default;
  /// One, under the name that its model has itself.
  RecognizerSet(std::shared_ptr<Recognizer> only) {
    std::string name = only->model().description().name;
    named_.push_back({std::move(name), std::move(only)});
  }
  explicit RecognizerSet(std::vector<NamedRecognizer> named) : named_(std::move(named)) {}

  bool empty() const { return named_.empty(); }
  const std::vector<NamedRecognizer>& named() const { return named_; }
  Recognizer& first() const { return *named_.front().recognizer; }
  /// The one of that name, an empty name meaning the first one; none: there is none.
  std::shared_ptr<Recognizer> find(std::string_view name) const {
    if (name.empty() && !named_.empty()) return named_.front().recognizer;
    const auto found = std::find_if(named_.begin(), named_.end(),
                                    [&](const auto& item) { return item.name == name; });
    return found == named_.end() ? nullptr : found->recognizer;
  }

 private:
  std::vector<NamedRecognizer> named_;
};

}  // namespace harpy

#include "decoder/graph/label_contexts.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

namespace harpy {
namespace {

constexpr char kSeparator = '-';

/// The labels that a name like "BEFORE-LABEL" consists of, if both are there.
std::optional<LabelPair> find_pair(const std::string& name,
                                   const std::map<std::string, std::int32_t>& labels) {
  for (std::size_t at = 1; at + 1 < name.size(); ++at) {
    if (name[at] != kSeparator) continue;
    const auto before = labels.find(name.substr(0, at));
    const auto label = labels.find(name.substr(at + 1));
    if (before != labels.end() && label != labels.end()) return {{before->second, label->second}};
  }
  return std::nullopt;
}

}  // namespace

LabelContexts::LabelContexts(std::int32_t label_count, std::vector<LabelPair> pairs)
    : label_count_(label_count), pairs_(std::move(pairs)) {
  if (pairs_.empty()) {
    label_count_ = 0;
    return;
  }
  for (std::int32_t before = 0; before < label_count; ++before) {
    for (std::int32_t label = 0; label < label_count; ++label) units_.push_back(label);
  }
  std::int32_t unit = label_count;
  for (const auto& [before, label] : pairs_) {
    const bool in_range = before > 0 && before < label_count && label > 0 && label < label_count;
    if (!in_range || this->unit(before, label) != label) {
      throw std::invalid_argument("label contexts: expected each pair of labels from 1 to " +
                                  std::to_string(label_count - 1) + " once, got " +
                                  std::to_string(before) + ", " + std::to_string(label));
    }
    units_[place(before, label)] = unit++;
  }
}

LabelContexts LabelContexts::from_names(std::span<const std::string> unit_names) {
  std::map<std::string, std::int32_t> labels;
  std::vector<LabelPair> pairs;
  for (const std::string& name : unit_names) {
    if (const std::optional<LabelPair> pair = find_pair(name, labels)) {
      pairs.push_back(*pair);
    } else if (pairs.empty()) {
      labels.emplace(name, static_cast<std::int32_t>(labels.size()));
    } else {
      throw std::invalid_argument("unit \"" + name + "\" is no pair of labels, as those before it");
    }
  }
  return {static_cast<std::int32_t>(labels.size()), std::move(pairs)};
}

std::vector<std::string> LabelContexts::names(std::span<const std::string> label_names) const {
  std::vector<std::string> names(label_names.begin(), label_names.end());
  for (const auto& [before, label] : pairs_) {
    const std::string& first = names[static_cast<std::size_t>(before)];
    const std::string& second = names[static_cast<std::size_t>(label)];
    for (const std::string& name : {first, second}) {
      if (name.size() > 1 && name.find(kSeparator) != std::string::npos) {
        throw std::invalid_argument("label \"" + name +
                                    "\" has a hyphen, which would make units of pairs ambiguous");
      }
    }
    names.push_back(first + kSeparator + second);
  }
  return names;
}

}  // namespace harpy

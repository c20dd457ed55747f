#include "service/protocols/protocol.hpp"

#include <algorithm>

namespace harpy {

const ServedModel* ProtocolSettings::find_model(std::string_view name) const {
  if (name == model.name) return &model;
  const auto found = std::find_if(other_models.begin(), other_models.end(),
                                  [&](const ServedModel& other) { return other.name == name; });
  return found == other_models.end() ? nullptr : &*found;
}

std::string ProtocolSettings::model_names() const {
  std::string names = "\"" + model.name + "\"";
  for (const ServedModel& other : other_models) names += ", \"" + other.name + "\"";
  return names;
}

}  // namespace harpy

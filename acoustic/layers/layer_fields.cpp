#include "acoustic/layers/layer_fields.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <stdexcept>
#include <utility>

namespace harpy {

LayerFields::LayerFields(std::string owner, const boost::json::object& object)
    : owner_(std::move(owner)), object_(object) {}

const boost::json::value* LayerFields::find(std::string_view name) {
  known_.emplace(name);
  return object_.if_contains(name);
}

void LayerFields::refuse(std::string_view name, const std::string& expected) const {
  const boost::json::value* value = object_.if_contains(name);
  throw std::invalid_argument(owner_ + ": field \"" + std::string(name) + "\": expected " +
                              expected + ", got " +
                              (value ? boost::json::serialize(*value) : "none"));
}

std::int64_t LayerFields::integer(std::string_view name, std::int64_t minimum,
                                  std::optional<std::int64_t> fallback) {
  const boost::json::value* value = find(name);
  if (value == nullptr && fallback) return *fallback;
  const std::int64_t* integer = value ? value->if_int64() : nullptr;
  if (integer == nullptr || *integer < minimum || *integer > kMaxExtent) {
    refuse(name,
           "an integer from " + std::to_string(minimum) + " to " + std::to_string(kMaxExtent));
  }
  return *integer;
}

float LayerFields::number(std::string_view name, double limit, double fallback) {
  const boost::json::value* value = find(name);
  if (value == nullptr) return static_cast<float>(fallback);
  double number = -1.0;
  if (value->is_number()) number = value->to_number<double>();
  if (!(number >= 0.0 && number <= limit))
    refuse(name, "a number from 0 to " + std::to_string(limit));
  return static_cast<float>(number);
}

bool LayerFields::boolean(std::string_view name, bool fallback) {
  const boost::json::value* value = find(name);
  if (value == nullptr) return fallback;
  if (!value->is_bool()) refuse(name, "true or false");
  return value->get_bool();
}

std::string LayerFields::text(std::string_view name) {
  const boost::json::value* value = find(name);
  if (value == nullptr || !value->is_string()) refuse(name, "text");
  return std::string(value->get_string());
}

const boost::json::array& LayerFields::array(std::string_view name) {
  const boost::json::value* value = find(name);
  if (value == nullptr || !value->is_array()) refuse(name, "an array");
  return value->get_array();
}

const boost::json::object& LayerFields::object(std::string_view name) {
  const boost::json::value* value = find(name);
  if (value == nullptr || !value->is_object()) refuse(name, "an object");
  return value->get_object();
}

void LayerFields::refuse_others() const {
  for (const auto& field : object_) {
    const std::string_view name(field.key().data(), field.key().size());
    if (!known_.contains(name)) {
      throw std::invalid_argument(owner_ + ": unknown field \"" + std::string(name) + "\"");
    }
  }
}

}  // namespace harpy

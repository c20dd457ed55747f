#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace harpy {

/// The most values a frame may have, and the largest number a field may hold: extents beyond it
/// could not be allocated, and their products would overflow.
inline constexpr std::int64_t kMaxExtent = std::numeric_limits<std::int32_t>::max() / 2;

/// Reads the fields of a JSON object that describes a layer or a network. Every error is a
/// std::invalid_argument that names the object and the field.
class LayerFields {
 public:
  /// `owner` names the object in errors; the object must outlive this.
  LayerFields(std::string owner, const boost::json::object& object);

  /// An integer from `minimum` to kMaxExtent; without a fallback the field is required.
  std::int64_t integer(std::string_view name, std::int64_t minimum,
                       std::optional<std::int64_t> fallback = std::nullopt);
  /// A number in [0, limit].
  float number(std::string_view name, double limit, double fallback);
  bool boolean(std::string_view name, bool fallback);
  std::string text(std::string_view name);
  const boost::json::array& array(std::string_view name);
  const boost::json::object& object(std::string_view name);

  /// Throws if the object has a field that was not asked for.
  void refuse_others() const;
  [[noreturn]] void refuse(std::string_view name, const std::string& expected) const;

 private:
  const boost::json::value* find(std::string_view name);

  std::string owner_;
  const boost::json::object& object_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace harpy

#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <vector>

#include "acoustic/layers/layer_chain.hpp"

namespace harpy {

/// Where a layer stands: what its input is and what its random weights are drawn from.
struct LayerPlace {
  std::string path;  ///< in errors: "trunk.3"
  std::int64_t input_dim = 0;
  std::uint64_t seed = 0;
};

/// Makes the layer that {"type": …, fields of that type} describes, with random weights.
/// Errors: std::invalid_argument naming the path and the field that is missing, unknown or
/// impossible.
std::unique_ptr<Layer> create_layer(Backend& backend, const boost::json::object& description,
                                    const LayerPlace& place);

/// The types that create_layer knows, by the names that descriptions have.
std::vector<std::string> layer_type_names();

/// Makes layers that feed each other from an array of descriptions. Errors as create_layer.
LayerChain create_chain(Backend& backend, const boost::json::array& descriptions,
                        const LayerPlace& place);

}  // namespace harpy

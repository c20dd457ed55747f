#pragma once

#include <boost/json/object.hpp>

#include "tools/info/info_report.hpp"

namespace harpy::tools {

/// The layers of a network description, one a row: place, type, options, output, parameters,
/// context. Layers within layers follow them, set in.
/// Units: context in frames of the network's input. Errors: as Network's constructor.
InfoTable describe_layers(const boost::json::object& network);

}  // namespace harpy::tools

#pragma once

#include "decoder/endpoint.hpp"

namespace CLI {
class App;
}

namespace harpy::tools {

/// The options of commands that cut audio into utterances.
void add_endpoint_options(CLI::App& command, EndpointTimes& times);

}  // namespace harpy::tools

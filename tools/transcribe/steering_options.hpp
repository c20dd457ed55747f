#pragma once

#include "tools/transcribe/steering_files.hpp"

namespace CLI {
class App;
}

namespace harpy::tools {

/// The options that name the files which steer the recognition.
void add_steering_options(CLI::App& command, SteeringFiles& steering);

}  // namespace harpy::tools

#pragma once

#include <filesystem>

#include "service/recognizer/steering_request.hpp"

namespace harpy::tools {

/// The files that steer the recognition (docs/steering.md); an empty path: none.
struct SteeringFiles {
  std::filesystem::path phrases = {};  ///< of a closed grammar, one a line
  std::filesystem::path grammar = {};  ///< in the JSpeech Grammar Format
  double unknown_phone_cost = SteeringRequest{}.unknown_phone_cost;
};

/// Reads the files. Errors: those of TextLines.
SteeringRequest read_steering_files(const SteeringFiles& files);

}  // namespace harpy::tools

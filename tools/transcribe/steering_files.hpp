#pragma once

#include <filesystem>

#include "service/recognizer/steering_request.hpp"

namespace harpy::tools {

/// The files that steer the recognition (docs/steering.md); an empty path: none.
struct SteeringFiles {
  std::filesystem::path phrases = {};  ///< of a closed grammar, one a line
  std::filesystem::path grammar = {};  ///< in the JSpeech Grammar Format
  /// Phrases to boost, one a line, perhaps with a tab and the boost behind.
  std::filesystem::path hot_phrases = {};
  double boost = HotPhrase{}.boost;  ///< of those that have none in the file
  /// Words that the model lacks, one a line, perhaps with its phones behind.
  std::filesystem::path new_words = {};
  double new_word_cost = SteeringRequest{}.new_word_cost;
  double unknown_phone_cost = SteeringRequest{}.unknown_phone_cost;
};

/// Reads the files. Errors: those of TextLines; std::runtime_error naming the file and line
/// of a boost that is no number.
SteeringRequest read_steering_files(const SteeringFiles& files);

}  // namespace harpy::tools

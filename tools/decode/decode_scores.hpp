#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "acoustic/backend/device.hpp"
#include "service/recognizer/decoding_model.hpp"
#include "service/recognizer/recognizer_options.hpp"
#include "service/recognizer/score_layout.hpp"
#include "service/recognizer/steering.hpp"
#include "tools/transcribe/recording_reader.hpp"

namespace harpy::tools {

/// What is to be decoded, and how.
struct ScoreDecoding {
  std::vector<std::filesystem::path> files;
  ScoreLayout layout = {};
  std::shared_ptr<const DecodingModel> model;
  Device device = {};
  int threads = 1;  ///< each with a search of its own
  SessionOptions session = {};
  std::shared_ptr<const Steering> steering;
};

/// Told of each utterance, one at a time, in the order of the files: what stands in place of a
/// recording, and its words or why there are none.
using DecodedConsumer = std::function<void(const Recording&, const Transcription&)>;

/// Decodes all utterances of all files. What cannot be read is an utterance with an error; an id
/// that was there before is one too. An exception of the consumer ends the run.
void decode_scores(const ScoreDecoding& decoding, const DecodedConsumer& consume);

}  // namespace harpy::tools

#pragma once

#include <string>

#include "tools/transcribe/recordings.hpp"

namespace CLI {
class App;
}

namespace harpy::tools {

/// The options of commands that are told recordings as `harpy transcribe` is.
struct InputOptions {
  RecordingRequest request;
  PcmFormat raw;  ///< of the inputs, if `is_raw`
  bool is_raw = false;
  std::string channel = "mix";

  /// The request that all options together make.
  RecordingRequest chosen() const;
};

/// Adds FILE, --manifest, --strict, --channel, --ffmpeg, --raw, --rate and --channels.
void add_input_options(CLI::App& command, InputOptions& options);

}  // namespace harpy::tools

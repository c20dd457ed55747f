#pragma once

#include <string>

#include "tools/transcribe/recording_reader.hpp"

namespace harpy::tools {

/// A recording's words, and its phones where sessions were asked for them, as a TextGrid of Praat:
/// a tier "words" and a tier "phones" of intervals without gaps, empty where nobody speaks.
std::string text_grid(const Transcription& result);

}  // namespace harpy::tools

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "service/recognizer/session_event.hpp"

namespace harpy {

/// One subtitle: what is shown, and when.
struct SubtitleCue {
  std::int64_t begin_ms = 0;
  std::int64_t end_ms = 0;  ///< after begin_ms, not after the next cue's
  std::vector<std::string> lines;

  bool operator==(const SubtitleCue&) const = default;
};

/// What subtitles may be like. The defaults are what broadcasters ask for.
struct SubtitleLimits {
  std::size_t line_characters = 42;  ///< longest line; a longer word has a line of its own
  double longest_s = 7.0;            ///< longest time that a cue is shown
  double shortest_s = 1.0;           ///< shorter cues stay, if the next one leaves them the time
  double pause_s = 0.7;              ///< a silence this long between two words ends a cue
};

/// Cuts utterances, as they are shown, into cues of at most two lines. A cue ends with its
/// utterance, at a pause, and where it is full: then at the longest gap between words of its second
/// half.
std::vector<SubtitleCue> make_cues(std::span<const SessionEvent> utterances,
                                   const SubtitleLimits& limits = {});

/// SubRip (.srt). The format has no escapes: "-->" becomes "->", all else stays as it is.
std::string srt_text(std::span<const SubtitleCue> cues);

/// WebVTT (W3C), with & < > escaped.
std::string vtt_text(std::span<const SubtitleCue> cues);

}  // namespace harpy

#pragma once

#include <vector>

#include "service/recognizer/session_event.hpp"

namespace harpy::tools {

/// Cuts an utterance in the middle of pauses of at least a quarter of a second, so that the pieces
/// are as near to `length_s` as the pauses allow: the sum of the squares of how far they are from
/// it is least. Words and their confidences and phones go to the pieces; what belongs to the whole
/// utterance (written form, alternatives, lattice) does not. An utterance without words or pauses
/// stays whole.
std::vector<SessionEvent> cut_at_pauses(const SessionEvent& utterance, double length_s);

}  // namespace harpy::tools

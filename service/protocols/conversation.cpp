#include "service/protocols/conversation.hpp"

#include <stdexcept>

namespace harpy {

Closing closing_of(Ending ending) {
  switch (ending) {
    case Ending::kIdle:
      return {
          .code = close_code::kPolicy, .reason = "nothing received for too long", .details = {}};
    case Ending::kSlow:
      return {.code = close_code::kPolicy, .reason = "a message came too slowly", .details = {}};
    case Ending::kNoAudio:
      return {.code = close_code::kPolicy, .reason = "no audio for too long", .details = {}};
    case Ending::kTooLong:
      return {
          .code = close_code::kPolicy, .reason = "the session has lasted too long", .details = {}};
    case Ending::kShutdown:
      return {.code = close_code::kGoingAway, .reason = "the server shuts down", .details = {}};
    case Ending::kStop:
      return {.code = close_code::kServiceRestart, .reason = "the server stops", .details = {}};
  }
  throw std::invalid_argument("closing_of: no such ending");
}

}  // namespace harpy

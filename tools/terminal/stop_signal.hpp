#pragma once

namespace harpy::tools {

/// Lets the first interrupt or termination signal only be noted, so that a training can end after
/// its running step, with a checkpoint, and a worker after the recordings that it has in hand. A
/// second signal ends the program at once. To be called by the main thread, which the system gives
/// such signals to: it may be at products, whose stack is no place for handlers.
void note_stop_signals();

/// Whether such a signal has come.
bool is_stop_requested();

}  // namespace harpy::tools

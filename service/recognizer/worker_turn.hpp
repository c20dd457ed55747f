#pragma once

#include <memory>
#include <span>

#include "service/recognizer/recognizer_worker.hpp"
#include "service/recognizer/session_job.hpp"

namespace harpy {

/// Works for sessions together: takes up to `turn_s` seconds of samples of each, brings them block
/// by block through features, network and search, and sends the events. A session for which
/// something fails ends with an error; the others go on.
/// Errors: DeviceError if the device is lost; all the sessions have ended then. What a handler
/// throws while a session fails ends the turn too, but no worker. Threads: the worker's own.
void work_turn(RecognizerWorker& worker, std::span<const std::shared_ptr<SessionJob>> jobs,
               double turn_s);

}  // namespace harpy

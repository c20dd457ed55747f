#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "acoustic/backend/backend.hpp"

namespace harpy {

/// Operations that a backend carries out again and again, each time on what its arrays then hold. A
/// CUDA device records them once and launches the recording from then on, which costs the host a
/// few microseconds in all instead of a few for each operation. The CPU calls them each time.
/// Results are the same.
///
/// The steps are a function that gives operations to the backend and does nothing else. It does the
/// same on every call, copies nothing from or to the host and waits for nothing. Arrays that it
/// uses must outlive the replay, or be both made and freed within a call. Steps that copy or wait,
/// or whose recording finds no memory on the device, are called instead. Threads: while
/// run works, nothing else may use the backend or its memory.
class Replay {
 public:
  /// `backend` must outlive the object.
  Replay(Backend& backend, std::function<void()> steps);

  /// Carries out the steps. The first run calls them, so that the backend makes whatever it makes
  /// at first use; the second run records and launches them; later runs launch the recording. Where
  /// there is none, since recording or launching has failed, the 4th, 8th, 16th … run tries to
  /// record again. Errors: those of the steps; the replay can be run again afterwards.
  void run();

  /// Whether runs launch a recording.
  bool is_recorded() const { return recording_ != nullptr; }

 private:
  Backend& backend_;
  std::function<void()> steps_;
  std::uint64_t run_count_ = 0;  ///< that have succeeded
  std::unique_ptr<Recording> recording_;
};

}  // namespace harpy

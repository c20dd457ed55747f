#pragma once

#include <functional>
#include <memory>

#include "acoustic/backend/backend.hpp"

namespace harpy {

/// Steps that a backend carries out again and again, each time with whatever stands in their
/// arrays: a CUDA device records them once and launches them as one from then on, which costs the
/// host microseconds in place of some for each step; the CPU calls them. Results are the same.
///
/// Steps are a function that gives operations to the backend and does nothing else. The arrays that
/// outlive a call are made before it and end after the replay; those made within end within. It
/// neither copies from or to the host nor waits for values, and takes the same course every time.
/// Steps that copy or wait, or do not fit into the device's memory as a recording, are called each
/// time. Threads: one at a time, which alone uses the backend and its memory meanwhile.
class Replay {
 public:
  /// `backend` must outlive the object.
  Replay(Backend& backend, std::function<void()> steps);

  /// Carries out the steps: the first time by calling them, so that what the backend makes when it
  /// is first needed is there; the second time by recording and launching them; from then on by
  /// launching the recording. Errors: those of the steps; the replay can be run again afterwards.
  void run();

  /// Whether runs launch a recording.
  bool is_recorded() const { return recording_ != nullptr; }

 private:
  enum class Way { kCallFirst, kRecord, kLaunch, kCall };

  Backend& backend_;
  std::function<void()> steps_;
  Way next_ = Way::kCallFirst;
  std::unique_ptr<Recording> recording_;
};

}  // namespace harpy

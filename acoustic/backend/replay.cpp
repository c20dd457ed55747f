#include "acoustic/backend/replay.hpp"

#include <utility>

namespace harpy {

Replay::Replay(Backend& backend, std::function<void()> steps)
    : backend_(backend), steps_(std::move(steps)) {}

void Replay::run() {
  if (next_ == Way::kRecord) {
    recording_ = backend_.record(steps_);
    next_ = recording_ ? Way::kLaunch : Way::kCall;
  }
  if (next_ == Way::kLaunch) {
    if (recording_->launch()) return;
    recording_.reset();
    next_ = Way::kCall;
  }
  steps_();
  if (next_ == Way::kCallFirst) next_ = Way::kRecord;
}

}  // namespace harpy

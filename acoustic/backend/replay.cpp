#include "acoustic/backend/replay.hpp"

#include <bit>
#include <utility>

namespace harpy {

Replay::Replay(Backend& backend, std::function<void()> steps)
    : backend_(backend), steps_(std::move(steps)) {}

void Replay::run() {
  const std::uint64_t number = run_count_ + 1;
  if (!recording_ && number > 1 && std::has_single_bit(number)) {
    recording_ = backend_.record(steps_);
  }
  if (recording_ && !recording_->launch()) recording_.reset();
  if (!recording_) steps_();
  run_count_ = number;
}

}  // namespace harpy

#include "service/recognizer/load_meter.hpp"

#include <ctime>

namespace harpy {

namespace {

/// Audio after which the cost of a second of it is known well enough to refuse sessions by it.
constexpr double kLeastAudioS = 20.0;
/// What was measured counts half as much after so much more audio.
constexpr double kHalfLifeAudioS = 300.0;

}  // namespace

void LoadMeter::add(double audio_s, double cpu_s) {
  const std::lock_guard lock(mutex_);
  audio_s_ += audio_s;
  cpu_s_ += cpu_s;
  recent_audio_s_ += audio_s;
  recent_cpu_s_ += cpu_s;
  if (recent_audio_s_ < 2.0 * kHalfLifeAudioS) return;
  recent_audio_s_ /= 2.0;
  recent_cpu_s_ /= 2.0;
}

RecognizerLoad LoadMeter::load() const {
  const std::lock_guard lock(mutex_);
  RecognizerLoad load{.audio_s = audio_s_, .cpu_s = cpu_s_};
  if (recent_audio_s_ < kLeastAudioS || recent_cpu_s_ <= 0.0) return load;
  load.cpu_s_per_audio_s = recent_cpu_s_ / recent_audio_s_;
  if (has_steady_cost_) load.real_time_streams = worker_count_ / *load.cpu_s_per_audio_s;
  return load;
}

double thread_cpu_s() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace harpy

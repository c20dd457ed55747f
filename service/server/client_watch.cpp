#include "service/server/client_watch.hpp"

#include <algorithm>

namespace harpy {

namespace {

/// So many pings are sent within the idle timeout to a client that sends nothing.
constexpr int kPingsPerIdleTimeout = 3;
/// What a command costs besides its bytes.
constexpr double kCommandCostBytes = 1024.0;

}  // namespace

ClientWatch::ClientWatch(const ServerLimits& limits, Time now)
    : limits_(limits),
      commands_(limits.texts_per_s * static_cast<double>(limits.max_text_bytes),
                limits.text_burst * static_cast<double>(limits.max_text_bytes)),
      controls_(limits.controls_per_s, limits.control_burst) {
  opened(now);
}

void ClientWatch::opened(Time now) {
  opened_ = last_activity_ = last_received_ = last_audio_ = last_ping_ = now;
  write_began_ = message_began_ = reading_ended_ = now;
}

void ClientWatch::reading(Time now) {
  is_reading_ = true;
  message_began_ += now - reading_ended_;
}

void ClientWatch::received(std::size_t bytes, bool is_message_done, Time now) {
  is_reading_ = false;
  reading_ended_ = last_activity_ = last_received_ = now;
  if (!is_within_message()) message_began_ = now;
  message_bytes_ = is_message_done ? 0 : message_bytes_ + bytes;
}

bool ClientWatch::received_control(bool is_ping, Time now) {
  last_received_ = now;
  if (is_ping) last_activity_ = now;
  return controls_.try_take(now);
}

void ClientWatch::took_command(std::size_t bytes, Time now) {
  commands_.take(kCommandCostBytes + static_cast<double>(bytes), now);
}

void ClientWatch::writing(Time now) {
  is_writing_ = true;
  write_began_ = now;
}

void ClientWatch::written(Time now) {
  is_writing_ = false;
  last_activity_ = now;
}

ClientWatch::Deadline ClientWatch::end(bool owes_reply, Time now) const {
  Deadline first{.time = opened_ + limits_.session_timeout, .ending = Ending::kTooLong};
  const auto consider = [&first](Time time, Ending ending) {
    if (time < first.time) first = {.time = time, .ending = ending};
  };
  if (owes_reply) {
    // The client need not say anything, but it answers pings while they can be read.
    const Time last_sign = is_reading_ ? std::max(last_received_, last_activity_) : now;
    consider(last_sign + limits_.idle_timeout, Ending::kIdle);
    return first;
  }
  consider(last_activity_ + limits_.idle_timeout, Ending::kIdle);
  consider(last_audio_ + limits_.silence_timeout, Ending::kNoAudio);
  if (is_within_message() && is_reading_) {
    const std::chrono::duration<double> granted(static_cast<double>(message_bytes_) /
                                                limits_.least_bytes_per_s);
    consider(message_began_ + limits_.idle_timeout + std::chrono::ceil<Clock::duration>(granted),
             Ending::kSlow);
  }
  return first;
}

ClientWatch::Time ClientWatch::next_ping() const {
  return std::max(last_received_, last_ping_) + limits_.idle_timeout / kPingsPerIdleTimeout;
}

}  // namespace harpy

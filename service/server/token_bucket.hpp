#pragma once

#include <algorithm>
#include <chrono>

namespace harpy {

/// An allowance that fills at a steady rate up to a burst and is taken from. It may be overdrawn
/// once, by what is larger than what is left; then nothing more is there until it has filled up
/// again above zero. The caller tells the time.
class TokenBucket {
 public:
  using Clock = std::chrono::steady_clock;

  TokenBucket(double tokens_per_s, double burst)
      : tokens_per_s_(tokens_per_s), burst_(burst), tokens_(burst) {}

  /// Whether anything is left.
  bool has_tokens(Clock::time_point now) {
    fill(now);
    return tokens_ > 0.0;
  }

  /// Takes a number of tokens, more than there are if need be.
  void take(double tokens, Clock::time_point now) {
    fill(now);
    tokens_ -= tokens;
  }

  /// Takes one token if there is a whole one; whether there was.
  bool try_take(Clock::time_point now) {
    fill(now);
    if (tokens_ < 1.0) return false;
    tokens_ -= 1.0;
    return true;
  }

  bool is_full(Clock::time_point now) const { return filled(now) >= burst_; }

  /// When something will be left, if nothing more is taken.
  Clock::time_point next_tokens() const {
    if (tokens_ > 0.0) return filled_;
    const std::chrono::duration<double> wait(-tokens_ / tokens_per_s_);
    return filled_ + std::chrono::ceil<std::chrono::milliseconds>(wait) +
           std::chrono::milliseconds(1);
  }

 private:
  double filled(Clock::time_point now) const {
    const std::chrono::duration<double> passed = std::max(now, filled_) - filled_;
    return std::min(burst_, tokens_ + tokens_per_s_ * passed.count());
  }
  void fill(Clock::time_point now) {
    tokens_ = filled(now);
    filled_ = std::max(now, filled_);
  }

  double tokens_per_s_;
  double burst_;
  double tokens_;
  Clock::time_point filled_{};
};

/// The allowance of a client that may ask so often a second: as often as in ten seconds at once.
inline TokenBucket request_bucket(double requests_per_s) {
  constexpr double kBurst_s = 10.0;
  return {requests_per_s, std::max(1.0, kBurst_s * requests_per_s)};
}

}  // namespace harpy

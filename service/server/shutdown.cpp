#include "service/server/shutdown.hpp"

#include <set>
#include <utility>

namespace harpy {

Shutdown::Shutdown(std::shared_ptr<ServerState> state, std::function<void()> close_all)
    : state_(std::move(state)), close_all_(std::move(close_all)), timer_(*state_->io) {}

void Shutdown::drain() {
  if (stage_ != Stage::kServing) return;
  stage_ = Stage::kDraining;
  state_->draining = true;
  state_->log().info("draining: {} sessions are running", state_->sessions.size());
  if (state_->sessions.empty()) return end("drained");
  after(state_->limits().drain_timeout, [this] { finish(); });
}

void Shutdown::finish() {
  stage_ = Stage::kFinishing;
  state_->log().warn("drain timeout: {} sessions are finished now", state_->sessions.size());
  after(state_->limits().finish_timeout, [this] { stop("recognition takes too long"); });
  for_each_session(&Connection::finish);
}

void Shutdown::stop(const char* reason) {
  if (stage_ >= Stage::kStopping) return;
  stage_ = Stage::kStopping;
  state_->draining = true;
  state_->log().warn("stopping: {}: {} sessions get no further results", reason,
                     state_->sessions.size());
  if (state_->sessions.empty()) return end(reason);
  after(state_->limits().stop_timeout, [this] { end("clients did not close"); });
  for_each_session(&Connection::give_up);
}

void Shutdown::hurry() {
  if (stage_ == Stage::kServing) return drain();
  if (stage_ == Stage::kStopping) return end("third signal");
  stop("second signal");
}

void Shutdown::session_ended() {
  if (stage_ == Stage::kServing || !state_->sessions.empty()) return;
  end(stage_ == Stage::kStopping ? "all sessions are told" : "drained");
}

void Shutdown::end(const char* reason) {
  if (std::exchange(stage_, Stage::kEnded) == Stage::kEnded) return;
  state_->draining = true;
  state_->log().info("stopped: {}", reason);
  timer_.cancel();
  for_each_session(&Connection::abort);
  close_all_();
}

void Shutdown::after(std::chrono::milliseconds time, std::function<void()> next) {
  timer_.expires_after(time);
  timer_.async_wait([next = std::move(next)](const boost::system::error_code& cancelled) {
    if (!cancelled) next();
  });
}

/// An action may end a session, which leaves the set then.
void Shutdown::for_each_session(void (Connection::*action)()) {
  for (Connection* const session : std::set<Connection*>(state_->sessions)) {
    if (state_->sessions.contains(session)) (session->*action)();
  }
}

}  // namespace harpy

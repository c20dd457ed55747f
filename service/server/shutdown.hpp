#pragma once

#include <functional>
#include <memory>

#include "service/server/network.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// How a server comes to its end, so that every session that it has accepted gets its result or is
/// told that there is none. Threads: the I/O thread.
///
/// | stage     | sessions                                                    | ends after        |
/// |-----------|-------------------------------------------------------------|-------------------|
/// | draining  | run on; no new ones are taken                               | drain_timeout     |
/// | finishing | take no more audio; get the result of what they have sent   | finish_timeout    |
/// | stopping  | get an error in place of a result that is missing           | stop_timeout      |
/// | ended     | are cut off                                                 |                   |
///
/// A stage is also over when no session is left; then the server has ended.
class Shutdown {
 public:
  /// `close_all` ends all that is not a session.
  Shutdown(std::shared_ptr<ServerState> state, std::function<void()> close_all);

  /// Begins to drain; does nothing if the server is ending already.
  void drain();
  /// Waits no longer for recognition; `reason` is for the log.
  void stop(const char* reason);
  /// The first time as drain, the second as stop; then ends at once.
  void hurry();
  /// To be called whenever a session has ended.
  void session_ended();

  bool has_ended() const { return stage_ == Stage::kEnded; }

 private:
  enum class Stage { kServing, kDraining, kFinishing, kStopping, kEnded };

  void finish();
  void end(const char* reason);
  /// Calls a member once the time is over, unless another stage begins before.
  void after(std::chrono::milliseconds time, std::function<void()> next);
  void for_each_session(void (Connection::*action)());

  std::shared_ptr<ServerState> state_;
  std::function<void()> close_all_;
  Timer timer_;
  Stage stage_ = Stage::kServing;
};

}  // namespace harpy

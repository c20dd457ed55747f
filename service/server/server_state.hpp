#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>

#include <spdlog/logger.h>
#include <boost/asio/io_context.hpp>

#include "service/protocols/conversation.hpp"
#include "service/server/server.hpp"

namespace harpy {

/// What a server can do to a connection; called on the I/O thread.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Ends as a client may expect it: with the last result, if the connection is a session.
  virtual void finish() = 0;
  /// Ends at once.
  virtual void abort() = 0;
};

/// What a server's connections share. Threads: the I/O thread alone.
struct ServerState {
  /// Shared with the handlers of sessions, which post to it from workers as long as they live.
  std::shared_ptr<boost::asio::io_context> io;
  Recognizer& recognizer;
  ServerOptions options;
  /// Begins the talk with a client over a WebSocket, in the protocol that is spoken there.
  MakeConversation make_conversation;
  bool draining = false;
  std::uint64_t last_session_id = 0;
  int connection_count = 0;
  std::set<Connection*> requests;  ///< connections that are no sessions
  std::set<Connection*> sessions;
  std::function<void()> session_ended;

  spdlog::logger& log() const { return *options.log; }
  const ServerLimits& limits() const { return options.limits; }
};

/// Lists a connection as long as this object lives.
class Listed {
 public:
  Listed(std::set<Connection*>& list, Connection& connection)
      : list_(list), connection_(connection) {
    list_.insert(&connection_);
  }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;
  ~Listed() { list_.erase(&connection_); }

 private:
  std::set<Connection*>& list_;
  Connection& connection_;
};

/// Counts a connection until the last copy of the pointer is gone.
inline std::shared_ptr<void> counted_connection(std::shared_ptr<ServerState> state) {
  ++state->connection_count;
  return {nullptr, [state = std::move(state)](void*) { --state->connection_count; }};
}

}  // namespace harpy

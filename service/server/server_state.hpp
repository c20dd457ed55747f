#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <spdlog/logger.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "service/server/api_keys.hpp"
#include "service/server/client_address.hpp"
#include "service/server/client_table.hpp"
#include "service/server/json_log.hpp"
#include "service/server/listener_options.hpp"
#include "service/server/request_trace.hpp"
#include "service/server/server.hpp"
#include "service/server/server_counts.hpp"
#include "service/server/tls_channel.hpp"

namespace harpy {

/// What a server can do to a connection; called on the I/O thread.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Ends as a client may expect it: with the last result, if the connection is a session.
  virtual void finish() = 0;
  /// Ends as soon as the client can be told that there will be no result.
  virtual void give_up() = 0;
  /// Ends at once.
  virtual void abort() = 0;
};

/// Whom a listener is for.
enum class ListenerPurpose {
  kClients,      ///< who speak its protocols
  kOperator,     ///< who looks at health, status and metrics
  kLoadBalancer  ///< which asks how much is free (agent_check.hpp)
};

/// A listener as the connections see it that came through it.
struct ServedListener {
  ListenerOptions options;
  std::shared_ptr<TlsContext> tls;  ///< what new clients are shown; none: nothing is encrypted
  ListenerPurpose purpose = ListenerPurpose::kClients;
  int connection_count = 0;
  int session_count = 0;
};

/// What a server's connections share. Threads: the I/O thread alone.
struct ServerState {
  /// Shared with the handlers of sessions, which post to it from workers as long as they live.
  std::shared_ptr<boost::asio::io_context> io;
  ServerOptions options;
  ClientTable clients;
  KeyTable keys = {};
  TrustedProxies proxies = {};
  /// Of the sessions that begin from now on.
  RecognizerSet recognizers = {};
  bool draining = false;
  const std::chrono::system_clock::time_point began = std::chrono::system_clock::now();
  ServerCounts counts = {};
  std::set<Connection*> requests = {};  ///< connections that are no sessions
  std::set<Connection*> sessions = {};  ///< one for each conversation
  int session_count = 0;                ///< of all conversations: some have several at once
  int upload_count = 0;                 ///< conversations about recordings in requests
  std::function<void()> session_ended = {};

  spdlog::logger& log() const { return *options.log; }
  const ServerLimits& limits() const { return options.limits; }

  /// Sessions that can be served at once, by the limit and by what recognition costs.
  int capacity() const;
  /// Why so many sessions more are not taken now; empty: they are.
  std::string obstacle(int wanted = 1) const;

  /// Writes a line to the log that a client has caused, unless it has caused too many.
  void tell_of_client(const LogSubject& subject, spdlog::level::level_enum level,
                      const std::string& line);
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

/// Counts something, or several of it, as long as this object lives. What is counted in outlives
/// it.
class Counted {
 public:
  explicit Counted(int& count, int share = 1) : count_(count), share_(share) { count_ += share_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { count_ -= share_; }

  void add(int more) {
    count_ += more;
    share_ += more;
  }

 private:
  int& count_;
  int share_;
};

/// What is known of a request while it is served.
struct ServedRequest {
  std::string_view protocol;  ///< of a session: its name
  int session_count = 1;      ///< that its conversation has at once, as far as known
  CountedRequest counted;
  std::string id;               ///< in the log and for the client
  std::string traceparent;      ///< of the client, if it is part of a trace
  std::shared_ptr<KeyUse> key;  ///< that the client presented, where one is needed
};

/// What log lines about a client's request are about; both live longer than the lines are written.
inline LogSubject subject_of(std::string_view address, const ServedRequest& request) {
  return {.client = address,
          .request_id = request.id,
          .trace_id = trace_id_of(request.traceparent),
          .key = request.key ? std::string_view(request.key->key.name) : std::string_view()};
}

/// Where a connection comes from and where it has arrived: as the socket says, or a proxy whose
/// word is taken for it (proxy_header.hpp).
struct ConnectionEnds {
  boost::asio::ip::tcp::endpoint client;
  boost::asio::ip::tcp::endpoint server;
};

/// A client's place among the connections of a listener; whoever serves the connection keeps it.
class ConnectionSlot {
 public:
  ConnectionSlot(std::shared_ptr<ServerState> state, std::shared_ptr<ServedListener> listener,
                 const ConnectionEnds& ends, ClientAddress& client)
      : state_(std::move(state)),
        listener_(std::move(listener)),
        ends_(ends),
        address_(client_key(ends.client.address())),
        client_(&client),
        of_listener_(listener_->connection_count),
        of_client_(std::in_place, client.connection_count) {}

  /// Lets the connection count among those of another client, for whom a proxy has made it.
  void serve_for(std::string address, ClientAddress& client) {
    address_ = std::move(address);
    client_ = &client;
    of_client_.emplace(client.connection_count);
  }

  /// Lets the connection be one with other ends, as the proxy says that has passed it on.
  void stand_for(const ConnectionEnds& ends, ClientAddress& client) {
    ends_ = ends;
    serve_for(client_key(ends.client.address()), client);
  }

  const ConnectionEnds& ends() const { return ends_; }
  /// Under which the table of clients has its entry.
  const std::string& address() const { return address_; }
  ClientAddress& client() { return *client_; }
  /// What log lines about the request are about.
  LogSubject subject() const { return subject_of(address_, request_); }
  ServedListener& listener() { return *listener_; }
  /// The request that the connection is served for now.
  ServedRequest& request() { return request_; }

 private:
  std::shared_ptr<ServerState> state_;  ///< has the table of clients
  std::shared_ptr<ServedListener> listener_;
  ConnectionEnds ends_;
  std::string address_;
  ClientAddress* client_;
  Counted of_listener_;
  std::optional<Counted> of_client_;
  ServedRequest request_;
};

}  // namespace harpy

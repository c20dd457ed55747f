#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "service/server/network.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// Where a listener listens, and what it is for.
struct ListenerOptions {
  ListenAddress where;
  /// Whether it serves health and status alone; else speech too.
  bool is_admin = false;
  int max_connections = 0;
  int max_connections_per_address = 0;
};

/// Accepts connections and lets each be served. Threads: the I/O thread.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  /// Listens at once; connections wait until start.
  /// Errors: std::runtime_error naming the address.
  Listener(std::shared_ptr<ServerState> state, ListenerOptions options);

  std::uint16_t port() const;
  void start() { accept(); }
  void close();

 private:
  void accept();
  void has_accepted(const boost::system::error_code& error, Socket socket);
  void serve(Socket socket);
  /// Tells the client why it is not served, if it is there to hear it.
  void refuse(Socket socket, int status, const std::string& address);
  std::string failure(const std::string& reason) const;

  std::shared_ptr<ServerState> state_;
  ListenerOptions options_;
  /// Connections that are open; those who serve them share it.
  std::shared_ptr<int> connection_count_ = std::make_shared<int>(0);
  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor> acceptor_;
  Timer pause_;
};

}  // namespace harpy

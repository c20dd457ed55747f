#pragma once

#include <cstdint>
#include <memory>

#include "service/server/network.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// Accepts connections and lets each be served. Threads: the I/O thread.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  /// Listens at once. Errors: std::runtime_error naming the address.
  explicit Listener(std::shared_ptr<ServerState> state);

  std::uint16_t port() const;
  void start() { accept(); }
  void close();

 private:
  void accept();
  void has_accepted(const boost::system::error_code& error, Socket socket);

  std::shared_ptr<ServerState> state_;
  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor> acceptor_;
  Timer pause_;
};

}  // namespace harpy

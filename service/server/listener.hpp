#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "service/server/network.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

class GrpcService;

/// Accepts connections and lets each be served. Threads: the I/O thread.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  /// Listens at once; connections wait until start.
  /// Errors: std::runtime_error naming the address.
  /// `grpc` serves the connections of a listener of gRPC; others need none.
  Listener(std::shared_ptr<ServerState> state, const ServedListener& served,
           std::shared_ptr<GrpcService> grpc);

  std::uint16_t port() const;
  /// Where it listens and what for, as the log tells it.
  std::string description() const;
  void start() { accept(); }
  void close();
  /// Lets clients that come from now on be shown another certificate.
  void show(std::shared_ptr<TlsContext> tls) { served_->tls = std::move(tls); }

 private:
  void accept();
  void has_accepted(const boost::system::error_code& error, Socket socket);
  void serve(Socket socket);
  /// Serves a connection whose client is known.
  void serve_client(Socket socket, std::shared_ptr<ConnectionSlot> slot);
  /// Tells the client why it is not served, if it is there to hear it.
  void refuse(Socket socket, int status, const std::string& address);
  std::string failure(const std::string& reason) const;
  Carrier carrier() const;

  std::shared_ptr<ServerState> state_;
  /// Those who serve the connections share it.
  std::shared_ptr<ServedListener> served_;
  std::shared_ptr<GrpcService> grpc_;
  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor> acceptor_;
  Timer pause_;
};

}  // namespace harpy

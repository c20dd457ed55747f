#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/local/stream_protocol.hpp>

#include "service/server/client_stream.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// A client's connection to the gRPC server: passes the bytes on between the client, encrypted or
/// not, and a pair of sockets, of which the gRPC server has the other end. So connections of gRPC
/// are accepted, counted, encrypted and ended as all others. Threads: the I/O thread.
class GrpcConnection : public Connection, public std::enable_shared_from_this<GrpcConnection> {
 public:
  GrpcConnection(ClientStream stream, std::shared_ptr<ServerState> state,
                 std::shared_ptr<ConnectionSlot> slot);

  /// Begins; returns the descriptor of the other end, which the caller owns.
  /// Errors: std::system_error.
  int start();
  /// Calls a function when all that the gRPC server has sent so far is on its way to the client, or
  /// cannot be sent.
  void when_flushed(std::function<void()> then);
  /// nullptr: the connection has ended.
  const std::shared_ptr<ConnectionSlot>& slot() const { return slot_; }

  void finish() override { abort(); }
  void give_up() override { abort(); }
  void abort() override;

 private:
  using Error = boost::system::error_code;
  using PairEnd = boost::asio::basic_stream_socket<boost::asio::local::stream_protocol, Executor>;
  using Bytes = std::array<char, std::size_t{16} << 10>;

  void read_client();
  void read_server();
  /// So many bytes of the gRPC server to the client.
  void send(std::size_t size);
  /// The gRPC server has ended the connection, and the client knows all that it said.
  void hang_up();
  void discard();
  void look_whether_flushed();
  /// A handler that keeps this alive and does nothing once it has ended.
  template <typename Action>
  auto guarded(Action action);

  ClientStream stream_;
  PairEnd inner_;
  Timer deadline_;
  std::shared_ptr<ServerState> state_;
  std::shared_ptr<ConnectionSlot> slot_;
  std::optional<Listed> listed_;
  Bytes from_client_{};
  Bytes from_server_{};
  bool is_sending_ = false;
  std::vector<std::function<void()>> flushed_;
};

}  // namespace harpy

#pragma once

#include <map>
#include <memory>

#include "service/server/client_stream.hpp"
#include "service/server/grpc_connection.hpp"
#include "service/server/grpc_server.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// What a server's listeners of gRPC have in common: the gRPC server, the connections to it, and
/// what becomes of its calls. Threads: the I/O thread.
class GrpcService : public std::enable_shared_from_this<GrpcService> {
 public:
  /// Errors: std::invalid_argument in a build without gRPC.
  static std::shared_ptr<GrpcService> start(std::shared_ptr<ServerState> state);

  /// Serves a client's connection.
  void serve(ClientStream stream, std::shared_ptr<ConnectionSlot> slot);

 private:
  explicit GrpcService(std::shared_ptr<ServerState> state) : state_(std::move(state)) {}

  void follow(const std::shared_ptr<GrpcCall>& call);
  /// Looks whether a call is followed, and lets its conversation begin.
  /// Errors: RequestFault if it is not followed.
  void admit(const std::shared_ptr<GrpcCall>& call,
             const std::shared_ptr<GrpcConnection>& connection);

  std::shared_ptr<ServerState> state_;
  std::map<int, std::weak_ptr<GrpcConnection>> connections_;  ///< by the gRPC server's descriptor
  std::unique_ptr<GrpcServer> server_;
};

}  // namespace harpy

#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace harpy {

/// What a gRPC server grants its clients.
struct GrpcLimits {
  std::size_t max_message_bytes = std::size_t{16} << 20;
  std::size_t max_header_bytes = std::size_t{16} << 10;
  /// Calls at once of one connection; further ones wait at the client.
  int max_calls_per_connection = 100;
  /// How long a connection may have no call before it is closed.
  std::chrono::milliseconds idle_timeout{30'000};
};

/// How a call ends: the status codes of gRPC that Harpy uses.
enum class GrpcStatus : int {
  kOk = 0,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kUnauthenticated = 16,
};

/// One call of a client: messages come and go as bytes, one read and one write at a time. None of
/// the functions waits. The functions that they are given are called once, on a thread of gRPC's,
/// which they must not hold up; reads and writes that are under way when the call is finished fail,
/// later ones do nothing. A call that nobody finishes ends with kUnavailable when this object goes.
class GrpcCall {
 public:
  virtual ~GrpcCall() = default;

  /// Such as "/package.Service/Method".
  virtual const std::string& method() const = 0;
  /// The descriptor that add_connection was given for the call's connection; -1: none.
  virtual int connection() const = 0;
  /// What the client says in its header, by a name in small letters; empty if there is none.
  virtual std::string header(const std::string& name) const = 0;

  /// Reads the client's next message; nothing comes if it sends no more, or is gone.
  virtual void read(std::function<void(std::optional<std::string>)> done) = 0;
  /// Sends a message; tells whether it has left.
  virtual void write(const std::string& message, std::function<void(bool)> done) = 0;
  /// Ends the call; `done` is called when the client has been told, or cannot be told.
  virtual void finish(GrpcStatus status, const std::string& message,
                      std::function<void()> done) = 0;
  /// Tells when the client has given up the call or is gone.
  virtual void await_loss(std::function<void()> is_lost) = 0;
};

/// gRPC's side of a server, which has no ports of its own: it gets connections that others have
/// accepted, and speaks HTTP/2 with their clients on threads of its own. It is the only thing of
/// Harpy that knows the gRPC library. Threads: any.
class GrpcServer {
 public:
  virtual ~GrpcServer() = default;

  /// Takes over a connected socket, by its descriptor.
  virtual void add_connection(int descriptor) = 0;
};

/// Starts a server, whose end ends all calls with kUnavailable and waits until nothing is called
/// any more. `begins` is given each call, on a thread of gRPC's.
/// Errors: std::invalid_argument in a build without gRPC.
std::unique_ptr<GrpcServer> start_grpc_server(
    const GrpcLimits& limits, std::function<void(std::shared_ptr<GrpcCall>)> begins);

}  // namespace harpy

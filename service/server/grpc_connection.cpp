#include "service/server/grpc_connection.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include <boost/asio/write.hpp>

namespace harpy {

namespace net = boost::asio;

GrpcConnection::GrpcConnection(ClientStream stream, std::shared_ptr<ServerState> state,
                               std::shared_ptr<ConnectionSlot> slot)
    : stream_(std::move(stream)),
      inner_(*state->io),
      deadline_(*state->io),
      state_(std::move(state)),
      slot_(std::move(slot)),
      listed_(std::in_place, state_->requests, *this) {}

template <typename Action>
auto GrpcConnection::guarded(Action action) {
  return [self = shared_from_this(), action = std::move(action)](const auto&... results) {
    if (self->slot_ != nullptr) action(results...);
  };
}

int GrpcConnection::start() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "a pair of sockets");
  }
  inner_.assign(net::local::stream_protocol(), ends[0]);
  inner_.non_blocking(true);
  read_client();
  read_server();
  return ends[1];
}

void GrpcConnection::read_client() {
  stream_.async_read_some(net::buffer(from_client_),
                          guarded([this](const Error& error, std::size_t size) {
                            if (error) return abort();
                            net::async_write(inner_, net::buffer(from_client_, size),
                                             guarded([this](const Error& failed, std::size_t) {
                                               failed ? discard() : read_client();
                                             }));
                          }));
}

/// Reads without waiting once there is something, so that nothing is on the way from a read to its
/// handler while look_whether_flushed looks.
void GrpcConnection::read_server() {
  inner_.async_wait(PairEnd::wait_read, guarded([this](const Error& failed_wait) {
                      Error error = failed_wait;
                      const std::size_t size =
                          error ? 0 : inner_.read_some(net::buffer(from_server_), error);
                      if (error == net::error::would_block) return read_server();
                      error ? hang_up() : send(size);
                    }));
}

void GrpcConnection::send(std::size_t size) {
  is_sending_ = true;
  net::async_write(stream_, net::buffer(from_server_, size),
                   guarded([this](const Error& failed, std::size_t) {
                     if (failed) return abort();
                     is_sending_ = false;
                     look_whether_flushed();
                     read_server();
                   }));
}

void GrpcConnection::hang_up() {
  look_whether_flushed();
  deadline_.expires_after(state_->limits().handshake_timeout);
  deadline_.async_wait(guarded([this](const Error& cancelled) {
    if (!cancelled) abort();
  }));
  Error ignored;
  inner_.shutdown(net::socket_base::shutdown_both, ignored);
  stream_.end_sending(guarded([this](const Error& error) {
    if (error) abort();
  }));
}

/// Reads what the client still sends, so that what was sent to it is not lost.
void GrpcConnection::discard() {
  stream_.socket().async_read_some(
      net::buffer(from_client_),
      guarded([this](const Error& error, std::size_t) { error ? abort() : discard(); }));
}

void GrpcConnection::when_flushed(std::function<void()> then) {
  if (slot_ == nullptr) return then();
  flushed_.push_back(std::move(then));
  look_whether_flushed();
}

void GrpcConnection::look_whether_flushed() {
  Error error;
  if (is_sending_ || (inner_.available(error) > 0 && !error)) return;
  for (const auto& then : std::exchange(flushed_, {})) then();
}

void GrpcConnection::abort() {
  const auto kept = shared_from_this();
  deadline_.cancel();
  listed_.reset();
  slot_.reset();
  Error ignored;
  inner_.close(ignored);
  stream_.close();
  for (const auto& then : std::exchange(flushed_, {})) then();
}

}  // namespace harpy

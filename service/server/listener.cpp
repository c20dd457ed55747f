#include "service/server/listener.hpp"

#include <netdb.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "service/server/http_session.hpp"

namespace harpy {

namespace net = boost::asio;

namespace {

using Error = boost::system::error_code;

constexpr std::chrono::milliseconds kPauseAfterFailure{100};

std::string failure(const ServerOptions& options, const std::string& reason) {
  return "cannot listen on " + options.address + " port " + std::to_string(options.port) + ": " +
         reason;
}

/// The numeric address of an interface that may be given by a name, such as localhost; of several
/// the first one of IPv4.
net::ip::address resolved(const ServerOptions& options) {
  Error error;
  net::ip::address numeric = net::ip::make_address(options.address, error);
  if (!error) return numeric;
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(options.address.c_str(), nullptr, &wanted, &found);
  if (status != 0) throw std::runtime_error(failure(options, ::gai_strerror(status)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  for (const int family : {AF_INET, AF_INET6}) {
    for (const addrinfo* item = list.get(); item != nullptr; item = item->ai_next) {
      if (item->ai_family != family) continue;
      net::ip::tcp::endpoint endpoint;
      std::memcpy(endpoint.data(), item->ai_addr, item->ai_addrlen);
      return endpoint.address();
    }
  }
  throw std::runtime_error(failure(options, "the name has no address"));
}

}  // namespace

Listener::Listener(std::shared_ptr<ServerState> state)
    : state_(std::move(state)), acceptor_(*state_->io), pause_(*state_->io) {
  const ServerOptions& options = state_->options;
  const net::ip::tcp::endpoint endpoint(resolved(options), options.port);
  Error error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
  if (error) throw std::runtime_error(failure(options, error.message()));
}

std::uint16_t Listener::port() const { return acceptor_.local_endpoint().port(); }

void Listener::close() {
  Error ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void Listener::accept() {
  if (!acceptor_.is_open()) return;
  acceptor_.async_accept([self = shared_from_this()](const Error& error, Socket socket) {
    self->has_accepted(error, std::move(socket));
  });
}

void Listener::has_accepted(const Error& error, Socket socket) {
  if (error == net::error::operation_aborted) return;
  if (error) {
    state_->log().error("cannot accept a connection: {}", error.message());
    pause_.expires_after(kPauseAfterFailure);
    pause_.async_wait([self = shared_from_this()](const Error&) { self->accept(); });
    return;
  }
  if (state_->connection_count >= state_->limits().max_connections) {
    state_->log().warn("connection refused: {} are open", state_->connection_count);
  } else {
    Error ignored;
    socket.set_option(net::ip::tcp::no_delay(true), ignored);
    start_http(std::move(socket), state_, counted_connection(state_));
  }
  accept();
}

}  // namespace harpy

#include "service/server/listener.hpp"

#include <netdb.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "service/server/agent_check.hpp"
#include "service/server/grpc_service.hpp"
#include "service/server/http_response.hpp"
#include "service/server/http_session.hpp"
#include "service/server/proxy_handshake.hpp"
#include "service/server/tcp_transport.hpp"
#include "service/server/tls_handshake.hpp"

namespace harpy {

namespace net = boost::asio;

namespace {

using Error = boost::system::error_code;

constexpr std::chrono::milliseconds kPauseAfterFailure{100};
constexpr int kTooManyRequests = 429;
constexpr int kServiceUnavailable = 503;

/// The numeric address of an interface that may be given by a name, such as localhost; of several
/// the first one of IPv4.
/// Errors: std::runtime_error saying why there is none.
net::ip::address resolved(const std::string& address) {
  Error error;
  net::ip::address numeric = net::ip::make_address(address, error);
  if (!error) return numeric;
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(address.c_str(), nullptr, &wanted, &found);
  if (status != 0) throw std::runtime_error(::gai_strerror(status));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  for (const int family : {AF_INET, AF_INET6}) {
    for (const addrinfo* item = list.get(); item != nullptr; item = item->ai_next) {
      if (item->ai_family != family) continue;
      net::ip::tcp::endpoint endpoint;
      std::memcpy(endpoint.data(), item->ai_addr, item->ai_addrlen);
      return endpoint.address();
    }
  }
  throw std::runtime_error("the name has no address");
}

}  // namespace

Listener::Listener(std::shared_ptr<ServerState> state, const ServedListener& served,
                   std::shared_ptr<GrpcService> grpc)
    : state_(std::move(state)),
      served_(std::make_shared<ServedListener>(served)),
      grpc_(std::move(grpc)),
      acceptor_(*state_->io),
      pause_(*state_->io) {
  Error error;
  try {
    const ListenAddress& where = served_->options.where;
    const net::ip::tcp::endpoint endpoint(resolved(where.address), where.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
  } catch (const std::runtime_error& unresolved) {
    throw std::runtime_error(failure(unresolved.what()));
  }
  if (error) throw std::runtime_error(failure(error.message()));
}

std::string Listener::failure(const std::string& reason) const {
  const ListenAddress& where = served_->options.where;
  return "cannot listen on " + where.address + " port " + std::to_string(where.port) + ": " +
         reason;
}

std::string Listener::description() const {
  std::string text = served_->options.where.address + " port " + std::to_string(port());
  if (served_->purpose == ListenerPurpose::kOperator) {
    return "health, status and metrics on " + text;
  }
  if (served_->purpose == ListenerPurpose::kLoadBalancer) return "agent checks on " + text;
  const char* separator = ": ";
  for (const Protocol* const protocol : served_->options.protocols) {
    text.append(separator).append(protocol->name);
    separator = ", ";
  }
  return (served_->tls ? "listening with TLS on " : "listening on ") + text;
}

/// Of what it speaks; pages and health come as WebSockets do.
Carrier Listener::carrier() const {
  if (served_->purpose != ListenerPurpose::kClients) return Carrier::kWebSocket;
  const Carrier first = served_->options.protocols.front()->carrier;
  return first == Carrier::kPage ? Carrier::kWebSocket : first;
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
  try {
    serve(std::move(socket));
  } catch (const std::exception& failed) {
    state_->log().error("a connection cannot be served: {}", failed.what());
  }
  accept();
}

void Listener::serve(Socket socket) {
  Error error;
  const net::ip::tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;  // gone already
  const net::ip::tcp::endpoint here = socket.local_endpoint(error);
  if (error) return;
  const std::string address = client_key(peer.address());
  ClientAddress& client = state_->clients.at(address, std::chrono::steady_clock::now());
  const ServerLimits& limits = state_->limits();
  const int most = served_->options.max_connections.value_or(limits.max_connections);
  if (served_->connection_count >= most) {
    return refuse(std::move(socket), kServiceUnavailable, address);
  }
  // Those of a proxy are counted for the clients whom it speaks for.
  const bool is_proxy = state_->proxies.contains(peer.address());
  const bool is_counted = served_->purpose == ListenerPurpose::kClients && !is_proxy;
  if (is_counted && client.connection_count >= limits.max_connections_per_address) {
    return refuse(std::move(socket), kTooManyRequests, address);
  }
  // Shaking hands costs as much as many requests.
  if (served_->tls && is_counted && !client.requests.try_take(std::chrono::steady_clock::now())) {
    return refuse(std::move(socket), kTooManyRequests, address);
  }
  socket.set_option(net::ip::tcp::no_delay(true), error);
  auto slot = std::make_shared<ConnectionSlot>(
      state_, served_, ConnectionEnds{.client = peer, .server = here}, client);
  if (!is_proxy || !served_->options.proxy_protocol) {
    return serve_client(std::move(socket), std::move(slot));
  }
  start_proxied(std::move(socket), state_, std::move(slot),
                [self = shared_from_this()](Socket known, std::shared_ptr<ConnectionSlot> kept) {
                  self->serve_client(std::move(known), std::move(kept));
                });
}

void Listener::serve_client(Socket socket, std::shared_ptr<ConnectionSlot> slot) {
  if (served_->purpose == ListenerPurpose::kLoadBalancer) {
    return answer_agent_check(std::move(socket), state_, std::move(slot));
  }
  const auto serve = [carrier = carrier(), grpc = grpc_](ClientStream stream,
                                                         std::shared_ptr<ServerState> state,
                                                         std::shared_ptr<ConnectionSlot> kept) {
    switch (carrier) {
      case Carrier::kGrpc:
        return grpc->serve(std::move(stream), std::move(kept));
      case Carrier::kTcp:
        return start_tcp(std::move(stream), std::move(state), std::move(kept));
      case Carrier::kWebSocket:
      case Carrier::kPage:
        return start_http(std::move(stream), std::move(state), std::move(kept));
    }
  };
  if (!served_->tls) return serve(ClientStream(std::move(socket)), state_, std::move(slot));
  start_tls(std::move(socket), state_, std::move(slot), serve);
}

void Listener::refuse(Socket socket, int status, const std::string& address) {
  const char* reason = status == kTooManyRequests ? "too many connections from this address"
                                                  : "too many connections";
  ++state_->counts.refused_connections[status == kTooManyRequests ? "address" : "listener"];
  state_->tell_of_client({.client = address}, spdlog::level::warn,
                         "connection of " + address + " refused: " + reason);
  // There are no words yet, or none at all, in which it could be told.
  const bool has_words = served_->purpose != ListenerPurpose::kLoadBalancer;
  if (!has_words || served_->tls || carrier() == Carrier::kGrpc) return;
  const std::string answer =
      carrier() == Carrier::kWebSocket
          ? serialized({.status = static_cast<boost::beast::http::status>(status),
                        .body = reason,
                        .fields = "Retry-After: 5\r\n"})
          : served_->options.protocols.front()
                ->word_refusal({.status = status, .reason = reason}, {})
                .body;
  Error ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(net::buffer(answer), ignored);
  socket.shutdown(net::socket_base::shutdown_send, ignored);
}

}  // namespace harpy

#include "service/server/listener.hpp"

#include <chrono>
#include <stdexcept>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "service/server/http_session.hpp"

namespace harpy {

namespace net = boost::asio;

namespace {

constexpr auto kAsTuple = net::as_tuple(net::use_awaitable);
constexpr std::chrono::milliseconds kPauseAfterFailure{100};

net::awaitable<void> serve(std::shared_ptr<HttpSession> session,
                           std::shared_ptr<ServerState> state) {
  ++state->connection_count;
  try {
    co_await session->run();
  } catch (const std::exception& error) {
    state->log().error("a connection failed: {}", error.what());
  }
  --state->connection_count;
}

}  // namespace

Listener::Listener(std::shared_ptr<ServerState> state)
    : state_(std::move(state)), acceptor_(*state_->io) {
  const std::string& address = state_->options.address;
  boost::system::error_code error;
  const auto ip = net::ip::make_address(address, error);
  const net::ip::tcp::endpoint endpoint(ip, state_->options.port);
  if (!error) acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
  if (error) {
    throw std::runtime_error("cannot listen on " + address + " port " +
                             std::to_string(state_->options.port) + ": " + error.message());
  }
}

std::uint16_t Listener::port() const { return acceptor_.local_endpoint().port(); }

void Listener::start() {
  net::co_spawn(
      *state_->io, [self = shared_from_this()] { return self->accept(); }, net::detached);
}

void Listener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

net::awaitable<void> Listener::accept() {
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(kAsTuple);
    if (error == net::error::operation_aborted) co_return;
    if (error) {
      state_->log().error("cannot accept a connection: {}", error.message());
      net::steady_timer pause(*state_->io, kPauseAfterFailure);
      co_await pause.async_wait(kAsTuple);
      continue;
    }
    if (state_->connection_count >= state_->limits().max_connections) {
      state_->log().warn("connection refused: {} are open", state_->connection_count);
      continue;
    }
    socket.set_option(net::ip::tcp::no_delay(true), error);
    auto session = std::make_shared<HttpSession>(std::move(socket), state_);
    net::co_spawn(*state_->io, serve(std::move(session), state_), net::detached);
  }
}

}  // namespace harpy

#include "service/server/server.hpp"

#include <csignal>
#include <limits>
#include <set>
#include <stdexcept>
#include <utility>

#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/post.hpp>

#include "service/protocols/vosk_conversation.hpp"
#include "service/server/listener.hpp"
#include "service/server/network.hpp"
#include "service/server/server_state.hpp"
#include "service/server/shutdown.hpp"

namespace harpy {

namespace net = boost::asio;

namespace {

MakeConversation conversations_in_vosk(const ServerOptions& options) {
  const VoskConversationOptions vosk{.settings = options.vosk,
                                     .max_waiting_replies = options.limits.max_waiting_replies,
                                     .max_text_bytes = options.limits.max_text_bytes};
  return [vosk](Line& line, OpenSession open) {
    return std::make_unique<VoskConversation>(line, std::move(open), vosk);
  };
}

std::shared_ptr<Listener> make_listener(const std::shared_ptr<ServerState>& state) {
  const ServerLimits& limits = state->limits();
  return std::make_shared<Listener>(
      state, ListenerOptions{.where = state->options.listen,
                             .max_connections = limits.max_connections,
                             .max_connections_per_address = limits.max_connections_per_address});
}

std::shared_ptr<Listener> make_admin_listener(const std::shared_ptr<ServerState>& state) {
  if (!state->options.admin) return nullptr;
  return std::make_shared<Listener>(
      state, ListenerOptions{.where = *state->options.admin,
                             .is_admin = true,
                             .max_connections = state->limits().max_admin_connections,
                             .max_connections_per_address = std::numeric_limits<int>::max()});
}

}  // namespace

struct Server::Impl {
  explicit Impl(const ServerOptions& options)
      : state(std::make_shared<ServerState>(
            ServerState{.io = std::make_shared<net::io_context>(1),
                        .options = options,
                        .make_conversation = conversations_in_vosk(options),
                        .clients = ClientTable(options.limits)})),
        listener(make_listener(state)),
        admin_listener(make_admin_listener(state)),
        signals(*state->io),
        shutdown(state, [this] { close_all(); }) {
    state->session_ended = [this] { shutdown.session_ended(); };
  }

  void close_all() {
    listener->close();
    if (admin_listener) admin_listener->close();
    signals.cancel();
    for (Connection* const request : std::set<Connection*>(state->requests)) request->abort();
  }

  void wait_for_signal() {
    signals.async_wait([this](const boost::system::error_code& cancelled, int number) {
      if (cancelled) return;
      wait_for_signal();
      state->log().info("signal {}", number);
      if (number != SIGHUP) return shutdown.hurry();
      if (state->options.on_reload) state->options.on_reload();
    });
  }

  std::shared_ptr<ServerState> state;
  std::shared_ptr<Listener> listener;
  std::shared_ptr<Listener> admin_listener;
  net::basic_signal_set<Executor> signals;
  Shutdown shutdown;
};

Server::Server(const ServerOptions& options) {
  if (!options.log) throw std::invalid_argument("Server: expected a log");
  impl_ = std::make_unique<Impl>(options);
}

Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->listener->port(); }

std::uint16_t Server::admin_port() const {
  return impl_->admin_listener ? impl_->admin_listener->port() : std::uint16_t{0};
}

void Server::run(std::shared_ptr<Recognizer> recognizer) {
  ServerState& state = *impl_->state;
  state.recognizer = std::move(recognizer);
  impl_->listener->start();
  state.log().info("listening on {} port {}", state.options.listen.address, port());
  if (impl_->admin_listener) {
    impl_->admin_listener->start();
    state.log().info("health, status and metrics on {} port {}", state.options.admin->address,
                     admin_port());
  }
  for (bool is_done = false; !is_done;) {
    try {
      state.io->run();
      is_done = true;
    } catch (const std::exception& error) {
      state.log().error("a handler failed: {}", error.what());
    }
  }
}

void Server::replace(std::shared_ptr<Recognizer> recognizer) {
  net::post(*impl_->state->io,
            [state = impl_->state, recognizer = std::move(recognizer)]() mutable {
              state->recognizer = std::move(recognizer);
            });
}

void Server::drain() {
  net::post(*impl_->state->io, [this] { impl_->shutdown.drain(); });
}

void Server::stop() {
  net::post(*impl_->state->io, [this] { impl_->shutdown.stop("asked to"); });
}

void Server::follow_signals() {
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) impl_->signals.add(number);
  impl_->wait_for_signal();
}

}  // namespace harpy

#include "service/server/server.hpp"

#include <csignal>
#include <stdexcept>
#include <utility>

#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/post.hpp>

#include "service/protocols/vosk_conversation.hpp"
#include "service/server/listener.hpp"
#include "service/server/network.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

namespace net = boost::asio;

namespace {

MakeConversation conversations_in_vosk(const ServerOptions& options) {
  return
      [vosk = VoskConversationOptions{.settings = options.vosk,
                                      .max_waiting_replies = options.limits.max_waiting_replies}](
          Line& line, OpenSession open) {
        return std::make_unique<VoskConversation>(line, std::move(open), vosk);
      };
}

}  // namespace

struct Server::Impl {
  Impl(Recognizer& recognizer, const ServerOptions& options)
      : state(std::make_shared<ServerState>(
            ServerState{.io = std::make_shared<net::io_context>(1),
                        .recognizer = recognizer,
                        .options = options,
                        .make_conversation = conversations_in_vosk(options),
                        .requests = {},
                        .sessions = {},
                        .session_ended = {}})),
        listener(std::make_shared<Listener>(state)),
        signals(*state->io),
        drain_timer(*state->io) {
    state->session_ended = [this] {
      if (state->draining && state->sessions.empty()) stop("drained");
    };
  }

  void drain() {
    if (state->draining) return;
    state->draining = true;
    state->log().info("draining: {} sessions are running", state->sessions.size());
    if (state->sessions.empty()) return stop("drained");
    drain_timer.expires_after(state->limits().drain_timeout);
    drain_timer.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled) finish_sessions();
    });
  }

  /// Gives the sessions their last results, and ends those that do not take them.
  void finish_sessions() {
    state->log().warn("drain timeout: {} sessions are finished now", state->sessions.size());
    for (Connection* session : std::set<Connection*>(state->sessions)) session->finish();
    drain_timer.expires_after(2 * state->limits().handshake_timeout);
    drain_timer.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled) stop("clients did not close");
    });
  }

  void stop(const char* reason) {
    if (stopped) return;
    stopped = true;
    state->draining = true;
    state->log().info("stopped: {}", reason);
    listener->close();
    drain_timer.cancel();
    signals.cancel();
    for (const auto* list : {&state->sessions, &state->requests}) {
      for (Connection* connection : std::set<Connection*>(*list)) connection->abort();
    }
  }

  void wait_for_signal() {
    signals.async_wait([this](const boost::system::error_code& cancelled, int number) {
      if (cancelled) return;
      state->log().info("signal {}", number);
      if (state->draining) return stop("second signal");
      drain();
      if (!stopped) wait_for_signal();
    });
  }

  std::shared_ptr<ServerState> state;
  std::shared_ptr<Listener> listener;
  net::basic_signal_set<Executor> signals;
  Timer drain_timer;
  bool stopped = false;
};

Server::Server(Recognizer& recognizer, const ServerOptions& options) {
  if (!options.log) throw std::invalid_argument("Server: expected a log");
  impl_ = std::make_unique<Impl>(recognizer, options);
}

Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->listener->port(); }

void Server::run() {
  impl_->listener->start();
  const ServerState& state = *impl_->state;
  state.log().info("listening on {} port {}", state.options.address, port());
  for (bool is_done = false; !is_done;) {
    try {
      state.io->run();
      is_done = true;
    } catch (const std::exception& error) {
      state.log().error("a connection failed: {}", error.what());
    }
  }
}

void Server::drain() {
  net::post(*impl_->state->io, [this] { impl_->drain(); });
}

void Server::stop() {
  net::post(*impl_->state->io, [this] { impl_->stop("asked to"); });
}

void Server::drain_on_signals() {
  impl_->signals.add(SIGTERM);
  impl_->signals.add(SIGINT);
  impl_->wait_for_signal();
}

}  // namespace harpy

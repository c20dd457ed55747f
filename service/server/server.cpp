#include "service/server/server.hpp"

#include <algorithm>
#include <csignal>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/post.hpp>

#include "service/server/grpc_service.hpp"
#include "service/server/listener.hpp"
#include "service/server/network.hpp"
#include "service/server/server_state.hpp"
#include "service/server/shutdown.hpp"

namespace harpy {

namespace net = boost::asio;

namespace {

std::shared_ptr<TlsContext> tls_of(const ListenerOptions& options) {
  if (!options.tls) return nullptr;
  const bool is_grpc = options.protocols.front()->carrier == Carrier::kGrpc;
  return load_tls_context(*options.tls, is_grpc ? SpokenWithin::kHttp2 : SpokenWithin::kHttp1);
}

/// Errors: std::invalid_argument if a listener's clients need a key and cannot present one.
void check_keys(const ListenerOptions& options, const ServerState& state) {
  const Protocol& protocol = *options.protocols.front();
  if (!state.keys.needs_key() || !options.needs_key || protocol.carrier != Carrier::kTcp) return;
  throw std::invalid_argument("the listener on " + options.where.address + " port " +
                              std::to_string(options.where.port) + ": clients of " +
                              std::string(protocol.name) +
                              " cannot present an API key; keys=off lets all of them in");
}

std::shared_ptr<ServerState> make_state(const ServerOptions& options) {
  auto state = std::make_shared<ServerState>(ServerState{.io = std::make_shared<net::io_context>(1),
                                                         .options = options,
                                                         .clients = ClientTable(options.limits)});
  state->proxies = TrustedProxies(options.trusted_proxies);
  if (!options.api_keys.empty()) state->keys.replace(read_api_keys(options.api_keys));
  return state;
}

/// nullptr if no listener speaks by gRPC.
std::shared_ptr<GrpcService> start_grpc(const std::shared_ptr<ServerState>& state) {
  const auto& listeners = state->options.listeners;
  const bool is_wanted =
      std::any_of(listeners.begin(), listeners.end(), [](const ListenerOptions& options) {
        const auto& spoken = options.protocols;
        return !spoken.empty() && spoken.front()->carrier == Carrier::kGrpc;
      });
  return is_wanted ? GrpcService::start(state) : nullptr;
}

/// Errors: std::invalid_argument if proxies are to say whose their connections are and none is
/// trusted.
void check_proxies(const ListenerOptions& options, const ServerState& state) {
  if (!options.proxy_protocol || !state.options.trusted_proxies.empty()) return;
  throw std::invalid_argument("the listener on " + options.where.address + " port " +
                              std::to_string(options.where.port) +
                              ": proxy-protocol=on needs a proxy that is trusted");
}

std::vector<std::shared_ptr<Listener>> make_listeners(const std::shared_ptr<ServerState>& state,
                                                      const std::shared_ptr<GrpcService>& grpc) {
  std::vector<std::shared_ptr<Listener>> listeners;
  for (const ListenerOptions& options : state->options.listeners) {
    check_protocols(options.protocols);
    check_keys(options, *state);
    check_proxies(options, *state);
    listeners.push_back(std::make_shared<Listener>(
        state, ServedListener{.options = options, .tls = tls_of(options)}, grpc));
  }
  return listeners;
}

/// A listener that is not for clients; nullptr if it has no address.
std::shared_ptr<Listener> make_private_listener(const std::shared_ptr<ServerState>& state,
                                                const std::optional<ListenAddress>& where,
                                                ListenerPurpose purpose) {
  if (!where) return nullptr;
  return std::make_shared<Listener>(
      state,
      ServedListener{.options = {.where = *where,
                                 .protocols = {},
                                 .max_connections = state->limits().max_admin_connections},
                     .tls = nullptr,
                     .purpose = purpose},
      nullptr);
}

std::uint16_t port_of(const std::shared_ptr<Listener>& listener) {
  return listener ? listener->port() : std::uint16_t{0};
}

}  // namespace

struct Server::Impl {
  explicit Impl(const ServerOptions& options)
      : state(make_state(options)),
        grpc(start_grpc(state)),
        listeners(make_listeners(state, grpc)),
        admin_listener(make_private_listener(state, options.admin, ListenerPurpose::kOperator)),
        agent_listener(make_private_listener(state, options.agent, ListenerPurpose::kLoadBalancer)),
        signals(*state->io),
        shutdown(state, [this] { close_all(); }) {
    state->session_ended = [this] { shutdown.session_ended(); };
  }

  void close_all() {
    for (const auto& listener : listeners) listener->close();
    if (admin_listener) admin_listener->close();
    if (agent_listener) agent_listener->close();
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
  std::shared_ptr<GrpcService> grpc;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::shared_ptr<Listener> admin_listener;
  std::shared_ptr<Listener> agent_listener;
  net::basic_signal_set<Executor> signals;
  Shutdown shutdown;
};

Server::Server(const ServerOptions& options) {
  if (!options.log) throw std::invalid_argument("Server: expected a log");
  if (options.listeners.empty()) throw std::invalid_argument("Server: expected a listener");
  impl_ = std::make_unique<Impl>(options);
}

Server::~Server() = default;

std::uint16_t Server::port(std::size_t listener) const {
  return impl_->listeners.at(listener)->port();
}

std::uint16_t Server::admin_port() const { return port_of(impl_->admin_listener); }

std::uint16_t Server::agent_port() const { return port_of(impl_->agent_listener); }

void Server::run(RecognizerSet recognizers) {
  ServerState& state = *impl_->state;
  for (const ListenerOptions& listener : state.options.listeners) {
    if (recognizers.find(listener.model)) continue;
    throw std::invalid_argument("the listener on " + listener.where.address +
                                ": no model goes by the name " + listener.model);
  }
  state.recognizers = std::move(recognizers);
  std::vector<std::shared_ptr<Listener>> listeners = impl_->listeners;
  if (impl_->admin_listener) listeners.push_back(impl_->admin_listener);
  if (impl_->agent_listener) listeners.push_back(impl_->agent_listener);
  for (const auto& listener : listeners) {
    listener->start();
    state.log().info("{}", listener->description());
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

void Server::replace(RecognizerSet recognizers) {
  net::post(*impl_->state->io,
            [state = impl_->state, recognizers = std::move(recognizers)]() mutable {
              state->recognizers = std::move(recognizers);
            });
}

void Server::reload_credentials() {
  const ServerOptions& options = impl_->state->options;
  std::vector<ApiKey> keys;
  if (!options.api_keys.empty()) keys = read_api_keys(options.api_keys);
  std::vector<std::shared_ptr<TlsContext>> contexts;
  for (const ListenerOptions& listener : options.listeners) contexts.push_back(tls_of(listener));
  net::post(*impl_->state->io, [state = impl_->state, listeners = impl_->listeners,
                                keys = std::move(keys), contexts = std::move(contexts)]() mutable {
    state->keys.replace(std::move(keys));
    for (std::size_t index = 0; index < listeners.size(); ++index) {
      listeners[index]->show(std::move(contexts[index]));
    }
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

#include "service/server/proxy_handshake.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/read.hpp>

#include "service/server/proxy_header.hpp"

namespace harpy {

namespace net = boost::asio;

namespace {

class ProxyHandshake : public Connection, public std::enable_shared_from_this<ProxyHandshake> {
 public:
  ProxyHandshake(Socket socket, std::shared_ptr<ServerState> state,
                 std::shared_ptr<ConnectionSlot> slot, ServeProxied serve)
      : socket_(std::move(socket)),
        deadline_(*state->io),
        state_(std::move(state)),
        slot_(std::move(slot)),
        serve_(std::move(serve)),
        listed_(std::in_place, state_->requests, *this) {}

  void start() {
    deadline_.expires_after(state_->limits().handshake_timeout);
    deadline_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
      const auto self = weak.lock();
      if (self && !cancelled) self->fail("PROXY protocol: the header takes too long");
    });
    read_on();
  }

  void finish() override { abort(); }
  void give_up() override { abort(); }
  void abort() override {
    deadline_.cancel();
    listed_.reset();
    slot_.reset();
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

 private:
  void read_on() {
    ProxyHeader header;
    try {
      header = read_proxy_header(bytes_);
    } catch (const std::runtime_error& error) {
      return fail(error.what());
    }
    if (header.missing_bytes == 0) return serve(header);
    const std::size_t held = bytes_.size();
    bytes_.resize(held + header.missing_bytes);
    net::async_read(
        socket_, net::buffer(bytes_) + held,
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
          if (self->slot_ == nullptr) return;  // aborted
          error ? self->fail("PROXY protocol: " + error.message()) : self->read_on();
        });
  }

  void serve(const ProxyHeader& header) {
    deadline_.cancel();
    listed_.reset();
    if (header.ends) {
      const std::string client = client_key(header.ends->client.address());
      slot_->stand_for(*header.ends, state_->clients.at(client, std::chrono::steady_clock::now()));
      if (slot_->client().connection_count > state_->limits().max_connections_per_address) {
        return fail("too many connections from this address", "address");
      }
    }
    serve_(std::move(socket_), std::move(slot_));
  }

  void fail(const std::string& reason, std::string_view counted_as = "proxy") {
    ++state_->counts.refused_connections[counted_as];
    state_->tell_of_client(slot_->subject(), spdlog::level::warn,
                           "connection of " + slot_->address() + " refused: " + reason);
    abort();
  }

  Socket socket_;
  Timer deadline_;
  std::shared_ptr<ServerState> state_;
  std::shared_ptr<ConnectionSlot> slot_;
  ServeProxied serve_;
  std::optional<Listed> listed_;
  std::string bytes_;
};

}  // namespace

void start_proxied(Socket socket, std::shared_ptr<ServerState> state,
                   std::shared_ptr<ConnectionSlot> slot, ServeProxied serve) {
  std::make_shared<ProxyHandshake>(std::move(socket), std::move(state), std::move(slot),
                                   std::move(serve))
      ->start();
}

}  // namespace harpy

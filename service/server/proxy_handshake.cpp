#include "service/server/proxy_handshake.hpp"

#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/read.hpp>

#include "service/server/handshake.hpp"
#include "service/server/proxy_header.hpp"

namespace harpy {

namespace net = boost::asio;

namespace {

class ProxyHandshake : public Handshake {
 public:
  ProxyHandshake(Socket socket, std::shared_ptr<ServerState> state,
                 std::shared_ptr<ConnectionSlot> slot, ServeProxied serve)
      : Handshake("proxy", std::move(state), std::move(slot)),
        socket_(std::move(socket)),
        serve_(std::move(serve)) {}

  void start() {
    start_deadline("PROXY protocol: the header takes too long");
    read_on();
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
        [this, self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
          if (has_ended()) return;
          error ? fail("PROXY protocol: " + error.message()) : read_on();
        });
  }

  void serve(const ProxyHeader& header) {
    if (header.ends) {
      const std::string client = client_key(header.ends->client.address());
      slot().stand_for(*header.ends, state()->clients.at(client, std::chrono::steady_clock::now()));
      if (slot().client().connection_count > state()->limits().max_connections_per_address) {
        return fail("too many connections from this address", "address");
      }
    }
    serve_(std::move(socket_), done());
  }

  void close_socket() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  Socket socket_;
  ServeProxied serve_;
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

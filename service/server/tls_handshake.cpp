#include "service/server/tls_handshake.hpp"

#include <string>
#include <utility>

#include "service/server/handshake.hpp"

namespace harpy {

namespace {

class TlsHandshake : public Handshake {
 public:
  TlsHandshake(std::unique_ptr<TlsChannel> channel, std::shared_ptr<ServerState> state,
               std::shared_ptr<ConnectionSlot> slot, ServeClient serve)
      : Handshake("tls", std::move(state), std::move(slot)),
        channel_(std::move(channel)),
        serve_(std::move(serve)) {}

  void start() {
    start_deadline("TLS: it takes too long");
    channel_->handshake([this, self = shared_from_this()](const boost::system::error_code& error) {
      has_shaken_hands(error);
    });
  }

 private:
  void has_shaken_hands(const boost::system::error_code& error) {
    if (has_ended()) return;
    if (error) return fail("TLS: " + error.message());
    serve_(ClientStream(std::move(channel_)), state(), done());
  }

  void close_socket() override {
    boost::system::error_code ignored;
    channel_->socket().close(ignored);
  }

  std::unique_ptr<TlsChannel> channel_;  ///< until the handshake is done
  ServeClient serve_;
};

}  // namespace

void start_tls(Socket socket, std::shared_ptr<ServerState> state,
               std::shared_ptr<ConnectionSlot> slot, ServeClient serve) {
  auto channel = std::make_unique<TlsChannel>(std::move(socket), slot->listener().tls);
  std::make_shared<TlsHandshake>(std::move(channel), std::move(state), std::move(slot),
                                 std::move(serve))
      ->start();
}

}  // namespace harpy

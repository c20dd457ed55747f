#include "service/server/tls_handshake.hpp"

#include <optional>
#include <string>
#include <utility>

namespace harpy {

namespace {

class TlsHandshake : public Connection, public std::enable_shared_from_this<TlsHandshake> {
 public:
  TlsHandshake(Socket socket, std::shared_ptr<ServerState> state,
               std::shared_ptr<ConnectionSlot> slot, ServeClient serve)
      : channel_(std::make_unique<TlsChannel>(std::move(socket), slot->listener().tls)),
        deadline_(*state->io),
        state_(std::move(state)),
        slot_(std::move(slot)),
        serve_(std::move(serve)),
        listed_(std::in_place, state_->requests, *this) {}

  void start() {
    deadline_.expires_after(state_->limits().handshake_timeout);
    deadline_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
      const auto self = weak.lock();
      if (self && !cancelled) self->fail("it takes too long");
    });
    channel_->handshake([self = shared_from_this()](const boost::system::error_code& error) {
      self->has_ended(error);
    });
  }

  void finish() override { abort(); }
  void give_up() override { abort(); }
  void abort() override {
    deadline_.cancel();
    listed_.reset();
    slot_.reset();
    boost::system::error_code ignored;
    channel_->socket().close(ignored);
  }

 private:
  void has_ended(const boost::system::error_code& error) {
    if (slot_ == nullptr) return;  // aborted
    if (error) return fail(error.message());
    deadline_.cancel();
    listed_.reset();
    serve_(ClientStream(std::move(channel_)), state_, std::move(slot_));
  }

  void fail(const std::string& reason) {
    if (slot_ == nullptr) return;
    ++state_->counts.refused_connections["tls"];
    state_->tell_of_client(slot_->subject(), spdlog::level::warn,
                           "connection of " + slot_->address() + " refused: TLS: " + reason);
    abort();
  }

  std::unique_ptr<TlsChannel> channel_;  ///< until the handshake is done
  Timer deadline_;
  std::shared_ptr<ServerState> state_;
  std::shared_ptr<ConnectionSlot> slot_;
  ServeClient serve_;
  std::optional<Listed> listed_;
};

}  // namespace

void start_tls(Socket socket, std::shared_ptr<ServerState> state,
               std::shared_ptr<ConnectionSlot> slot, ServeClient serve) {
  std::make_shared<TlsHandshake>(std::move(socket), std::move(state), std::move(slot),
                                 std::move(serve))
      ->start();
}

}  // namespace harpy

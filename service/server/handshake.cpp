#include "service/server/handshake.hpp"

#include <utility>

namespace harpy {

Handshake::Handshake(std::string_view counted_as, std::shared_ptr<ServerState> state,
                     std::shared_ptr<ConnectionSlot> slot)
    : counted_as_(counted_as),
      deadline_(*state->io),
      state_(std::move(state)),
      slot_(std::move(slot)),
      listed_(std::in_place, state_->requests, *this) {}

void Handshake::start_deadline(const std::string& late_reason) {
  deadline_.expires_after(state_->limits().handshake_timeout);
  deadline_.async_wait(
      [weak = weak_from_this(), late_reason](const boost::system::error_code& cancelled) {
        const auto self = weak.lock();
        if (self && !cancelled) self->fail(late_reason);
      });
}

std::shared_ptr<ConnectionSlot> Handshake::done() {
  deadline_.cancel();
  listed_.reset();
  return std::move(slot_);
}

void Handshake::fail(const std::string& reason, std::string_view counted_as) {
  if (has_ended()) return;
  ++state_->counts.refused_connections[counted_as];
  state_->tell_of_client(slot_->subject(), spdlog::level::warn,
                         "connection of " + slot_->address() + " refused: " + reason);
  abort();
}

void Handshake::abort() {
  done();
  close_socket();
}

}  // namespace harpy

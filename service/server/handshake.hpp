#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "service/server/network.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// A connection before it can be served: its client, or a proxy, has to say something first, within
/// the handshake timeout. What is said, the kinds of handshakes know; they derive from it. Threads:
/// the I/O thread.
class Handshake : public Connection, public std::enable_shared_from_this<Handshake> {
 public:
  void finish() final { abort(); }
  void give_up() final { abort(); }
  void abort() final;

 protected:
  /// `counted_as`: as what metrics count its failures, such as "tls".
  Handshake(std::string_view counted_as, std::shared_ptr<ServerState> state,
            std::shared_ptr<ConnectionSlot> slot);

  /// From now on it must not take longer than the timeout; otherwise it fails, for this reason.
  void start_deadline(const std::string& late_reason);
  virtual void close_socket() = 0;

  /// It has come to its end: gives the slot away.
  std::shared_ptr<ConnectionSlot> done();
  /// Closes the connection and tells why.
  void fail(const std::string& reason) { fail(reason, counted_as_); }
  void fail(const std::string& reason, std::string_view counted_as);
  /// Whether it has ended, however. Handlers of what had begun before are still called.
  bool has_ended() const { return slot_ == nullptr; }

  const std::shared_ptr<ServerState>& state() const { return state_; }
  ConnectionSlot& slot() { return *slot_; }

 private:
  const std::string_view counted_as_;
  Timer deadline_;
  const std::shared_ptr<ServerState> state_;
  std::shared_ptr<ConnectionSlot> slot_;
  std::optional<Listed> listed_;
};

}  // namespace harpy

#include "service/server/agent_check.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include <boost/asio/write.hpp>

namespace harpy {

namespace net = boost::asio;

namespace {

using Error = boost::system::error_code;

constexpr int kPercent = 100;
constexpr std::size_t kAgentReadBytes = 256;

class AgentCheck : public Connection, public std::enable_shared_from_this<AgentCheck> {
 public:
  AgentCheck(Socket socket, const std::shared_ptr<ServerState>& state,
             std::shared_ptr<ConnectionSlot> slot)
      : socket_(std::move(socket)),
        deadline_(*state->io),
        slot_(std::move(slot)),
        listed_(std::in_place, state->requests, *this),
        line_(agent_check_line(*state)) {}

  void start(std::chrono::milliseconds timeout) {
    deadline_.expires_after(timeout);
    deadline_.async_wait([weak = weak_from_this()](const Error& cancelled) {
      const auto self = weak.lock();
      if (self && !cancelled) self->abort();
    });
    net::async_write(socket_, net::buffer(line_),
                     [self = shared_from_this()](const Error& error, std::size_t) {
                       if (error) return self->abort();
                       Error ignored;
                       self->socket_.shutdown(net::socket_base::shutdown_send, ignored);
                       self->wait_for_end();
                     });
  }

  void finish() override { abort(); }
  void give_up() override { abort(); }
  void abort() override {
    deadline_.cancel();
    listed_.reset();
    slot_.reset();
    Error ignored;
    socket_.close(ignored);
  }

 private:
  /// Closing while something is unread that the client has sent would take the line back.
  void wait_for_end() {
    socket_.async_read_some(net::buffer(incoming_),
                            [self = shared_from_this()](const Error& error, std::size_t) {
                              error ? self->abort() : self->wait_for_end();
                            });
  }

  Socket socket_;
  Timer deadline_;
  std::shared_ptr<ConnectionSlot> slot_;
  std::optional<Listed> listed_;
  const std::string line_;
  std::array<char, kAgentReadBytes> incoming_{};
};

}  // namespace

std::string agent_check_line(const ServerState& state) {
  if (state.draining) return "drain\n";
  const int capacity = state.capacity();
  const int free = std::max(capacity - state.session_count, 0);
  const int share = std::max((kPercent * free + capacity - 1) / capacity, 1);
  return "up ready " + std::to_string(share) + "% maxconn:" + std::to_string(capacity) + "\n";
}

void answer_agent_check(Socket socket, const std::shared_ptr<ServerState>& state,
                        std::shared_ptr<ConnectionSlot> slot) {
  const std::chrono::milliseconds timeout = state->limits().handshake_timeout;
  std::make_shared<AgentCheck>(std::move(socket), state, std::move(slot))->start(timeout);
}

}  // namespace harpy

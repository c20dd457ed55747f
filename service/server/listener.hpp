#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "service/server/server_state.hpp"

namespace harpy {

/// Accepts connections and gives each its coroutine.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  /// Errors: std::runtime_error naming the address.
  explicit Listener(std::shared_ptr<ServerState> state);

  std::uint16_t port() const;
  void start();
  void close();

 private:
  boost::asio::awaitable<void> accept();

  std::shared_ptr<ServerState> state_;
  boost::asio::ip::tcp::acceptor acceptor_;
};

}  // namespace harpy

#pragma once

#include <utility>

#include <boost/beast/core/buffered_read_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include "service/server/network.hpp"

namespace harpy {

/// A socket of which more was read than the request for an upgrade: what is left comes first.
class UpgradedSocket
    : public boost::beast::buffered_read_stream<Socket, boost::beast::flat_buffer> {
 public:
  UpgradedSocket(Socket socket, boost::beast::flat_buffer unread)
      : buffered_read_stream(std::move(socket)) {
    buffer() = std::move(unread);
  }
};

/// How Beast ends such a connection: as the socket's own.
inline void teardown(boost::beast::role_type role, UpgradedSocket& socket,
                     boost::beast::error_code& error) {
  boost::beast::websocket::teardown(role, socket.next_layer(), error);
}
template <typename Handler>
void async_teardown(boost::beast::role_type role, UpgradedSocket& socket, Handler&& handler) {
  boost::beast::websocket::async_teardown(role, socket.next_layer(),
                                          std::forward<Handler>(handler));
}

}  // namespace harpy

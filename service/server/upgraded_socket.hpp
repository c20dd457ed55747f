#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include <boost/beast/core/buffered_read_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include "service/server/client_stream.hpp"

namespace harpy {

/// A connection of which more was read than the request for an upgrade: what is left comes first.
class UpgradedSocket
    : public boost::beast::buffered_read_stream<ClientStream, boost::beast::flat_buffer> {
 public:
  UpgradedSocket(ClientStream stream, boost::beast::flat_buffer unread)
      : buffered_read_stream(std::move(stream)) {
    buffer() = std::move(unread);
  }
};

/// How Beast ends such a connection: what is encrypted by TLS's own end, then as any socket.
template <typename Handler>
void async_teardown(boost::beast::role_type role, UpgradedSocket& socket, Handler&& handler) {
  ClientStream& stream = socket.next_layer();
  if (!stream.is_encrypted()) {
    return boost::beast::websocket::async_teardown(role, stream.socket(),
                                                   std::forward<Handler>(handler));
  }
  stream.end_sending([role, &stream,
                      shared = std::make_shared<std::decay_t<Handler>>(
                          std::forward<Handler>(handler))](const boost::system::error_code& error) {
    if (error) return std::move(*shared)(error);
    boost::beast::websocket::async_teardown(role, stream.socket(), std::move(*shared));
  });
}

}  // namespace harpy

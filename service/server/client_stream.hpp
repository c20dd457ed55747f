#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include <boost/asio/buffer.hpp>

#include "service/server/network.hpp"
#include "service/server/tls_channel.hpp"

namespace harpy {

/// A connection to a client, by plain TCP or encrypted: what stands above reads and writes it
/// alike, as Asio's streams are read and written. Handlers are called on the io_context's thread.
class ClientStream {
 public:
  using executor_type = Executor;

  explicit ClientStream(Socket socket) : carrier_(std::move(socket)) {}
  explicit ClientStream(std::unique_ptr<TlsChannel> tls)
      : carrier_(Tls{.channel = std::move(tls), .outgoing = std::make_unique<Record>()}) {}

  /// The connection beneath, whose bytes may be encrypted.
  Socket& socket() {
    Tls* const tls = std::get_if<Tls>(&carrier_);
    return tls == nullptr ? std::get<Socket>(carrier_) : tls->channel->socket();
  }
  bool is_encrypted() const { return std::holds_alternative<Tls>(carrier_); }
  executor_type get_executor() { return socket().get_executor(); }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    Tls* const tls = std::get_if<Tls>(&carrier_);
    if (tls == nullptr) {
      std::get<Socket>(carrier_).async_read_some(buffers, std::forward<Handler>(handler));
      return;
    }
    const auto end = boost::asio::buffer_sequence_end(buffers);
    const auto space = std::find_if(boost::asio::buffer_sequence_begin(buffers), end,
                                    [](const auto& item) { return item.size() > 0; });
    tls->channel->read(space == end ? boost::asio::mutable_buffer() : *space,
                       kept(std::forward<Handler>(handler)));
  }

  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    Tls* const tls = std::get_if<Tls>(&carrier_);
    if (tls == nullptr) {
      std::get<Socket>(carrier_).async_write_some(buffers, std::forward<Handler>(handler));
      return;
    }
    // What belongs together, such as a header and what it heads, goes into one record.
    const std::size_t size = boost::asio::buffer_copy(boost::asio::buffer(*tls->outgoing), buffers);
    tls->channel->write(boost::asio::buffer(tls->outgoing->data(), size),
                        kept(std::forward<Handler>(handler)));
  }

  /// Closes the connection at once; does nothing if it has been moved away.
  void close() {
    const Tls* const tls = std::get_if<Tls>(&carrier_);
    if (tls != nullptr && tls->channel == nullptr) return;
    boost::system::error_code ignored;
    socket().close(ignored);
  }

  /// Says that nothing more comes. `handler` gets an error if the client cannot be told; a client
  /// of TLS is waited for until it has said the same or is gone. Afterwards only socket() is used.
  template <typename Handler>
  void end_sending(Handler handler) {
    if (Tls* const tls = std::get_if<Tls>(&carrier_)) {
      Socket& beneath = tls->channel->socket();
      tls->channel->shut_down(
          [&beneath, handler = std::move(handler)](const boost::system::error_code& aborted) {
            boost::system::error_code error = aborted;
            if (aborted != boost::asio::error::operation_aborted) {
              beneath.shutdown(boost::asio::socket_base::shutdown_send, error);
            }
            handler(error);
          });
      return;
    }
    boost::system::error_code error;
    socket().shutdown(boost::asio::socket_base::shutdown_send, error);
    handler(error);
  }

 private:
  /// The content of one record of TLS (RFC 8446, section 5.1).
  using Record = std::array<char, std::size_t{16} << 10>;

  struct Tls {
    std::unique_ptr<TlsChannel> channel;
    std::unique_ptr<Record> outgoing;  ///< being written
  };

  /// A handler that can be copied, which some of Beast's cannot.
  template <typename Handler>
  static TlsChannel::Moved kept(Handler&& handler) {
    return [shared = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler))](
               const boost::system::error_code& error, std::size_t size) {
      std::move (*shared)(error, size);
    };
  }

  std::variant<Socket, Tls> carrier_;
};

/// How Beast closes a connection that takes too long.
inline void beast_close_socket(ClientStream& stream) { stream.close(); }

}  // namespace harpy

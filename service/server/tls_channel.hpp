#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include <boost/asio/buffer.hpp>

#include "service/server/network.hpp"
#include "service/server/tls_files.hpp"

namespace boost::asio::ssl {
class context;
}

namespace harpy {

using TlsContext = boost::asio::ssl::context;

/// What clients are told that is spoken within TLS, if they ask (ALPN): gRPC needs HTTP/2.
enum class SpokenWithin { kHttp1, kHttp2 };

/// Reads the files for connections with TLS 1.2 or 1.3. Errors: std::runtime_error naming the file
/// that cannot be used and why, such as a key that is protected by a password.
std::shared_ptr<TlsContext> load_tls_context(const TlsFiles& files,
                                             SpokenWithin spoken = SpokenWithin::kHttp1);

/// A connection encrypted by TLS, as its server. Everything of it is behind functions, so that its
/// headers are compiled once. At most one read and one write may be under way. Threads: those of
/// the socket's io_context.
class TlsChannel {
 public:
  using Done = std::function<void(const boost::system::error_code&)>;
  using Moved = std::function<void(const boost::system::error_code&, std::size_t)>;

  /// The connection keeps this context, whatever the listener shows others meanwhile.
  TlsChannel(Socket socket, std::shared_ptr<TlsContext> context);
  ~TlsChannel();
  TlsChannel(const TlsChannel&) = delete;
  TlsChannel& operator=(const TlsChannel&) = delete;

  /// The connection beneath.
  Socket& socket();

  void handshake(Done done);
  void read(const boost::asio::mutable_buffer& buffer, Moved done);
  /// The bytes stay where they are until it is done.
  void write(const boost::asio::const_buffer& bytes, Moved done);
  /// Says that nothing more comes, and waits until the client says so too or is gone.
  void shut_down(Done done);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace harpy

#include "service/server/tls_channel.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace harpy {

namespace ssl = boost::asio::ssl;

namespace {

/// Of TLS 1.2: those with forward secrecy whose encryption is authenticated. TLS 1.3 has no others.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
/// What is spoken within, with its length before it as ALPN has it (RFC 7301).
constinit std::string_view http1_name = "\x08http/1.1";
constinit std::string_view http2_name = "\x02h2";

/// `name` is one of these names.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void* name) {
  unsigned char* found = nullptr;
  const std::string_view spoken = *static_cast<const std::string_view*>(name);
  const auto* const own = reinterpret_cast<const unsigned char*>(spoken.data());
  if (::SSL_select_next_proto(&found, chosen_size, own, static_cast<unsigned int>(spoken.size()),
                              offered, offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

[[noreturn]] void refuse_file(const std::filesystem::path& file, const std::string& reason) {
  throw std::runtime_error(file.string() + ": " + reason);
}

}  // namespace

std::shared_ptr<TlsContext> load_tls_context(const TlsFiles& files, SpokenWithin spoken) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* const native = context->native_handle();
  ::SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  ::SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  ::SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  // What clients need to come back sooner is in their tickets; the server keeps nothing of them.
  ::SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_cipher_list(native, kCiphers);
  ::SSL_CTX_set_alpn_select_cb(native, choose_protocol,
                               spoken == SpokenWithin::kHttp2 ? &http2_name : &http1_name);
  boost::system::error_code error;
  // Without this OpenSSL asks for passwords at the terminal.
  context->set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return std::string(); }, error);
  context->use_certificate_chain_file(files.certificate.string(), error);
  if (error) refuse_file(files.certificate, "no certificate in PEM: " + error.message());
  context->use_private_key_file(files.key.string(), ssl::context::pem, error);
  if (error)
    refuse_file(files.key, "no private key in PEM for this certificate: " + error.message());
  ::ERR_clear_error();
  return context;
}

struct TlsChannel::Stream {
  Stream(Socket connection, std::shared_ptr<TlsContext> shown)
      : context(std::move(shown)), socket(std::move(connection)), tls(socket, *context) {}

  std::shared_ptr<TlsContext> context;
  Socket socket;
  ssl::stream<Socket&> tls;
};

TlsChannel::TlsChannel(Socket socket, std::shared_ptr<TlsContext> context)
    : stream_(std::make_unique<Stream>(std::move(socket), std::move(context))) {}

TlsChannel::~TlsChannel() = default;

Socket& TlsChannel::socket() { return stream_->socket; }

void TlsChannel::handshake(Done done) {
  stream_->tls.async_handshake(ssl::stream_base::server, std::move(done));
}

void TlsChannel::read(const boost::asio::mutable_buffer& buffer, Moved done) {
  stream_->tls.async_read_some(boost::asio::mutable_buffers_1(buffer), std::move(done));
}

void TlsChannel::write(const boost::asio::const_buffer& bytes, Moved done) {
  stream_->tls.async_write_some(boost::asio::const_buffers_1(bytes), std::move(done));
}

void TlsChannel::shut_down(Done done) { stream_->tls.async_shutdown(std::move(done)); }

}  // namespace harpy

#include "tests/service/server/tls_client.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <vector>

namespace harpy::testing {

namespace {

constexpr int kTlsPatience_s = 10;
constexpr long kCertificateLife_s = 3600;

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string name_of(const X509* certificate) {
  std::array<char, 256> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                            static_cast<int>(name.size()));
  return name.data();
}

}  // namespace

void write_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key,
                       const std::string& name) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_EC_gen("P-256"),
                                                                 &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), kCertificateLife_s);
  X509_set_pubkey(made.get(), pair.get());
  X509_NAME* const subject = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, bytes_of(name), -1, -1, 0);
  X509_set_issuer_name(made.get(), subject);
  X509_sign(made.get(), pair.get(), EVP_sha256());
  std::FILE* const certificate_file = std::fopen(certificate.c_str(), "w");
  std::FILE* const key_file = std::fopen(key.c_str(), "w");
  const bool is_written =
      certificate_file != nullptr && key_file != nullptr &&
      PEM_write_X509(certificate_file, made.get()) == 1 &&
      PEM_write_PrivateKey(key_file, pair.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  if (certificate_file != nullptr) std::fclose(certificate_file);
  if (key_file != nullptr) std::fclose(key_file);
  if (!is_written) throw std::runtime_error("write_certificate: cannot write");
}

TlsClient::TlsClient(std::uint16_t port, const Options& options)
    : socket_(::socket(AF_INET, SOCK_STREAM, 0)), context_(SSL_CTX_new(TLS_client_method())) {
  // OpenSSL writes to sockets whose server has gone.
  std::signal(SIGPIPE, SIG_IGN);
  SSL_CTX_set_security_level(context_, 0);
  if (options.highest_version != 0) {
    SSL_CTX_set_max_proto_version(context_, options.highest_version);
  }
  ssl_ = SSL_new(context_);
  const timeval patience{.tv_sec = kTlsPatience_s, .tv_usec = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool is_connected =
      ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  SSL_set_fd(ssl_, socket_);
  if (!options.protocol.empty()) {
    const std::string list = static_cast<char>(options.protocol.size()) + options.protocol;
    SSL_set_alpn_protos(ssl_, bytes_of(list), static_cast<unsigned>(list.size()));
  }
  if (is_connected && SSL_connect(ssl_) == 1) return;
  const std::string reason = ERR_error_string(ERR_get_error(), nullptr);
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  ::close(socket_);
  throw std::runtime_error("TlsClient: " + reason);
}

TlsClient::~TlsClient() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  ::close(socket_);
}

std::string TlsClient::certificate_name() const { return name_of(SSL_get0_peer_certificate(ssl_)); }

std::string TlsClient::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return name == nullptr ? "" : std::string(reinterpret_cast<const char*>(name), size);
}

void TlsClient::send(std::string_view bytes) {
  if (SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) <= 0) {
    throw std::runtime_error("TlsClient: cannot send");
  }
}

std::string TlsClient::read_until(std::string_view end) {
  std::string text;
  char letter = 0;
  while (!text.ends_with(end)) {
    if (SSL_read(ssl_, &letter, 1) != 1) throw std::runtime_error("TlsClient: got " + text);
    text += letter;
  }
  return text;
}

std::string TlsClient::read_to_end() {
  std::string text;
  std::vector<char> block(4096);
  for (;;) {
    const int size = SSL_read(ssl_, block.data(), static_cast<int>(block.size()));
    if (size > 0) {
      text.append(block.data(), static_cast<std::size_t>(size));
      continue;
    }
    if (SSL_get_error(ssl_, size) == SSL_ERROR_ZERO_RETURN) return text;
    throw std::runtime_error("TlsClient: the connection was cut after: " + text);
  }
}

void TlsClient::shut_down() { SSL_shutdown(ssl_); }

}  // namespace harpy::testing

#include "tools/work/redis_tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>
#include <new>
#include <stdexcept>
#include <utility>

#include "tools/work/redis_connection.hpp"

namespace harpy::tools {

namespace {

/// What OpenSSL says of its first error, and forgets all.
std::string openssl_reason(const std::string& otherwise) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? otherwise : reason;
}

void check_file(int result, const std::filesystem::path& path, const std::string& expected) {
  if (result == 1) return;
  throw std::runtime_error(path.string() + ": expected " + expected + " in PEM (" +
                           openssl_reason("it cannot be used") + ")");
}

void load_files(SSL_CTX* context, const RedisTlsFiles& files) {
  if (files.authorities.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else {
    check_file(SSL_CTX_load_verify_file(context, files.authorities.c_str()), files.authorities,
               "certificates");
  }
  if (files.certificate.empty() && files.key.empty()) return;
  if (files.certificate.empty() || files.key.empty()) {
    throw std::invalid_argument("--redis-cert and --redis-key: expected both or neither");
  }
  check_file(SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()),
             files.certificate, "a certificate");
  check_file(SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM), files.key,
             "the private key of " + files.certificate.string());
}

/// Lets the server's certificate be one for this name or address.
void expect_host(SSL* connection, const std::string& host) {
  X509_VERIFY_PARAM* const parameters = SSL_get0_param(connection);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1) return;
  ERR_clear_error();
  SSL_set1_host(connection, host.c_str());
  SSL_set_tlsext_host_name(connection, host.c_str());
}

}  // namespace

void RedisTls::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
void RedisTls::Free::operator()(ssl_st* connection) const { SSL_free(connection); }

RedisTls::RedisTls(int socket, const std::string& host, std::string server,
                   const RedisTlsFiles& files)
    : server_(std::move(server)), context_(SSL_CTX_new(TLS_client_method())) {
  if (context_ == nullptr) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  load_files(context_.get(), files);
  connection_.reset(SSL_new(context_.get()));
  if (connection_ == nullptr) throw std::bad_alloc();
  expect_host(connection_.get(), host);
  SSL_set_fd(connection_.get(), socket);
  if (SSL_connect(connection_.get()) == 1) return;
  const long verified = SSL_get_verify_result(connection_.get());
  if (verified != X509_V_OK) {
    throw std::runtime_error(
        server_ + ": its certificate is not trusted: " + X509_verify_cert_error_string(verified));
  }
  throw RedisUnreachable(server_ + ": no TLS: " + openssl_reason("the connection has ended"));
}

void RedisTls::write(std::span<const char> bytes) {
  while (!bytes.empty()) {
    const int most = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
    const int written = SSL_write(connection_.get(), bytes.data(), most);
    if (written <= 0) {
      throw RedisUnreachable(server_ + ": is lost: " + openssl_reason("nothing can be sent"));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

std::size_t RedisTls::read(std::span<char> space) {
  const int most = static_cast<int>(std::min<std::size_t>(space.size(), INT_MAX));
  const int size = SSL_read(connection_.get(), space.data(), most);
  if (size > 0) return static_cast<std::size_t>(size);
  throw RedisUnreachable(server_ + ": is lost: " + openssl_reason("no answer comes"));
}

}  // namespace harpy::tools

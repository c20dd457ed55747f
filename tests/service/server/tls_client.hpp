#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace harpy::testing {

/// Writes a private key and a certificate for localhost that it has signed itself, as PEM, each
/// into a file. `name`: the common name by which certificates are told apart.
void write_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key,
                       const std::string& name);

/// TLS over loopback. Whatever takes longer than ten seconds throws std::runtime_error.
class TlsClient {
 public:
  struct Options {
    int highest_version = 0;    ///< of OpenSSL's; 0: the newest
    std::string protocol = "";  ///< offered by ALPN, if not empty
  };

  /// Connects and shakes hands. Errors: std::runtime_error if the server does not.
  explicit TlsClient(std::uint16_t port) : TlsClient(port, Options{}) {}
  TlsClient(std::uint16_t port, const Options& options);
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient();

  /// The common name of the server's certificate.
  std::string certificate_name() const;
  /// The protocol that was agreed on by ALPN; empty: none.
  std::string protocol() const;

  void send(std::string_view bytes);
  /// What the server sends up to and with `end`.
  std::string read_until(std::string_view end);
  /// What the server sends until it says that nothing more comes.
  /// Errors: std::runtime_error if the connection ends without that.
  std::string read_to_end();
  /// Says that nothing more comes.
  void shut_down();

 private:
  int socket_ = -1;
  ssl_ctx_st* context_ = nullptr;
  ssl_st* ssl_ = nullptr;
};

}  // namespace harpy::testing

#pragma once

#include <filesystem>

namespace harpy {

/// What a listener shows its clients: a certificate, with those that vouch for it behind it, and
/// its private key, both in PEM.
struct TlsFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

}  // namespace harpy

#include "service/server/web_page.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "service/server/page_files.hpp"

namespace harpy {
namespace {

constexpr std::string_view kIndex = "index.html";
constexpr std::string_view kFolder = "/page/";

/// The page may load its own files and talk to its own server, and nothing else; no other page may
/// show it in a frame.
constexpr const char* kPageFields =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'\r\n"
    "Permissions-Policy: microphone=(self), camera=(), geolocation=()\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

std::string type_of_file(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, const char*>, 4> kTypes{{
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".svg", "image/svg+xml"},
  }};
  const auto* const found = std::find_if(
      kTypes.begin(), kTypes.end(), [&](const auto& type) { return name.ends_with(type.first); });
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

}  // namespace

std::optional<Response> web_page(std::string_view path, std::span<const Protocol* const> spoken) {
  const bool is_spoken = std::any_of(spoken.begin(), spoken.end(), [](const Protocol* protocol) {
    return protocol->carrier == Carrier::kPage;
  });
  if (!is_spoken || (path != "/" && !path.starts_with(kFolder))) return std::nullopt;
  const std::string_view name = path == "/" ? kIndex : path.substr(kFolder.size());
  for (const PageFile& file : page_files()) {
    if (file.name != name) continue;
    return Response{.body = std::string(file.content),
                    .fields = kPageFields,
                    .content_type = type_of_file(name)};
  }
  return std::nullopt;
}

}  // namespace harpy

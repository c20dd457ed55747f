#include "service/server/request_checks.hpp"

#include <algorithm>
#include <cctype>

#include <boost/asio/ip/address.hpp>

namespace harpy {

namespace {

constexpr std::size_t kKeyLetters = 24;

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return lower;
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& item) {
    return item == "*" || lower_case(item) == text;
  });
}

/// The name or address of "host", "host:port" or "[address]:port".
std::string_view host_name(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    return end == std::string_view::npos ? std::string_view() : authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

}  // namespace

std::string refusal_of_source(const RequestSource& source, const BrowserAccess& access) {
  const std::string authority = lower_case(source.host);
  const std::string name(host_name(authority));
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(name, error);
  const bool is_address = !error;
  const bool is_loopback = name == "localhost" || (is_address && address.is_loopback());
  const bool is_allowed_host = is_loopback || contains(access.hosts, name);
  if (source.is_on_loopback && !source.host.empty() && !is_allowed_host) {
    return "this server is not called by that name; --allow-host allows it";
  }
  if (source.origin.empty()) return "";
  const std::string origin = lower_case(source.origin);
  if (contains(access.origins, origin)) return "";
  const std::size_t scheme_end = origin.find("://");
  const bool is_own_page = scheme_end != std::string::npos &&
                           std::string_view(origin).substr(scheme_end + 3) == authority;
  if (is_own_page && (is_allowed_host || is_address)) return "";
  return "pages of that origin may not connect; --allow-origin allows it";
}

bool is_websocket_key(std::string_view text) {
  if (text.size() != kKeyLetters || !text.ends_with("==")) return false;
  return std::all_of(text.begin(), text.end() - 2, [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '+' || letter == '/';
  });
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

}  // namespace harpy

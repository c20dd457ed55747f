#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "service/protocols/protocol.hpp"
#include "service/server/http_response.hpp"

namespace harpy {

/// The answer to a request for the web page, which is at "/", or for one of its files, which are
/// below "/page/" (docs/web-page.md). Nothing: the path is neither, or the page is not among what
/// is spoken there.
std::optional<Response> web_page(std::string_view path, std::span<const Protocol* const> spoken);

}  // namespace harpy

#include "service/server/upgrade.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

#include "models/files/escaped_text.hpp"
#include "service/protocols/protocol_table.hpp"
#include "service/server/request_checks.hpp"
#include "service/server/session_admission.hpp"
#include "service/server/utc_time.hpp"

namespace harpy {

namespace http = boost::beast::http;

std::optional<Response> refuse_upgrade(const RequestHead& head, ServerState& state,
                                       ConnectionSlot& slot, MakeConversation& make_conversation) {
  if (!is_websocket_key(field_of(head, http::field::sec_websocket_key))) {
    return Response{.status = http::status::bad_request,
                    .body = "Sec-WebSocket-Key must be 16 bytes in base64"};
  }
  ClientRequest request;
  const auto worded = [&request](const Refusal& refusal) {
    return refusal_response(refusal, word_refusal(refusal, request));
  };
  try {
    request = parse_request_target({head.target().data(), head.target().size()});
    request.id = slot.request().id;
    request.received_at = utc_text(std::chrono::system_clock::now());
    const Protocol* const protocol = protocol_at(request.path, slot.listener().options.protocols);
    if (protocol == nullptr) {
      return worded({.status = static_cast<int>(http::status::not_found),
                     .reason = "no protocol is spoken at " + escape_for_line(request.path)});
    }
    if (const std::optional<Refusal> refusal = refuse_request(head, state, slot)) {
      return worded(*refusal);
    }
    if (protocol->count_sessions != nullptr) {
      slot.request().session_count = protocol->count_sessions(request);
    }
    if (const std::optional<Refusal> refusal =
            refuse_session(state, slot, slot.request().session_count)) {
      return worded(*refusal);
    }
    slot.request().protocol = protocol->name;
    make_conversation = protocol->accept(request, protocol_settings(state, slot.listener()));
    return std::nullopt;
  } catch (const std::runtime_error& error) {
    state.tell_of_client(slot.subject(), spdlog::level::warn,
                         "request of " + slot.address() + " refused: " + error.what());
    return worded({.reason = error.what()});
  }
}

}  // namespace harpy

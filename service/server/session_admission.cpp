#include "service/server/session_admission.hpp"

#include <chrono>
#include <string>

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace harpy {

namespace {

constexpr int kUnauthorized = 401;
constexpr int kAllInUse = 503;
constexpr int kTooMany = 429;
constexpr int kTooLargeBody = 413;

Refusal counted_refusal(const Refusal& refusal, std::string_view counted_as,
                        const std::string& what, ServerState& state, ConnectionSlot& slot) {
  ++state.counts.refused_sessions[counted_as];
  state.tell_of_client(slot.subject(), spdlog::level::warn,
                       what + " of " + slot.address() + " refused: " + refusal.reason);
  return refusal;
}

}  // namespace

std::optional<Refusal> refuse_request(const RequestHead& head, ServerState& state,
                                      ConnectionSlot& slot) {
  const auto refuse = [&](int status, const char* reason, std::string_view counted_as) {
    return counted_refusal({.status = status, .reason = reason}, counted_as, "request", state,
                           slot);
  };
  const auto now = std::chrono::steady_clock::now();
  if (!slot.client().requests.try_take(now)) {
    return refuse(kTooMany, "too many requests from this address", "requests");
  }
  if (!state.keys.needs_key() || !slot.listener().options.needs_key) return std::nullopt;
  const std::string_view presented =
      presented_key(field_of(head, boost::beast::http::field::authorization),
                    field_of(head, boost::beast::http::field::sec_websocket_protocol));
  if (presented.empty()) return refuse(kUnauthorized, "an API key is needed", "unauthorized");
  std::shared_ptr<KeyUse> use = state.keys.find(presented);
  if (!use) return refuse(kUnauthorized, "the API key is not known", "unauthorized");
  if (use->requests && !use->requests->try_take(now)) {
    return refuse(kTooMany, "too many requests with this key", "requests");
  }
  slot.request().key = std::move(use);
  return std::nullopt;
}

std::optional<Refusal> refuse_session(ServerState& state, ConnectionSlot& slot, int wanted) {
  const ServedListener& listener = slot.listener();
  Refusal refusal{.status = kAllInUse, .reason = state.obstacle(wanted)};
  const char* counted_as = state.draining ? "draining" : "capacity";
  if (refusal.reason.empty() && listener.options.max_sessions &&
      listener.session_count + wanted > *listener.options.max_sessions) {
    refusal.reason = "all sessions of this listener are in use";
    counted_as = "listener";
  }
  if (refusal.reason.empty() &&
      slot.client().session_count + wanted > state.limits().max_sessions_per_address) {
    refusal = {.status = kTooMany, .reason = "too many sessions from this address"};
    counted_as = "address";
  }
  const KeyUse* const use = slot.request().key.get();
  if (refusal.reason.empty() && use != nullptr && use->key.max_sessions &&
      use->session_count + wanted > *use->key.max_sessions) {
    refusal = {.status = kTooMany, .reason = "too many sessions with this key"};
    counted_as = "key";
  }
  if (refusal.reason.empty()) return std::nullopt;
  return counted_refusal(refusal, counted_as, "session", state, slot);
}

void admit_upload(std::uint64_t body_bytes, ServerState& state, ConnectionSlot& slot) {
  if (body_bytes > state.limits().max_upload_bytes) {
    throw RequestFault(
        kTooLargeBody,
        "the body may have " + std::to_string(state.limits().max_upload_bytes) + " bytes");
  }
  if (state.upload_count >= state.limits().max_uploads) {
    ++state.counts.refused_sessions["uploads"];
    throw RequestFault(kAllInUse, "too many recordings are uploaded at once");
  }
  if (const auto refusal = refuse_session(state, slot)) {
    throw RequestFault(refusal->status, refusal->reason);
  }
}

std::string random_uuid() { return boost::uuids::to_string(boost::uuids::random_generator()()); }

ProtocolSettings protocol_settings(const ServerState& state, const ServedListener& listener) {
  ProtocolSettings settings{.sample_rate_hz = listener.options.sample_rate_hz,
                            .endpoint_times = state.options.endpoint_times,
                            .vosk = state.options.vosk,
                            .limits = {.max_waiting_replies = state.limits().max_waiting_replies,
                                       .max_text_bytes = state.limits().max_text_bytes},
                            .max_message_bytes = state.limits().max_message_bytes};
  const std::shared_ptr<Recognizer> usual = state.recognizers.find(listener.options.model);
  for (const auto& [name, recognizer] : state.recognizers.named()) {
    const ModelPackage& model = recognizer->model();
    const ServedModel served{.name = name,
                             .version = model.description().version,
                             .language = model.description().language,
                             .has_written_form = model.decoding()->written_form != nullptr};
    if (recognizer == usual) {
      settings.model = served;
    } else {
      settings.other_models.push_back(served);
    }
  }
  return settings;
}

}  // namespace harpy

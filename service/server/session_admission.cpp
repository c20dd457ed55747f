#include "service/server/session_admission.hpp"

#include <limits>
#include <string>

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace harpy {

namespace {

constexpr int kAllInUse = 503;
constexpr int kTooManyOfClient = 429;

}  // namespace

std::optional<Refusal> refuse_session(ServerState& state, ConnectionSlot& slot) {
  const ServedListener& listener = slot.listener();
  Refusal refusal{.status = kAllInUse, .reason = state.obstacle()};
  if (refusal.reason.empty() && listener.session_count >= listener.options.max_sessions.value_or(
                                                              std::numeric_limits<int>::max())) {
    refusal.reason = "all sessions of this listener are in use";
  }
  if (refusal.reason.empty() &&
      slot.client().session_count >= state.limits().max_sessions_per_address) {
    refusal = {.status = kTooManyOfClient, .reason = "too many sessions from this address"};
  }
  if (refusal.reason.empty()) return std::nullopt;
  ++state.counts.refused_sessions;
  state.tell_of_client(slot.address(), spdlog::level::warn,
                       "session of " + slot.address() + " refused: " + refusal.reason);
  return refusal;
}

std::string random_uuid() { return boost::uuids::to_string(boost::uuids::random_generator()()); }

ProtocolSettings protocol_settings(const ServerState& state, const ServedListener& listener) {
  const ModelPackage& model = state.recognizer->model();
  const ModelDescription& description = model.description();
  return {.sample_rate_hz = listener.options.sample_rate_hz,
          .vosk = state.options.vosk,
          .limits = {.max_waiting_replies = state.limits().max_waiting_replies,
                     .max_text_bytes = state.limits().max_text_bytes},
          .max_message_bytes = state.limits().max_message_bytes,
          .model = {.name = description.name,
                    .version = description.version,
                    .language = description.language,
                    .has_written_form = model.decoding()->written_form != nullptr}};
}

}  // namespace harpy

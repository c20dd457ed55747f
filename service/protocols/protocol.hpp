#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/protocols/client_request.hpp"
#include "service/protocols/conversation.hpp"
#include "service/protocols/stream_conversation.hpp"
#include "service/protocols/vosk.hpp"

namespace harpy {

/// What clients are told of the model that recognises them.
struct ServedModel {
  std::string name;               ///< such as "en-small"
  std::string version;            ///< such as "4"
  std::string language;           ///< BCP 47, such as "en"
  bool has_written_form = false;  ///< whether SessionOptions::written can be asked for
};

/// What conversations begin with, until their clients say otherwise.
struct ProtocolSettings {
  /// Sample rate of clients that do not say theirs; absent: the protocol's own.
  std::optional<double> sample_rate_hz = std::nullopt;
  EndpointTimes endpoint_times = {};
  VoskSettings vosk = {};  ///< but for its endpoint times, which are those above
  StreamLimits limits = {};
  /// Length of a message that holds audio as a text.
  std::size_t max_message_bytes = std::size_t{1} << 20;
  ServedModel model = {};  ///< of clients that name none
  std::vector<ServedModel> other_models = {};

  /// The model of that name; nullptr: there is none.
  const ServedModel* find_model(std::string_view name) const;
  /// The names of all models, for messages.
  std::string model_names() const;
};

/// An answer that refuses a client before its conversation begins.
struct Refusal {
  int status = 400;    ///< of HTTP
  std::string reason;  ///< one line
};

/// How a protocol words a refusal: the body of an HTTP response, or what a client of plain TCP gets
/// before the connection closes.
struct RefusalText {
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  std::string fields = {};  ///< further header lines, each with its end
};

/// What carries the bytes of a protocol.
enum class Carrier {
  kWebSocket,
  kTcp,
  kGrpc,  ///< its methods are followed by follow_riva_call (riva_calls.hpp)
  kPage,  ///< no bytes: the web page, which speaks another protocol of its listener
};

/// A protocol that clients may speak; protocol_table.hpp lists them.
struct Protocol {
  std::string_view name;  ///< by which listeners choose it
  Carrier carrier = Carrier::kWebSocket;
  /// Of a WebSocket request; empty: every path that is no other protocol's.
  std::string_view path;
  /// Reads a client's request; what comes out begins the conversation.
  /// Errors: std::runtime_error saying what is wrong with the request.
  MakeConversation (*accept)(const ClientRequest& request,
                             const ProtocolSettings& settings) = nullptr;
  RefusalText (*word_refusal)(const Refusal& refusal, const ClientRequest& request) = nullptr;
  /// How many sessions the conversation has at once; nullptr: one. Errors: as accept.
  int (*count_sessions)(const ClientRequest& request) = nullptr;
};

}  // namespace harpy

#include "service/protocols/protocol_table.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "service/protocols/deepgram_conversation.hpp"
#include "service/protocols/kaldi_tcp_conversation.hpp"
#include "service/protocols/realtime_conversation.hpp"
#include "service/protocols/riva_calls.hpp"
#include "service/protocols/sherpa_conversation.hpp"
#include "service/protocols/vosk_conversation.hpp"
#include "service/protocols/wyoming_conversation.hpp"

namespace harpy {

namespace {

/// Paths below belong to protocols that have a path.
constexpr std::string_view kOwnedPaths = "/v1/";
/// What the web page speaks.
constexpr std::string_view kSpokenByPage = "deepgram";

RefusalText plain_text(const Refusal& refusal) { return {.body = refusal.reason}; }

bool takes_any_path(const Protocol& protocol) {
  return protocol.carrier == Carrier::kWebSocket && protocol.path.empty();
}

}  // namespace

std::span<const Protocol> all_protocols() {
  static const std::array kProtocols{
      vosk_protocol(),
      deepgram_protocol(),
      realtime_protocol(),
      sherpa_protocol(),
      sherpa_offline_protocol(),
      kaldi_tcp_protocol(),
      wyoming_protocol(),
      riva_protocol(),
      Protocol{.name = "page", .carrier = Carrier::kPage},
  };
  return kProtocols;
}

const Protocol& find_protocol(std::string_view name) {
  std::string names;
  for (const Protocol& protocol : all_protocols()) {
    if (protocol.name == name) return protocol;
    names += (names.empty() ? "" : ", ") + std::string(protocol.name);
  }
  throw std::invalid_argument("no protocol \"" + std::string(name) + "\"; expected one of " +
                              names);
}

std::vector<const Protocol*> default_protocols() {
  std::vector<const Protocol*> spoken{&find_protocol("vosk")};
  for (const Protocol& protocol : all_protocols()) {
    if (!protocol.path.empty() || protocol.carrier == Carrier::kPage) spoken.push_back(&protocol);
  }
  return spoken;
}

void check_protocols(std::span<const Protocol* const> spoken) {
  if (spoken.empty()) throw std::invalid_argument("a listener needs a protocol");
  const auto has = [spoken](const auto& property) {
    return std::any_of(spoken.begin(), spoken.end(),
                       [&](const Protocol* protocol) { return property(*protocol); });
  };
  if (has([](const Protocol& protocol) { return protocol.carrier == Carrier::kPage; }) &&
      !has([](const Protocol& protocol) { return protocol.name == kSpokenByPage; })) {
    throw std::invalid_argument("page needs " + std::string(kSpokenByPage) +
                                " beside it, the protocol that it speaks");
  }
  const Protocol* any_path = nullptr;
  for (const Protocol* const protocol : spoken) {
    const std::string name(protocol->name);
    const bool has_own_port =
        protocol->carrier == Carrier::kTcp || protocol->carrier == Carrier::kGrpc;
    if (has_own_port && spoken.size() > 1) {
      throw std::invalid_argument("protocol " + name + " needs a listener for itself");
    }
    if (!takes_any_path(*protocol)) continue;
    if (any_path != nullptr) {
      throw std::invalid_argument("protocols " + std::string(any_path->name) + " and " + name +
                                  " need listeners of their own: both take every path");
    }
    any_path = protocol;
  }
}

const Protocol* protocol_at(std::string_view path, std::span<const Protocol* const> spoken) {
  for (const Protocol* const protocol : spoken) {
    if (!protocol->path.empty() && protocol->path == path) return protocol;
  }
  if (path.starts_with(kOwnedPaths)) return nullptr;
  const auto any = std::find_if(spoken.begin(), spoken.end(),
                                [](const Protocol* item) { return takes_any_path(*item); });
  return any == spoken.end() ? nullptr : *any;
}

RefusalText word_refusal(const Refusal& refusal, const ClientRequest& request) {
  for (const Protocol& protocol : all_protocols()) {
    if (!protocol.path.empty() && protocol.path == request.path) {
      return protocol.word_refusal(refusal, request);
    }
  }
  return plain_text(refusal);
}

}  // namespace harpy

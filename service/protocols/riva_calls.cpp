#include "service/protocols/riva_calls.hpp"

#include <stdexcept>

#include "service/protocols/riva.hpp"
#include "service/protocols/riva_conversation.hpp"
#include "service/protocols/riva_upload.hpp"

namespace harpy {

namespace {

constexpr std::string_view kRivaService = "/nvidia.riva.asr.RivaSpeechRecognition/";
constexpr int kNoSuchMethod = 404;

MakeConversation accept_riva(const ClientRequest&, const ProtocolSettings& settings) {
  return [settings](Line& line, OpenSession open) {
    return std::make_unique<RivaConversation>(line, std::move(open), settings);
  };
}

/// The status of the call says what is to be said.
RefusalText word_riva_refusal(const Refusal& refusal, const ClientRequest&) {
  return {.body = refusal.reason};
}

}  // namespace

RivaOutcome follow_riva_call(std::string_view method, const ProtocolSettings& served) {
  if (method.starts_with(kRivaService)) {
    method.remove_prefix(kRivaService.size());
    if (method == "StreamingRecognize") return accept_riva({}, served);
    if (method == "Recognize") return std::make_unique<RivaUpload>(served);
    if (method == "GetRivaSpeechRecognitionConfig") {
      return [served](std::string_view message) { return riva_config_response(message, served); };
    }
  }
  throw RequestFault(kNoSuchMethod, "there is no method " + std::string(method));
}

Protocol riva_protocol() {
  return {.name = "riva",
          .carrier = Carrier::kGrpc,
          .path = "",
          .accept = accept_riva,
          .word_refusal = word_riva_refusal};
}

}  // namespace harpy

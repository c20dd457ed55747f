#include <stdexcept>
#include <string>

#include "service/protocols/riva_calls.hpp"

namespace harpy {

namespace {

constexpr const char* kNoRiva = "this build of Harpy speaks no gRPC";
constexpr int kNotImplemented = 501;

MakeConversation refuse_riva(const ClientRequest&, const ProtocolSettings&) {
  throw std::runtime_error(kNoRiva);
}

}  // namespace

RivaOutcome follow_riva_call(std::string_view, const ProtocolSettings&) {
  throw RequestFault(kNotImplemented, kNoRiva);
}

Protocol riva_protocol() {
  return {.name = "riva",
          .carrier = Carrier::kGrpc,
          .path = "",
          .accept = refuse_riva,
          .word_refusal = [](const Refusal& refusal, const ClientRequest&) {
            return RefusalText{.body = refusal.reason};
          }};
}

}  // namespace harpy

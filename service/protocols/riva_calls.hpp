#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "service/protocols/protocol.hpp"
#include "service/protocols/upload_protocol.hpp"

namespace harpy {

/// Answers the one message of a call with one. Errors: std::runtime_error for a message that cannot
/// be answered.
using RivaAnswer = std::function<std::string(std::string_view message)>;

/// What a call's method asks for: an answer at once, a conversation, or that a recording is taken.
using RivaOutcome = std::variant<RivaAnswer, MakeConversation, std::unique_ptr<UploadProtocol>>;

/// Follows a call of a method, such as
/// "/nvidia.riva.asr.RivaSpeechRecognition/StreamingRecognize".
/// Errors: RequestFault with status 404 for a method that there is not.
RivaOutcome follow_riva_call(std::string_view method, const ProtocolSettings& served);

/// The protocol in the table of protocols: gRPC.
Protocol riva_protocol();

}  // namespace harpy

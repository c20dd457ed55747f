#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "service/protocols/mono_decoder.hpp"
#include "service/protocols/protocol.hpp"
#include "service/protocols/riva.hpp"
#include "service/protocols/stream_conversation.hpp"

namespace harpy {

/// A conversation by Riva's StreamingRecognize (docs/protocols.md): each message of the client is a
/// StreamingRecognizeRequest, each one to it a StreamingRecognizeResponse. Errors are told by the
/// status of the call, which the transport makes of how the line is closed.
class RivaConversation : public StreamConversation {
 public:
  RivaConversation(Line& line, OpenSession open, ProtocolSettings served);

 private:
  /// gRPC has no texts.
  void hear_text(std::string_view) override {}
  void hear_bytes(std::span<const std::byte> bytes) override;
  SessionOptions session_options() const override;
  void tell(const SessionEvent& event) override;
  void tell_settled(Request, bool) override {}
  void tell_error(Closing&) override {}
  void finish_audio(std::vector<float>& samples) override { decoder_->finish(samples); }

  void begin(const RivaSettings& settings);

  const ProtocolSettings served_;
  std::optional<RivaSettings> settings_;  ///< once the first message has come
  SessionOptions options_;
  RivaForm form_;
  std::optional<MonoDecoder> decoder_;
};

}  // namespace harpy

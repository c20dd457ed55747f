#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "frontend/audio/pcm.hpp"
#include "service/protocols/protocol.hpp"
#include "service/protocols/sherpa.hpp"
#include "service/protocols/stream_conversation.hpp"

namespace harpy {

struct SherpaOptions {
  double sample_rate_hz = 16000.0;  ///< of streamed audio, whose clients do not tell it
  EndpointTimes endpoint_times = {};
  std::string language = {};
  StreamLimits limits = {};
};

/// A conversation with a client of sherpa-onnx's streaming WebSocket server (docs/protocols.md).
class SherpaConversation : public StreamConversation {
 public:
  SherpaConversation(Line& line, OpenSession open, const SherpaOptions& options);

 private:
  void hear_text(std::string_view text) override;
  void hear_bytes(std::span<const std::byte> bytes) override;
  SessionOptions session_options() const override;
  void tell(const SessionEvent& event) override;
  void tell_settled(Request request, bool has_heard) override;
  /// The protocol has no errors; the close code tells them.
  void tell_error(Closing& closing) override { closing.reason = closing.details; }

  void tell_final(const SessionEvent& event, bool is_eof);

  const SherpaOptions options_;
  PcmDecoder decoder_{PcmCoding::kFloat32};
  int segment_ = 0;
  /// A final that came after the client was done: the last one of these is told as the end.
  std::optional<SessionEvent> last_final_;
};

/// A conversation with a client of sherpa-onnx's WebSocket server for whole recordings, of which it
/// may send several, one after another.
class SherpaOfflineConversation : public StreamConversation {
 public:
  SherpaOfflineConversation(Line& line, OpenSession open, const SherpaOptions& options);

 private:
  void hear_text(std::string_view text) override;
  void hear_bytes(std::span<const std::byte> bytes) override;
  SessionOptions session_options() const override;
  void tell(const SessionEvent& event) override;
  void tell_settled(Request request, bool has_heard) override;
  void tell_error(Closing& closing) override { closing.reason = closing.details; }

  const SherpaOptions options_;
  PcmDecoder decoder_{PcmCoding::kFloat32};
  std::string head_;                          ///< the bytes of the next head, while it comes
  std::optional<SherpaRecording> recording_;  ///< that comes; counts down what is missing
  double begin_s_ = 0.0;                      ///< of the recording, in the conversation's audio
  SessionEvent settled_;                      ///< all that was said in it
};

// The protocols in the table of protocols: any path.
Protocol sherpa_protocol();
Protocol sherpa_offline_protocol();

}  // namespace harpy

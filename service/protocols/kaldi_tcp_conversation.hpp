#pragma once

#include <span>
#include <string>
#include <string_view>

#include "frontend/audio/pcm.hpp"
#include "service/protocols/protocol.hpp"
#include "service/protocols/stream_conversation.hpp"

namespace harpy {

struct KaldiTcpOptions {
  double sample_rate_hz = 16000.0;
  EndpointTimes endpoint_times = {};
  StreamLimits limits = {};
};

/// A conversation with a client of Kaldi's online2-tcp-nnet3-decode-faster (docs/protocols.md): raw
/// samples in, lines of text out. A line is "word word " with "\r" at its end while it may change,
/// at most one a second of audio, and with "\n" once it is settled.
class KaldiTcpConversation : public StreamConversation {
 public:
  KaldiTcpConversation(Line& line, OpenSession open, const KaldiTcpOptions& options);

 private:
  /// TCP has no texts.
  void hear_text(std::string_view) override {}
  void hear_bytes(std::span<const std::byte> bytes) override;
  SessionOptions session_options() const override;
  void tell(const SessionEvent& event) override;
  void tell_settled(Request, bool) override {}
  /// The protocol has no errors, and a line would be taken for words; the log has them.
  void tell_error(Closing&) override {}

  void tell_words(const SessionEvent& event, char end);

  const KaldiTcpOptions options_;
  PcmDecoder decoder_{PcmCoding::kS16};
  SessionEvent partial_;         ///< the running utterance
  double next_partial_s_ = 0.0;  ///< in the audio
};

/// The protocol in the table of protocols: plain TCP.
Protocol kaldi_tcp_protocol();

}  // namespace harpy

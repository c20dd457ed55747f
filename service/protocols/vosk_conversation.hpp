#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>

#include "frontend/audio/pcm.hpp"
#include "service/protocols/protocol.hpp"
#include "service/protocols/stream_conversation.hpp"
#include "service/protocols/vosk.hpp"

namespace harpy {

struct VoskConversationOptions {
  VoskSettings settings;  ///< until the client's config says otherwise
  /// Replies that may wait to be recognised or to be taken by the client; beyond, no input is
  /// taken.
  std::size_t max_waiting_replies = 256;
  /// Length of a message that is no audio; a longer text is refused, longer bytes are audio.
  std::size_t max_text_bytes = std::size_t{64} << 10;
};

/// A conversation in Vosk's protocol (docs/protocols.md). An audio frame is answered when the
/// session has worked off the samples up to its end.
class VoskConversation : public StreamConversation {
 public:
  VoskConversation(Line& line, OpenSession open, const VoskConversationOptions& options);

 private:
  void hear_text(std::string_view text) override;
  void hear_bytes(std::span<const std::byte> bytes) override;
  SessionOptions session_options() const override;
  void tell(const SessionEvent& event) override;
  void tell_settled(Request request, bool has_heard) override;
  void tell_error(Closing& closing) override;
  std::size_t waiting_reply_count() const override { return awaited_.size(); }

  void follow(const VoskMessage& message);
  void hear_audio(std::span<const std::byte> bytes);
  /// Replies to the frames that are worked off.
  void answer_frames();
  void refuse(std::string_view details) { fail(close_code::kBadMessage, "bad message", details); }

  VoskSettings settings_;
  VoskReplies replies_;
  PcmDecoder decoder_{PcmCoding::kS16};
  std::deque<std::int64_t> awaited_;  ///< samples at the end of each frame not yet replied to
};

/// The protocol in the table of protocols: every path, whatever subprotocol.
Protocol vosk_protocol();

}  // namespace harpy

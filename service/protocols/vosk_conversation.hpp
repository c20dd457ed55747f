#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/audio/pcm.hpp"
#include "service/protocols/conversation.hpp"
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

/// A conversation in Vosk's protocol (docs/protocols.md).
///
/// It is in one of four states, which follow from its members: listening; holding an audio frame
/// for which the session had no room; waiting for the session's end, because the client asked for a
/// reset or the eof or because the server ends the conversation; closed. It takes input only while
/// it listens. An audio frame is answered when the session has worked off the samples up to its
/// end.
class VoskConversation : public Conversation {
 public:
  VoskConversation(Line& line, OpenSession open, const VoskConversationOptions& options);
  ~VoskConversation() override;
  VoskConversation(const VoskConversation&) = delete;
  VoskConversation& operator=(const VoskConversation&) = delete;

  void take_text(std::string_view text) override;
  void take_bytes(std::span<const std::byte> bytes) override;
  /// The client has gone without an eof. It gets its result nevertheless, if it still reads.
  void take_end() override;
  void end(Ending reason) override;
  std::size_t input_room() const override;
  bool owes_reply() const override;
  double audio_s() const override;

 private:
  /// What the client asked for that needs the running session's end.
  enum class Request { kNone, kReset, kEof };

  /// Closes without the results that are missing.
  void stop();
  void follow(const VoskMessage& message);
  void take_audio(std::span<const std::byte> bytes);
  void open_session();
  /// Gives the rest of the frame to the session, as far as it has room.
  void push_frame();
  void on_event(const SessionEvent& event);
  /// Replies to the frames that are worked off.
  void answer_frames();

  bool is_listening() const;
  /// Whether the running session is to be finished as soon as it has all its audio.
  bool is_settling() const { return request_ != Request::kNone || ending_.has_value(); }
  void settle();
  /// The session has ended, or there was none: replies to what was asked and goes on or closes.
  void settled();

  void close(Closing closing);
  void fail(std::uint16_t code, const char* reason, const std::string& details);

  Line& line_;
  const OpenSession open_;
  const std::size_t max_waiting_replies_;
  const std::size_t max_text_bytes_;
  VoskSettings settings_;
  VoskReplies replies_;
  PcmDecoder decoder_{PcmCoding::kS16};

  std::shared_ptr<Session> session_;  ///< from the first audio frame to a reset
  std::vector<float> frame_;          ///< the samples of the frame that came last
  std::size_t frame_begin_ = 0;       ///< samples of it that the session has
  bool is_frame_held_ = false;        ///< the session had no room for the others
  std::deque<std::int64_t> awaited_;  ///< samples at the end of each frame not yet replied to
  std::int64_t pushed_samples_ = 0;   ///< to session_
  std::int64_t worked_samples_ = 0;   ///< of them
  double earlier_audio_s_ = 0.0;      ///< of the sessions before session_

  Request request_ = Request::kNone;
  std::optional<Ending> ending_;
  bool is_closed_ = false;
};

}  // namespace harpy

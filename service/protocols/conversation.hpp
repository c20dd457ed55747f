#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/recognizer/recognizer_options.hpp"
#include "service/recognizer/session.hpp"
#include "service/recognizer/session_event.hpp"

namespace harpy {

/// Codes that say why a connection is closed (RFC 6455, section 7.4). A protocol may use others
/// from 3000 on. A transport without close codes, such as plain TCP, only closes.
namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kBadMessage = 1007;
inline constexpr std::uint16_t kPolicy = 1008;
inline constexpr std::uint16_t kTooLong = 1009;
inline constexpr std::uint16_t kInternalError = 1011;
inline constexpr std::uint16_t kServiceRestart = 1012;
}  // namespace close_code

/// How a conversation ends its connection.
struct Closing {
  std::uint16_t code = close_code::kNormal;
  std::string reason;   ///< told to the client, in at most 120 bytes
  std::string details;  ///< for the server's log, if there is more to say than the reason
};

enum class Severity { kWarning, kError };

/// The client's side of a conversation, provided by the transport: what is sent to the client.
///
/// Everything is sent in the order of the calls. None of them waits, and none calls back into the
/// conversation.
class Line {
 public:
  virtual ~Line() = default;

  /// Sends a text message. A transport of plain bytes sends the bytes of the text.
  virtual void send_text(std::string text) = 0;
  /// Sends a binary message. A transport of plain bytes sends the bytes.
  virtual void send_bytes(std::vector<std::byte> bytes) = 0;
  /// Ends the connection when everything sent before has left. Calls after the first do nothing,
  /// and so do sends.
  virtual void close(Closing closing) = 0;

  /// Messages that were sent here and that the client has not taken yet.
  virtual std::size_t unsent_count() const = 0;

  /// Tells that the client has sent something besides audio, which costs more to understand than
  /// its bytes to carry. The transport lets clients send only so much of it.
  virtual void count_command(std::size_t bytes) = 0;

  /// Writes a line to the server's log; the transport adds the name of the session.
  virtual void note(Severity severity, const std::string& text) = 0;
};

/// Opens a session of the recognizer for a conversation, which may have several, one after another
/// or at once. The handler is called between the other calls of the conversation, on the same
/// thread, and no longer once the conversation is gone. Ending the conversation cancels its
/// sessions only if the conversation does so in its destructor.
/// Errors: std::invalid_argument for an impossible sample rate.
using OpenSession =
    std::function<std::shared_ptr<Session>(const SessionOptions& options, EventHandler handler)>;

/// Why a server ends a conversation by itself.
enum class Ending {
  kIdle,      ///< the client said nothing for too long, although nothing is owed to it
  kSlow,      ///< a message of the client came too slowly
  kNoAudio,   ///< the client sent no audio for too long, whatever else it sent
  kTooLong,   ///< the conversation has lasted too long
  kShutdown,  ///< the server ends
  kStop,      ///< the server ends and does not wait for what is not yet recognised
};

/// The close code of an ending and the reason that the client is told.
Closing closing_of(Ending ending);

/// One client's talk in one protocol: turns the client's messages into calls of a session, and the
/// session's events into messages. It knows no sockets, threads or clocks.
///
/// A transport reads and writes, watches over time and calls the functions below, one at a time on
/// one thread. What the conversation wants it tells its Line. However a conversation ends, the
/// client is first told what was recognised of the audio that it sent, then why the connection
/// closes; only the transport's loss of the client ends it without a word, by destroying it.
///
/// docs/protocols.md, "How to add a protocol", lists the steps to a new one.
class Conversation {
 public:
  virtual ~Conversation() = default;

  /// A text message of the client. Errors: whatever is thrown closes the connection with
  /// close_code::kInternalError.
  virtual void take_text(std::string_view text) = 0;
  /// A binary message of the client or, from a transport of plain bytes, the next bytes however
  /// they were cut. Errors: as take_text.
  virtual void take_bytes(std::span<const std::byte> bytes) = 0;
  /// The client sends nothing more but may still read, as with a half-closed TCP connection or at
  /// the end of an HTTP request.
  virtual void take_end() = 0;

  /// Asks for the end: the conversation sends the result of what was heard and closes its line,
  /// perhaps only after further events. May be called again with another reason; the first counts.
  /// With Ending::kStop it closes its line at once, whatever was asked for before; a client that is
  /// owed a result is told that there will be none.
  virtual void end(Ending reason) = 0;

  /// How many bytes of input the conversation can take now. While it is 0 the transport reads
  /// nothing, so that TCP slows the client down; otherwise it reads one message, whatever the
  /// message's length, or as many plain bytes.
  virtual std::size_t input_room() const = 0;

  /// Length of the longest text message that it reads. Of a longer one a transport need not give it
  /// more than the beginning; it refuses either.
  virtual std::size_t max_text_bytes() const = 0;

  /// Whether the client waits for something that the conversation has not sent yet. Meanwhile its
  /// silence is not idleness.
  virtual bool owes_reply() const = 0;

  /// Seconds of audio taken so far, for the log.
  virtual double audio_s() const = 0;
};

/// Begins a conversation. The line outlives it.
using MakeConversation = std::function<std::unique_ptr<Conversation>(Line& line, OpenSession open)>;

}  // namespace harpy

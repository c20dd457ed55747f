#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/protocols/conversation.hpp"
#include "service/protocols/upload_protocol.hpp"

namespace harpy {

/// What carries an HTTP request with a recording, besides its Line: it also leads to a decoder,
/// which turns the recording into samples, and its answer has a head. The answer's body goes
/// through Line::send_text.
class UploadCarrier {
 public:
  virtual ~UploadCarrier() = default;

  /// A recording begins, of which bytes follow. Errors: RequestFault if there is no decoder.
  virtual void begin_recording(const UploadedFile& file) = 0;
  virtual void decode(std::string_view bytes) = 0;
  virtual void end_recording() = 0;
  /// The recording needs so many sessions at once. Errors: RequestFault if they are not free.
  virtual void take_sessions(int count) = 0;
  /// Bytes of the recording that the decoder has not taken yet.
  virtual std::size_t undecoded_bytes() const = 0;

  /// Sends the head of the answer, before its body. `is_streamed`: the body's length is not known;
  /// otherwise it is that of `answer`.
  virtual void send_head(const HttpAnswer& answer, bool is_streamed) = 0;
};

/// What a decoder made of a recording.
enum class DecodingEnd {
  kDone,
  kBadAudio,  ///< it holds nothing that can be decoded
  kFailed,    ///< the decoder itself has failed
};

/// A conversation of one HTTP request with a recording as its body, in a protocol of that kind
/// (docs/protocols.md). Its bytes go to a decoder; samples come back, which a session recognises,
/// or one for each channel.
///
/// It is in one of four states: taking the body; waiting for the decoder and the session; holding
/// samples for which the session had no room; answered. What ends it early is told by the answer's
/// status, or where the head is sent already, in the protocol's words.
class UploadConversation : public Conversation {
 public:
  struct Options {
    double most_audio_s = 6.0 * 3600.0;     ///< of a recording; a longer one is refused
    std::size_t max_waiting_replies = 256;  ///< pieces that the client has not taken yet
  };

  UploadConversation(Line& line, UploadCarrier& carrier, OpenSession open,
                     std::unique_ptr<UploadProtocol> protocol, const Options& options);
  ~UploadConversation() override;
  UploadConversation(const UploadConversation&) = delete;
  UploadConversation& operator=(const UploadConversation&) = delete;

  /// Bodies have no texts: as take_bytes.
  void take_text(std::string_view text) override;
  void take_bytes(std::span<const std::byte> bytes) override;
  /// The body is complete.
  void take_end() override;
  void end(Ending reason) override;
  bool is_answered() const { return is_answered_; }
  /// Answers that the request cannot be followed.
  void refuse(const RequestFault& fault);
  /// For the body, then for samples.
  std::size_t input_room() const override;
  bool owes_reply() const override { return !is_answered_ && (is_body_done_ || is_decoder_late()); }
  std::size_t max_text_bytes() const override { return 0; }
  double audio_s() const override;

  // What the decoder gives after end_recording: what samples they are, the samples while there is
  // room for input (whole frames, interleaved), the end.
  void take_format(int sample_rate_hz, int channel_count);
  void take_samples(std::span<const float> samples);
  void take_decoding_end(DecodingEnd end, const std::string& reason);

 private:
  /// A channel that is recognised for itself, or the one that all are mixed to.
  struct Channel {
    std::shared_ptr<Session> session;  ///< null: it has ended
    std::vector<float> held;           ///< samples for which the session had no room
  };

  /// Whether so much of the body waits for the decoder that reading must pause.
  bool is_decoder_late() const;
  void open_sessions();
  void cancel_sessions();
  /// Whether a session had no room for its samples.
  bool is_holding() const;
  /// Gives the sessions what they have no room for, and asks for their end when that is all.
  void push_held();
  void on_event(std::size_t channel, const SessionEvent& event);
  void take_final(std::size_t channel, const SessionEvent& event);
  void end_channel(std::size_t channel);
  void complete();
  /// Sends the answer or, if its head is sent, its last pieces, and closes.
  void send_last(const HttpAnswer& answer, Closing closing);

  Line& line_;
  UploadCarrier& carrier_;
  const OpenSession open_;
  const std::unique_ptr<UploadProtocol> protocol_;
  const Options options_;
  SessionOptions session_options_;
  std::vector<Channel> channels_;  ///< none before the decoder has told the format
  UploadTranscript transcript_;
  std::int64_t taken_frames_ = 0;
  bool has_recording_ = false;
  bool is_body_done_ = false;
  bool is_decoded_ = false;
  bool is_finishing_ = false;  ///< the sessions are asked for their end
  bool is_head_sent_ = false;
  bool is_answered_ = false;
};

}  // namespace harpy

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "service/protocols/conversation.hpp"

namespace harpy {

/// What a conversation lets its client send.
struct StreamLimits {
  /// Messages to the client that may wait to be sent or taken; beyond, no input is taken.
  std::size_t max_waiting_replies = 256;
  /// Length of a text message; a longer one is refused.
  std::size_t max_text_bytes = std::size_t{64} << 10;
};

/// What all conversations have in common in which a client streams audio and hears of it meanwhile:
/// the sessions behind it, one after another, how they are settled, and how the conversation ends.
/// A protocol derives from it and says what its messages mean and what events are told.
///
/// It is in one of four states, which follow from its members: listening; holding audio for which
/// the session had no room; waiting for the session's end, because the client asked for a flush or
/// for the end, or because the server ends the conversation; closed. It takes input only while it
/// listens.
class StreamConversation : public Conversation {
 public:
  StreamConversation(Line& line, OpenSession open, const StreamLimits& limits);
  ~StreamConversation() override;
  StreamConversation(const StreamConversation&) = delete;
  StreamConversation& operator=(const StreamConversation&) = delete;

  void take_text(std::string_view text) final;
  void take_bytes(std::span<const std::byte> bytes) final;
  /// The client has gone without asking for the end. It gets its result nevertheless, if it still
  /// reads.
  void take_end() final;
  void end(Ending reason) final;
  std::size_t input_room() const final;
  std::size_t max_text_bytes() const final { return limits_.max_text_bytes; }
  bool owes_reply() const final;
  double audio_s() const final;

 protected:
  /// What the client asked for that needs the running session's end.
  enum class Request {
    kNone,
    kFlush,  ///< settle what was heard; more may follow
    kEnd,    ///< settle what was heard and close
  };

  /// A message of the client; called while the conversation listens.
  virtual void hear_text(std::string_view text) = 0;
  /// Whether texts are commands, which the line counts; else the protocol counts those that are.
  virtual bool are_texts_commands() const { return true; }
  virtual void hear_bytes(std::span<const std::byte> bytes) = 0;

  /// Of a session that is opened now.
  virtual SessionOptions session_options() const = 0;
  /// A partial, a final, a start of speech or progress. Its times count from the first sample of
  /// the conversation.
  virtual void tell(const SessionEvent& event) = 0;
  /// All audio is recognised, and what was asked for can be answered. `has_heard`: there was audio
  /// since the last time. Afterwards the conversation goes on, or it closes if it is ending.
  virtual void tell_settled(Request request, bool has_heard) = 0;
  /// Tells the client of an error, which `closing` details and which closes the conversation. A
  /// protocol with codes of its own may change the code and the reason.
  virtual void tell_error(Closing& closing) = 0;
  /// How the server's own ending is told.
  virtual Closing closing_for(Ending ending) const { return closing_of(ending); }
  /// No more audio comes before what was heard is settled: appends the samples that a decoder still
  /// holds. Called only if there is a session.
  virtual void finish_audio(std::vector<float>& /*samples*/) {}
  /// The conversation listens again after it did not.
  virtual void resume() {}
  /// Replies that the client waits for and that are not sent yet.
  virtual std::size_t waiting_reply_count() const { return 0; }

  /// Gives audio to the session, which is opened for its first samples. `decode` appends them; a
  /// std::runtime_error of it is the client's bad message.
  void push(const std::function<void(std::vector<float>& samples)>& decode);
  /// Settles what was heard; tell_settled follows, at once if there was nothing.
  void ask(Request request);
  /// Forgets what the running session has heard and will say.
  void drop_session();
  void close(Closing closing);
  /// Tells an error and closes.
  void fail(std::uint16_t code, std::string_view reason, std::string_view details);

  Line& line() { return line_; }
  bool is_listening() const;
  /// Whether what was heard is being settled, because the client or the server asked for it.
  bool is_settling() const { return request_ != Request::kNone || ending_.has_value(); }
  bool has_session() const { return session_ != nullptr; }
  /// Samples of the running session, those too for which it had no room yet.
  std::int64_t heard_samples() const { return heard_samples_; }
  /// Of them, those that are worked off; the events of these have been told.
  std::int64_t worked_samples() const { return worked_samples_; }
  /// Up to where the audio is worked off, in seconds from the conversation's first sample.
  double worked_s() const;

 private:
  void open_session();
  void forget_session();
  void on_event(const SessionEvent& event);
  /// Gives the rest of the held samples to the session, as far as it has room.
  void push_held();
  bool is_holding() const { return held_begin_ < held_.size(); }
  /// Gives the session its last samples and settles it.
  void begin_settling();
  void settle();
  void settled();
  void stop();

  Line& line_;
  const OpenSession open_;
  const StreamLimits limits_;

  std::shared_ptr<Session> session_;  ///< from the first audio until it is settled or dropped
  int session_number_ = 0;            ///< tells its events from those of sessions before
  double sample_rate_hz_ = 1.0;       ///< of the last session
  std::vector<float> held_;           ///< the samples that came last
  std::size_t held_begin_ = 0;        ///< samples of them that the session has
  std::int64_t heard_samples_ = 0;
  std::int64_t worked_samples_ = 0;
  double earlier_audio_s_ = 0.0;  ///< of the sessions before session_

  Request request_ = Request::kNone;
  std::optional<Ending> ending_;
  bool is_closed_ = false;
};

}  // namespace harpy

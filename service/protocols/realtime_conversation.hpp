#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/protocols/mono_decoder.hpp"
#include "service/protocols/protocol.hpp"
#include "service/protocols/realtime.hpp"
#include "service/protocols/stream_conversation.hpp"

namespace harpy {

struct RealtimeOptions {
  std::string id;  ///< of the session
  RealtimeSettings settings = {};
  ProtocolSettings server = {};  ///< whose models can be asked for
  EndpointTimes endpoint_times = {};
  StreamLimits limits = {};
};

/// A conversation in the protocol of OpenAI's Realtime transcription (docs/protocols.md). Each
/// turn, or all audio up to a commit, becomes an item with its transcript. An event that is wrong
/// gets an error and the conversation goes on.
class RealtimeConversation : public StreamConversation {
 public:
  RealtimeConversation(Line& line, OpenSession open, const RealtimeOptions& options);

 private:
  void hear_text(std::string_view text) override;
  void hear_bytes(std::span<const std::byte> bytes) override;
  bool are_texts_commands() const override { return false; }
  SessionOptions session_options() const override;
  void tell(const SessionEvent& event) override;
  void tell_settled(Request request, bool has_heard) override;
  void tell_error(Closing& closing) override;

  void follow(const RealtimeEvent& event);
  void update(const RealtimeEvent& event);
  void append(const RealtimeEvent& event);
  void commit();
  void clear();

  /// The item that is being heard, which begins with this call if there is none.
  const std::string& item();
  void tell_committed();
  /// Tells what was said in the item, which ends.
  void tell_transcript(const std::string& text, double seconds);
  void tell_wrong(const RealtimeError& error, std::string_view event_id);
  void send(std::string_view type, const boost::json::object& fields = {});

  const RealtimeOptions options_;
  RealtimeSettings settings_;
  MonoDecoder decoder_;
  std::int64_t event_count_ = 0;
  std::int64_t item_count_ = 0;
  std::string item_;           ///< empty: none
  std::string previous_item_;  ///< empty: none
  bool is_committed_ = false;  ///< the item's audio is complete
  std::string committed_text_;
  double committed_begin_s_ = 0.0;  ///< of the audio that was not told of yet
};

/// The protocol in the table of protocols: /v1/realtime.
Protocol realtime_protocol();

}  // namespace harpy

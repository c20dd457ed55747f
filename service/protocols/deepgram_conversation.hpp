#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "service/protocols/deepgram_request.hpp"
#include "service/protocols/deepgram_results.hpp"
#include "service/protocols/mono_decoder.hpp"
#include "service/protocols/protocol.hpp"
#include "service/protocols/stream_conversation.hpp"

namespace harpy {

/// What a live conversation in Deepgram's protocol begins with.
struct DeepgramLive {
  DeepgramRequest request;
  DeepgramContext context;
  PcmFormat format = {};  ///< of the audio
  EndpointTimes endpoint_times = {};
  StreamLimits limits = {};
};

/// Whether a text message asks for the end, as CloseStream does.
bool is_deepgram_close(std::string_view text);

/// A conversation in Deepgram's live protocol (docs/protocols.md). Finals are told as they are
/// settled, interim results as words change; times count from the first sample of the conversation,
/// also after a Finalize, which settles what was heard. One of several channels leaves the Metadata
/// to DeepgramChannels.
class DeepgramConversation : public StreamConversation {
 public:
  DeepgramConversation(Line& line, OpenSession open, const DeepgramLive& live);

 private:
  void hear_text(std::string_view text) override;
  void hear_bytes(std::span<const std::byte> bytes) override;
  SessionOptions session_options() const override;
  void tell(const SessionEvent& event) override;
  void tell_settled(Request request, bool has_heard) override;
  void tell_error(Closing& closing) override;
  Closing closing_for(Ending ending) const override;
  void finish_audio(std::vector<float>& samples) override { decoder_.finish(samples); }

  void tell_words(const SessionEvent& event);
  /// Tells the end of the words so far if nothing followed them for long enough.
  void look_for_utterance_end();

  const DeepgramLive live_;
  MonoDecoder decoder_;
  bool is_finalizing_ = false;  ///< a final that comes now was asked for
  /// The end of the last word, until it is told as the end of an utterance.
  std::optional<double> last_word_end_s_;
};

/// The protocol in the table of protocols: /v1/listen.
Protocol deepgram_protocol();

}  // namespace harpy

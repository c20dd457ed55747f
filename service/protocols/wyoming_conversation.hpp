#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/protocols/mono_decoder.hpp"
#include "service/protocols/protocol.hpp"
#include "service/protocols/stream_conversation.hpp"
#include "service/protocols/wyoming.hpp"

namespace harpy {

struct WyomingOptions {
  ServedModel model;
  EndpointTimes endpoint_times = {};
  StreamLimits limits = {};
};

/// A conversation in the Wyoming protocol (docs/protocols.md), which Home Assistant speaks. A
/// client may have several recordings transcribed, one after another; of each the utterances are
/// told as they are settled, then all of them.
class WyomingConversation : public StreamConversation {
 public:
  WyomingConversation(Line& line, OpenSession open, const WyomingOptions& options);

 private:
  /// TCP has no texts.
  void hear_text(std::string_view) override {}
  void hear_bytes(std::span<const std::byte> bytes) override;
  /// Events that came while the conversation could not listen.
  void resume() override;
  SessionOptions session_options() const override;
  void tell(const SessionEvent& event) override;
  void tell_settled(Request request, bool has_heard) override;
  void tell_error(Closing& closing) override;
  void finish_audio(std::vector<float>& samples) override { decoder_.finish(samples); }

  void hear_events();
  void hear(const WyomingEvent& event);
  void hear_audio(const WyomingEvent& event);
  void send(std::string_view type, const boost::json::object& data = {});

  const WyomingOptions options_;
  WyomingReader reader_{WyomingLimits{}};
  PcmFormat format_;
  MonoDecoder decoder_{format_};
  bool is_hearing_ = false;  ///< goes through the events that have come
  bool is_open_ = false;     ///< a recording has begun and is not answered yet
  std::string text_;         ///< of its settled utterances
};

/// The protocol in the table of protocols: plain TCP.
Protocol wyoming_protocol();

}  // namespace harpy
